"""What learners get wrong in exercise 15: each cell is one wrong attempt, written as what differs from its base.

`dlex author mistake 15 ID` prints the whole attempt; `dlex author mistake --help` tells how a cell is written.
"""

# base: plain

# %% buffers_lost: Only the parameters are copied: the running mean and variance of batch normalisation are lost.
def snapshot(model):
    return {name: p.detach().clone() for name, p in model.named_parameters()}

# %% buffers_lost__in_file: Only the parameters are saved, and copied back one by one.
def save_checkpoint(path, model, optimizer, epoch):
    checkpoint = {
        "model": dict(model.named_parameters()),
        "optimizer": optimizer.state_dict(),
        "epoch": epoch,
        "random": torch.get_rng_state(),
    }
    torch.save(checkpoint, path + ".tmp")
    os.replace(path + ".tmp", path)


def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu")
    for name, p in model.named_parameters():
        p.data.copy_(checkpoint["model"][name])
    optimizer.load_state_dict(checkpoint["optimizer"])
    torch.set_rng_state(checkpoint["random"])
    return checkpoint["epoch"]

# %% by_reference: The state dict itself is returned: its tensors are the model's own.
def snapshot(model):
    return model.state_dict()

# %% by_reference__detached: detach cuts the graph, but the values stay shared with the model.
def snapshot(model):
    return {name: p.detach() for name, p in model.state_dict().items()}

# %% by_reference__shallow: A shallow copy: a new dict that holds the same tensors.
def snapshot(model):
    return dict(model.state_dict())

# %% epoch_off_by_one: The next epoch is returned instead of the saved one.
def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu")
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    torch.set_rng_state(checkpoint["random"])
    return checkpoint["epoch"] + 1


def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 1
    if os.path.exists(path):
        start = load_checkpoint(path, model, optimizer)
    losses = []
    model.train()
    for epoch in range(start, epochs + 1):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", loss, epoch)
        save_checkpoint(path, model, optimizer, epoch)
    return losses

# %% epoch_off_by_one__saved: One is added when saving, because the loop counts from 0.
def save_checkpoint(path, model, optimizer, epoch):
    checkpoint = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "epoch": epoch + 1,
        "random": torch.get_rng_state(),
    }
    torch.save(checkpoint, path + ".tmp")
    os.replace(path + ".tmp", path)


def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    if os.path.exists(path):
        start = load_checkpoint(path, model, optimizer)
    losses = []
    model.train()
    for epoch in range(start, epochs):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", loss, epoch + 1)
        save_checkpoint(path, model, optimizer, epoch)
    return losses

# %% epoch_repeated: The loop counts from 0 and saves its index, so the last epoch is trained twice.
def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    if os.path.exists(path):
        start = load_checkpoint(path, model, optimizer)
    losses = []
    model.train()
    for epoch in range(start, epochs):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", loss, epoch + 1)
        save_checkpoint(path, model, optimizer, epoch)
    return losses

# %% epoch_skipped: One is added when saving and once more when going on.
def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    if os.path.exists(path):
        start = load_checkpoint(path, model, optimizer)
    losses = []
    model.train()
    for epoch in range(start + 1, epochs + 1):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", loss, epoch)
        save_checkpoint(path, model, optimizer, epoch + 1)
    return losses

# %% epochs_miscounted: The range ends before `epochs`.
def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    if os.path.exists(path):
        start = load_checkpoint(path, model, optimizer)
    losses = []
    model.train()
    for epoch in range(start + 1, epochs):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", loss, epoch)
        save_checkpoint(path, model, optimizer, epoch)
    return losses

# %% epochs_miscounted__returns_inside: return stands inside the loop, which ends after one epoch.
def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    if os.path.exists(path):
        start = load_checkpoint(path, model, optimizer)
    losses = []
    model.train()
    for epoch in range(start + 1, epochs + 1):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", loss, epoch)
        save_checkpoint(path, model, optimizer, epoch)
        return losses

# %% epochs_not_total: `epochs` more are trained after each break.
def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    if os.path.exists(path):
        start = load_checkpoint(path, model, optimizer)
    losses = []
    model.train()
    for epoch in range(start + 1, start + epochs + 1):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", loss, epoch)
        save_checkpoint(path, model, optimizer, epoch)
    return losses

# %% epochs_not_total__from_one: The checkpoint is loaded, but the loop begins at 1 all the same.
def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    if os.path.exists(path):
        start = load_checkpoint(path, model, optimizer)
    losses = []
    model.train()
    for epoch in range(1, epochs + 1):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", loss, epoch)
        save_checkpoint(path, model, optimizer, epoch)
    return losses

# %% first_run_loads: Nobody looks whether there is a checkpoint at all.
def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = load_checkpoint(path, model, optimizer)
    losses = []
    model.train()
    for epoch in range(start + 1, epochs + 1):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", loss, epoch)
        save_checkpoint(path, model, optimizer, epoch)
    return losses

# %% hides_failure: Whatever goes wrong is printed and forgotten.
def save_checkpoint(path, model, optimizer, epoch):
    checkpoint = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "epoch": epoch,
        "random": torch.get_rng_state(),
    }
    try:
        torch.save(checkpoint, path + ".tmp")
        os.replace(path + ".tmp", path)
    except Exception as error:
        print("could not save:", error)

# %% hides_missing_keys: strict=False makes the error message go away, and the model keeps its random weights.
def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu")
    model.load_state_dict(checkpoint["model"], strict=False)
    optimizer.load_state_dict(checkpoint["optimizer"])
    torch.set_rng_state(checkpoint["random"])
    return checkpoint["epoch"]

# %% learning_rate_lost: The first learning rate is set again after loading, so the schedule is forgotten.
def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu")
    model.load_state_dict(checkpoint["model"])
    lr = optimizer.param_groups[0]["lr"]
    optimizer.load_state_dict(checkpoint["optimizer"])
    for group in optimizer.param_groups:
        group["lr"] = lr
    torch.set_rng_state(checkpoint["random"])
    return checkpoint["epoch"]

# %% left_in_eval: The mode is never set, so a model that comes from an evaluation is trained in eval mode.
def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    if os.path.exists(path):
        start = load_checkpoint(path, model, optimizer)
    losses = []
    for epoch in range(start + 1, epochs + 1):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", loss, epoch)
        save_checkpoint(path, model, optimizer, epoch)
    return losses

# %% left_in_eval__loading: The model is put into eval mode after loading, as for a prediction, and stays there.
def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    if os.path.exists(path):
        start = load_checkpoint(path, model, optimizer)
    losses = []
    model.eval()
    for epoch in range(start + 1, epochs + 1):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", loss, epoch)
        save_checkpoint(path, model, optimizer, epoch)
    return losses

# %% log_arguments: The step and the value stand in each other's place.
def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    if os.path.exists(path):
        start = load_checkpoint(path, model, optimizer)
    losses = []
    model.train()
    for epoch in range(start + 1, epochs + 1):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", epoch, loss)
        save_checkpoint(path, model, optimizer, epoch)
    return losses

# %% log_arguments__without_tag: The tag is left out.
def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    if os.path.exists(path):
        start = load_checkpoint(path, model, optimizer)
    losses = []
    model.train()
    for epoch in range(start + 1, epochs + 1):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar(loss, epoch)
        save_checkpoint(path, model, optimizer, epoch)
    return losses

# %% log_step_off_by_one: The first epoch is logged as step 0.
def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    if os.path.exists(path):
        start = load_checkpoint(path, model, optimizer)
    losses = []
    model.train()
    for epoch in range(start + 1, epochs + 1):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", loss, epoch - 1)
        save_checkpoint(path, model, optimizer, epoch)
    return losses

# %% log_step_restarts: The step is counted in this run alone, so the curve begins at 1 again.
def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    if os.path.exists(path):
        start = load_checkpoint(path, model, optimizer)
    losses = []
    model.train()
    for epoch in range(start + 1, epochs + 1):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", loss, len(losses))
        save_checkpoint(path, model, optimizer, epoch)
    return losses

# %% model_not_loaded: The loaded state goes into a copy of the model, which is thrown away.
def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu")
    model = copy.deepcopy(model)
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    torch.set_rng_state(checkpoint["random"])
    return checkpoint["epoch"]

# %% model_not_loaded__state_dict_assigned: The state dict is read and never loaded.
def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu")
    model_state = model.state_dict()
    model_state.update(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    torch.set_rng_state(checkpoint["random"])
    return checkpoint["epoch"]

# %% no_map_location: Without map_location the tensors go back to the GPU from which they came.
def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path)
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    torch.set_rng_state(checkpoint["random"])
    return checkpoint["epoch"]

# %% not_logged: The writer is taken and never used.
def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    if os.path.exists(path):
        start = load_checkpoint(path, model, optimizer)
    losses = []
    model.train()
    for epoch in range(start + 1, epochs + 1):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        save_checkpoint(path, model, optimizer, epoch)
    return losses

# %% not_plain: NumPy's random state holds an array, which weights_only=True refuses.
import numpy as np

def save_checkpoint(path, model, optimizer, epoch):
    checkpoint = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "epoch": epoch,
        "random": torch.get_rng_state(),
        "numpy": np.random.get_state(),
    }
    torch.save(checkpoint, path + ".tmp")
    os.replace(path + ".tmp", path)


def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu", weights_only=False)
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    torch.set_rng_state(checkpoint["random"])
    return checkpoint["epoch"]

# %% nothing_at_path: The finished file is never moved to its place.
def save_checkpoint(path, model, optimizer, epoch):
    checkpoint = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "epoch": epoch,
        "random": torch.get_rng_state(),
    }
    torch.save(checkpoint, path + ".tmp")


def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path + ".tmp", map_location="cpu")
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    torch.set_rng_state(checkpoint["random"])
    return checkpoint["epoch"]


def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    if os.path.exists(path + ".tmp"):
        start = load_checkpoint(path, model, optimizer)
    losses = []
    model.train()
    for epoch in range(start + 1, epochs + 1):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", loss, epoch)
        save_checkpoint(path, model, optimizer, epoch)
    return losses

# %% nothing_at_path__epoch_in_name: Each epoch gets a file of its own, and none lies at `path`.
def save_checkpoint(path, model, optimizer, epoch):
    checkpoint = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch}
    torch.save(checkpoint, f"{path}_{epoch}")

# %% numbers_restart: After a break the epochs are counted from 1, and saved so.
def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    done = 0
    if os.path.exists(path):
        done = load_checkpoint(path, model, optimizer)
    losses = []
    model.train()
    for epoch in range(1, epochs - done + 1):
        losses.append(train_epoch(model, loader, criterion, optimizer))
        if writer is not None:
            writer.add_scalar("loss", losses[-1], done + epoch)
        save_checkpoint(path, model, optimizer, epoch)
    return losses

# %% optimizer_not_loaded: The state is loaded into a new optimizer, which nobody else ever sees.
def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu")
    model.load_state_dict(checkpoint["model"])
    optimizer = type(optimizer)(model.parameters(), lr=0.01)
    optimizer.load_state_dict(checkpoint["optimizer"])
    torch.set_rng_state(checkpoint["random"])
    return checkpoint["epoch"]

# %% optimizer_not_loaded__forgotten: The optimizer's state is saved, and forgotten when loading.
def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu")
    model.load_state_dict(checkpoint["model"])
    torch.set_rng_state(checkpoint["random"])
    return checkpoint["epoch"]

# %% optimizer_not_saved: Only the model is saved: the momentum begins at zero again.
def save_checkpoint(path, model, optimizer, epoch):
    checkpoint = {
        "model": model.state_dict(),
        "epoch": epoch,
        "random": torch.get_rng_state(),
    }
    torch.save(checkpoint, path + ".tmp")
    os.replace(path + ".tmp", path)


def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu")
    model.load_state_dict(checkpoint["model"])
    torch.set_rng_state(checkpoint["random"])
    return checkpoint["epoch"]

# %% optimizer_not_saved__rate_only: Of the optimizer only the learning rate is saved.
def save_checkpoint(path, model, optimizer, epoch):
    checkpoint = {
        "model": model.state_dict(),
        "optimizer": optimizer.param_groups[0]["lr"],
        "epoch": epoch,
        "random": torch.get_rng_state(),
    }
    torch.save(checkpoint, path + ".tmp")
    os.replace(path + ".tmp", path)


def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu")
    model.load_state_dict(checkpoint["model"])
    optimizer.param_groups[0]["lr"] = checkpoint["optimizer"]
    torch.set_rng_state(checkpoint["random"])
    return checkpoint["epoch"]

# %% overwrites_last_good: The new checkpoint is written over the old one; if that fails, both are lost.
def save_checkpoint(path, model, optimizer, epoch):
    checkpoint = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "epoch": epoch,
        "random": torch.get_rng_state(),
    }
    torch.save(checkpoint, path)

# %% overwrites_last_good__removed: The old checkpoint is removed before the new one is there.
def save_checkpoint(path, model, optimizer, epoch):
    checkpoint = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "epoch": epoch,
        "random": torch.get_rng_state(),
    }
    if os.path.exists(path):
        os.remove(path)
    torch.save(checkpoint, path + ".tmp")
    os.replace(path + ".tmp", path)

# %% random_not_loaded: The random state is saved, and forgotten when loading.
def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu")
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    return checkpoint["epoch"]

# %% random_not_loaded__moved_on: A number is drawn to look at the restored state, then the state before it is put back.
def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu")
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    before = torch.get_rng_state()
    torch.set_rng_state(checkpoint["random"])
    print("next random number:", torch.rand(1).item())
    torch.set_rng_state(before)
    return checkpoint["epoch"]

# %% random_not_saved: The random state is left out: shuffling and dropout go another way after the break.
def save_checkpoint(path, model, optimizer, epoch):
    checkpoint = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "epoch": epoch,
    }
    torch.save(checkpoint, path + ".tmp")
    os.replace(path + ".tmp", path)


def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu")
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    return checkpoint["epoch"]

# %% random_not_saved__pythons: The state of Python's own random numbers is saved, which torch does not use.
import random

def save_checkpoint(path, model, optimizer, epoch):
    checkpoint = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "epoch": epoch,
        "random": random.getstate(),
    }
    torch.save(checkpoint, path + ".tmp")
    os.replace(path + ".tmp", path)


def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu")
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    random.setstate(checkpoint["random"])
    return checkpoint["epoch"]

# %% reseeds: train sets a seed to be reproducible, in every run anew.
def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    torch.manual_seed(42)
    start = 0
    if os.path.exists(path):
        start = load_checkpoint(path, model, optimizer)
    losses = []
    model.train()
    for epoch in range(start + 1, epochs + 1):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", loss, epoch)
        save_checkpoint(path, model, optimizer, epoch)
    return losses

# %% reseeds__after_loading: train sets a seed after loading, which throws the restored state away.
def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    if os.path.exists(path):
        start = load_checkpoint(path, model, optimizer)
    torch.manual_seed(0)
    losses = []
    model.train()
    for epoch in range(start + 1, epochs + 1):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", loss, epoch)
        save_checkpoint(path, model, optimizer, epoch)
    return losses

# %% returns_other: All three are returned, as many scripts do.
def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu")
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    torch.set_rng_state(checkpoint["random"])
    return model, optimizer, checkpoint["epoch"]


def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    if os.path.exists(path):
        model, optimizer, start = load_checkpoint(path, model, optimizer)
    losses = []
    model.train()
    for epoch in range(start + 1, epochs + 1):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", loss, epoch)
        save_checkpoint(path, model, optimizer, epoch)
    return losses

# %% returns_other__checkpoint: The whole checkpoint is returned.
def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu")
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    torch.set_rng_state(checkpoint["random"])
    return checkpoint


def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    if os.path.exists(path):
        start = load_checkpoint(path, model, optimizer)["epoch"]
    losses = []
    model.train()
    for epoch in range(start + 1, epochs + 1):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", loss, epoch)
        save_checkpoint(path, model, optimizer, epoch)
    return losses

# %% returns_other__nothing: The epoch is read and not returned.
def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu")
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    torch.set_rng_state(checkpoint["random"])
    epoch = checkpoint["epoch"]
    print("going on after epoch", epoch)


def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    if os.path.exists(path):
        load_checkpoint(path, model, optimizer)
        start = torch.load(path)["epoch"]
    losses = []
    model.train()
    for epoch in range(start + 1, epochs + 1):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", loss, epoch)
        save_checkpoint(path, model, optimizer, epoch)
    return losses

# %% saved_only_at_end: The checkpoint is saved once, after the loop: a break loses all epochs of this run.
def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    if os.path.exists(path):
        start = load_checkpoint(path, model, optimizer)
    losses = []
    model.train()
    for epoch in range(start + 1, epochs + 1):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", loss, epoch)
    save_checkpoint(path, model, optimizer, epochs)
    return losses

# %% saved_too_early: The checkpoint is saved before its epoch is trained.
def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    if os.path.exists(path):
        start = load_checkpoint(path, model, optimizer)
    losses = []
    model.train()
    for epoch in range(start + 1, epochs + 1):
        save_checkpoint(path, model, optimizer, epoch)
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", loss, epoch)
    return losses

# %% saved_too_early__twice: The checkpoint is saved when an epoch begins, and again when it ends.
def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    if os.path.exists(path):
        start = load_checkpoint(path, model, optimizer)
    losses = []
    model.train()
    for epoch in range(start + 1, epochs + 1):
        save_checkpoint(path, model, optimizer, epoch)
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", loss, epoch)
        save_checkpoint(path, model, optimizer, epoch)
    return losses

# %% seed_not_state: The seed is saved, so that the random numbers begin anew.
def save_checkpoint(path, model, optimizer, epoch):
    checkpoint = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "epoch": epoch,
        "random": torch.initial_seed(),
    }
    torch.save(checkpoint, path + ".tmp")
    os.replace(path + ".tmp", path)


def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu")
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    torch.manual_seed(checkpoint["random"])
    return checkpoint["epoch"]

# %% starts_again: The checkpoint is saved, but train never looks for it.
def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    losses = []
    model.train()
    for epoch in range(start + 1, epochs + 1):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        if writer is not None:
            writer.add_scalar("loss", loss, epoch)
        save_checkpoint(path, model, optimizer, epoch)
    return losses

# %% unsafe_load: weights_only=False, copied from an answer in a forum.
def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu", weights_only=False)
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    torch.set_rng_state(checkpoint["random"])
    return checkpoint["epoch"]

# %% whole_object: The model is saved as an object, which pickle takes apart and which needs the class again.
def save_checkpoint(path, model, optimizer, epoch):
    checkpoint = {
        "model": model,
        "optimizer": optimizer.state_dict(),
        "epoch": epoch,
        "random": torch.get_rng_state(),
    }
    torch.save(checkpoint, path + ".tmp")
    os.replace(path + ".tmp", path)


def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu", weights_only=False)
    model.load_state_dict(checkpoint["model"].state_dict())
    optimizer.load_state_dict(checkpoint["optimizer"])
    torch.set_rng_state(checkpoint["random"])
    return checkpoint["epoch"]

# %% whole_object__both: Model and optimizer are saved as objects, which torch.load refuses by default.
def save_checkpoint(path, model, optimizer, epoch):
    checkpoint = {
        "model": model,
        "optimizer": optimizer,
        "epoch": epoch,
        "random": torch.get_rng_state(),
    }
    torch.save(checkpoint, path + ".tmp")
    os.replace(path + ".tmp", path)


def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu")
    model.load_state_dict(checkpoint["model"].state_dict())
    optimizer.load_state_dict(checkpoint["optimizer"].state_dict())
    torch.set_rng_state(checkpoint["random"])
    return checkpoint["epoch"]

# %% writer_required: The writer is used without asking whether there is one.
def train(model, loader, criterion, optimizer, epochs, path, writer=None):
    start = 0
    if os.path.exists(path):
        start = load_checkpoint(path, model, optimizer)
    losses = []
    model.train()
    for epoch in range(start + 1, epochs + 1):
        loss = train_epoch(model, loader, criterion, optimizer)
        losses.append(loss)
        writer.add_scalar("loss", loss, epoch)
        save_checkpoint(path, model, optimizer, epoch)
    return losses

# %% wrong_part: The model and the optimizer get each other's state.
def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu")
    model.load_state_dict(checkpoint["optimizer"])
    optimizer.load_state_dict(checkpoint["model"])
    torch.set_rng_state(checkpoint["random"])
    return checkpoint["epoch"]

# %% wrong_part__not_saved: The random state is asked for when loading, but was never saved.
def save_checkpoint(path, model, optimizer, epoch):
    checkpoint = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "epoch": epoch,
    }
    torch.save(checkpoint, path + ".tmp")
    os.replace(path + ".tmp", path)

# %% wrong_part__same_key: Two things under one name: the optimizer's state replaces the model's.
def save_checkpoint(path, model, optimizer, epoch):
    checkpoint = {
        "state_dict": model.state_dict(),
        "state_dict": optimizer.state_dict(),
        "epoch": epoch,
        "random": torch.get_rng_state(),
    }
    torch.save(checkpoint, path + ".tmp")
    os.replace(path + ".tmp", path)


def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu")
    model.load_state_dict(checkpoint["state_dict"])
    optimizer.load_state_dict(checkpoint["state_dict"])
    torch.set_rng_state(checkpoint["random"])
    return checkpoint["epoch"]

# %% wrong_part__whole: The model gets the whole checkpoint instead of its own part.
def load_checkpoint(path, model, optimizer):
    checkpoint = torch.load(path, map_location="cpu")
    model.load_state_dict(checkpoint)
    optimizer.load_state_dict(checkpoint["optimizer"])
    torch.set_rng_state(checkpoint["random"])
    return checkpoint["epoch"]
