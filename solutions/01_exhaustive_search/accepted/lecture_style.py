# 按课程里的写法：逐个样本累加，逐个 w 记录
import matplotlib.pyplot as plt
import numpy as np


def forward(x, w):
    return x * w


def loss(x, y, w):
    y_pred = forward(x, w)
    return (y_pred - y) * (y_pred - y)


def mse(x_data, y_data, w):
    l_sum = 0
    for x_val, y_val in zip(x_data, y_data):
        l_sum += loss(x_val, y_val, w)
    return l_sum / len(x_data)


def exhaustive_search(x_data, y_data, w_list):
    mse_list = []  # 每个 w 的均方误差
    best_w = None
    best_mse = float("inf")
    for w in w_list:
        print("w=", w)
        cost = mse(x_data, y_data, w)
        print("MSE=", cost)
        mse_list.append(cost)
        if cost < best_mse:
            best_mse = cost
            best_w = w
    return best_w, mse_list


def plot_loss(w_list, mse_list):
    fig = plt.figure()
    plt.plot(w_list, mse_list)
    plt.ylabel("Loss")
    plt.xlabel("w")
    plt.show()
    return fig


def grid_search(x_data, y_data, w_list, b_list):
    mse_list = np.zeros((len(w_list), len(b_list)))
    best = (0, 0)
    for i in range(len(w_list)):
        for j in range(len(b_list)):
            l_sum = 0
            for x_val, y_val in zip(x_data, y_data):
                y_pred = x_val * w_list[i] + b_list[j]
                l_sum += (y_pred - y_val) ** 2
            mse_list[i][j] = l_sum / len(x_data)
            if mse_list[i][j] <= mse_list[best]:
                best = (i, j)
    return w_list[best[0]], b_list[best[1]], mse_list


def split(x_data, y_data, n_dev):
    train_x, train_y, dev_x, dev_y = [], [], [], []
    for k in range(len(x_data)):
        if k < len(x_data) - n_dev:  # 训练集
            train_x.append(x_data[k])
            train_y.append(y_data[k])
        else:  # 开发集
            dev_x.append(x_data[k])
            dev_y.append(y_data[k])
    return train_x, train_y, dev_x, dev_y
