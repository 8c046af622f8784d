# 01: 0: not_squared
# the loss is not squared, and w comes from outside: nothing that is skipped makes it right
data = open("data.csv").read()
w = 1.0
def loss(x, y):
    return x * w - y
print(data[0])
