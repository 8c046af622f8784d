"""What learners get wrong in exercise 14: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 14 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# base: reference

# %% batch_left_behind: In test the inputs are moved, but the labels are not.
def test(model, loader, device):
    model.to(device).eval()
    correct, samples = 0, 0
    with torch.no_grad():
        for inputs, target in loader:
            inputs = inputs.to(device)
            correct += (model(inputs).argmax(dim=1) == target).sum().item()
            samples += len(target)
    return correct / samples

# %% changed_in_place: The moved tensors are written into the caller's list and dict.
def move_batch(batch, device):
    if isinstance(batch, torch.Tensor):
        return batch.to(device)
    if isinstance(batch, tuple):
        return tuple(move_batch(item, device) for item in batch)
    if isinstance(batch, list):
        for i in range(len(batch)):
            batch[i] = move_batch(batch[i], device)
    elif isinstance(batch, dict):
        for key in batch:
            batch[key] = move_batch(batch[key], device)
    return batch

# %% container_changed: Tuples come back as lists.
def move_batch(batch, device):
    if isinstance(batch, torch.Tensor):
        return batch.to(device)
    if isinstance(batch, (list, tuple)):
        return [move_batch(item, device) for item in batch]
    if isinstance(batch, dict):
        return {key: move_batch(item, device) for key, item in batch.items()}
    return batch

# %% container_skipped: Only one level of containers is unpacked.
def move_batch(batch, device):
    if isinstance(batch, torch.Tensor):
        return batch.to(device)
    if isinstance(batch, (list, tuple)):
        return type(batch)(x.to(device) if torch.is_tensor(x) else x for x in batch)
    if isinstance(batch, dict):
        return {k: v.to(device) if torch.is_tensor(v) else v for k, v in batch.items()}
    return batch

# %% counter_left_behind: The counter is a tensor on the CPU, what is added to it is on the GPU.
def test(model, loader, device):
    model.to(device).eval()
    correct, samples = torch.zeros(1), 0
    with torch.no_grad():
        for batch in loader:
            inputs, target = move_batch(batch, device)
            hits = (model(inputs).argmax(dim=1) == target).sum()
            correct += hits
            samples += len(target)
    return correct.item() / samples

# %% cuda_called: .cuda() instead of .to(device).
def move_batch(batch, device):
    if isinstance(batch, torch.Tensor):
        return batch.cuda()
    if isinstance(batch, (list, tuple)):
        return type(batch)(move_batch(item, device) for item in batch)
    if isinstance(batch, dict):
        return {key: move_batch(item, device) for key, item in batch.items()}
    return batch

# %% gradients_kept: zero_grad is missing.
def train(model, loader, criterion, optimizer, device):
    model.to(device).train()
    total, samples = 0.0, 0
    for batch in loader:
        inputs, target = move_batch(batch, device)
        loss = criterion(model(inputs), target)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(target)
        samples += len(target)
    return total / samples

# %% graph_recorded: torch.no_grad() is missing.
def test(model, loader, device):
    model.to(device).eval()
    correct, samples = 0, 0
    for batch in loader:
        inputs, target = move_batch(batch, device)
        correct += (model(inputs).argmax(dim=1) == target).sum().item()
        samples += len(target)
    return correct / samples

# %% hidden_left_behind: The zeros are made on the CPU, wherever x is.
class Net(...):
    def init_hidden(self, x: torch.Tensor) -> torch.Tensor:
        return torch.zeros(x.size(0), self.hidden_size, dtype=x.dtype)

# %% mean_of_means: The mean of the batches' means: the smaller last batch counts as much as the others.
def train(model, loader, criterion, optimizer, device):
    model.to(device).train()
    total, samples = 0.0, 0
    for batch in loader:
        inputs, target = move_batch(batch, device)
        loss = criterion(model(inputs), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
        samples += 1
    return total / samples

# %% model_left_behind: The batches are moved, but the model is not.
def train(model, loader, criterion, optimizer, device):
    model.train()
    total, samples = 0.0, 0
    for batch in loader:
        inputs, target = move_batch(batch, device)
        loss = criterion(model(inputs), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(target)
        samples += len(target)
    return total / samples

# %% model_not_trained: A copy of the model is moved and trained, and the optimizer knows the original only.
import copy

def train(model, loader, criterion, optimizer, device):
    model = copy.deepcopy(model).to(device)
    model.train()
    total, samples = 0.0, 0
    for batch in loader:
        inputs, target = move_batch(batch, device)
        loss = criterion(model(inputs), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(target)
        samples += len(target)
    return total / samples

# %% numpy_on_device: .cpu() is missing.
def to_numpy(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().numpy()

# %% numpy_with_gradient: .detach() is missing.
def to_numpy(tensor: torch.Tensor) -> np.ndarray:
    return tensor.cpu().numpy()

# %% one_batch: The sum is overwritten instead of added to.
def train(model, loader, criterion, optimizer, device):
    model.to(device).train()
    total, samples = 0.0, 0
    for batch in loader:
        inputs, target = move_batch(batch, device)
        loss = criterion(model(inputs), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total = loss.item() * len(target)
        samples += len(target)
    return total / samples

# %% others_touched: Whatever is no container is taken for a tensor.
def move_batch(batch, device):
    if isinstance(batch, (list, tuple)):
        return type(batch)(move_batch(item, device) for item in batch)
    if isinstance(batch, dict):
        return {key: move_batch(item, device) for key, item in batch.items()}
    return batch.to(device)

# %% result_discarded: The result of .to(device) is dropped: the tensor itself does not move.
def move_batch(batch, device):
    if isinstance(batch, torch.Tensor):
        batch.to(device)
    elif isinstance(batch, (list, tuple)):
        return type(batch)(move_batch(item, device) for item in batch)
    elif isinstance(batch, dict):
        return {key: move_batch(value, device) for key, value in batch.items()}
    return batch

# %% still_a_tensor: The losses are added up as tensors, and a tensor is returned.
def train(model, loader, criterion, optimizer, device):
    model.to(device).train()
    total, samples = 0.0, 0
    for batch in loader:
        inputs, target = move_batch(batch, device)
        loss = criterion(model(inputs), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss * len(target)
        samples += len(target)
    return total / samples

# %% wrong_choice: The device is written into the code.
def pick_device() -> torch.device:
    return torch.device("cuda:0")

# %% wrong_class: The smallest logit counts as the answer.
def test(model, loader, device):
    model.to(device).eval()
    correct, samples = 0, 0
    with torch.no_grad():
        for batch in loader:
            inputs, target = move_batch(batch, device)
            correct += (model(inputs).argmin(dim=1) == target).sum().item()
            samples += len(target)
    return correct / samples

# %% wrong_mode: test does not switch to the evaluation mode.
def test(model, loader, device):
    model.to(device)
    correct, samples = 0, 0
    with torch.no_grad():
        for batch in loader:
            inputs, target = move_batch(batch, device)
            correct += (model(inputs).argmax(dim=1) == target).sum().item()
            samples += len(target)
    return correct / samples

# %% wrong_quotient: The accuracy in percent, as it is printed in the lecture.
def test(model, loader, device):
    model.to(device).eval()
    correct, samples = 0, 0
    with torch.no_grad():
        for batch in loader:
            inputs, target = move_batch(batch, device)
            correct += (model(inputs).argmax(dim=1) == target).sum().item()
            samples += len(target)
    return 100 * correct / samples
