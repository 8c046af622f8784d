# 25: 9: same_noise
# 课堂笔记：噪声那一行没有抄全，补成了一个数
import random
import torch

def synthetic_data(w,b,num_example):
  x=torch.normal(0,1,(num_example,len(w)))#均值为0 方差为1 的随机数
  y=torch.matmul(x,w)+b
  y+=torch.normal(0,0.01,(1,))
  return x,y.reshape((-1,1))
true_w=torch.tensor([2,-3.4])
true_b=4.2
featurs,lables=synthetic_data(true_w,true_b,1000)#用实际的结果生成验证和标注

def data_iter(batch_size,features,labels):
    num_examples=len(features)
    indices=list(range(num_examples))
    random.shuffle(indices)
    for i in range(0,num_examples,batch_size):
        batch_indices=torch.tensor(indices[i:min(i+batch_size,num_examples)])
        yield features[batch_indices],labels[batch_indices]

w=torch.normal(0,0.01,size=(2,1),requires_grad=True)
b=torch.zeros(1,requires_grad=True)
def linreg(x,w,b):
    return torch.matmul(x,w)+b
def squared_loss(y_hat,y):
    return(y_hat-y.reshape(y_hat.shape))**2/2
def sgd(params,lr,batch_size):
    with torch.no_grad():
        for param in params:
            param-=lr*param.grad/batch_size
            param.grad.zero_()

lr=0.03
num_epochs=3
net=linreg
loss=squared_loss
batch_size=10
for epoch in range(num_epochs):
    for x,y in data_iter(batch_size,featurs,lables):
        l=loss(net(x,w,b),y)
        l.sum().backward()
        sgd([w,b],lr,batch_size)
