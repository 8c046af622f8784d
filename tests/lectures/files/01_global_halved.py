# 01: 1: halved
w = 1.0
def forward(x):
    return w * x
def loss(x, y):
    return (forward(x) - y) ** 2 / 2
