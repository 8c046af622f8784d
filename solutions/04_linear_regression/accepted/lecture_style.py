# 按课程讲义的写法：准备数据、设计模型、构造损失函数和优化器、训练周期
import torch
from torch.autograd import Variable

# 1. 准备数据集
x_data = torch.Tensor([[1.0], [2.0], [3.0]])
y_data = torch.Tensor([[2.0], [4.0], [6.0]])


# 2. 设计模型
class LinearModel(torch.nn.Module):
    def __init__(self):
        super(LinearModel, self).__init__()
        # (1, 1) 是指输入 x 和输出 y 的特征维度
        self.linear = torch.nn.Linear(1, 1)

    def forward(self, x):
        y_pred = self.linear(x.view(-1, 1))
        return y_pred


def train(model, x, y, epochs, lr):
    # 3. 构造损失函数和优化器
    criterion = torch.nn.MSELoss(size_average=False)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)

    # 4. 训练周期：前馈、反馈、更新
    l_list = []
    for epoch in range(epochs):
        y_pred = model.forward(Variable(x))
        loss = criterion(y_pred, Variable(y))
        l_list.append(loss.data.item())
        print(epoch, loss.item())

        optimizer.zero_grad()  # 梯度清零
        loss.backward()  # 反向传播
        optimizer.step()  # 更新权重
    return l_list


def predict(model, x):
    y_test = model(x)
    return y_test.data


if __name__ == "__main__":
    model = LinearModel()
    train(model, x_data, y_data, 1000, 0.01)
    print("w = ", model.linear.weight.item())
    print("b = ", model.linear.bias.item())
    x_test = torch.Tensor([[4.0]])
    print("y_pred = ", predict(model, x_test))
