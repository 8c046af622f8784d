# 02: 2
# 随机梯度下降：另一种写法
x_data = [1.0, 2.0, 3.0]
y_data = [2.0, 4.0, 6.0]
w = 1.0
cost_list = []
def cost(xs, ys):
    total = 0
    for x, y in zip(xs, ys):
        total = total + (x * w - y) ** 2
    return total / len(xs)
def gradient(xs, ys):
    return sum(2 * x * (x * w - y) for x, y in zip(xs, ys)) / len(xs)
print('Predict (before training)', 4, 4 * w)
for epoch in range(100):
    cost_val = cost(x_data, y_data)
    grad_val = gradient(x_data, y_data)
    w = w - 0.01 * grad_val
    cost_list.append(cost_val)
print('Predict (after training)', 4, 4 * w)
