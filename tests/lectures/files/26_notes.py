# 26: 9.5: graph_recorded
# 课堂笔记整理后的版本：评估时没有 no_grad（书的第一版也没有）
import torch
import numpy as np
from torch.utils import data

num_inputs=784
num_outputs=10
W=torch.normal(0,0.01,size=(num_inputs,num_outputs),requires_grad=True)#向量
b=torch.zeros(num_outputs,requires_grad=True)#向量
def softmax(x):
    X_exp=torch.exp(x)
    partition=X_exp.sum(1,keepdim=True)#每一行进行来求和
    return X_exp/partition#运用了广播

def net(X):
    return softmax(torch.matmul(X.reshape(-1,W.shape[0]),W)+b)

def cross_entropy(y_hat,y):
    return -torch.log(y_hat[range(len(y_hat)),y])
def accuracy(y_hat,y):
    if(len(y_hat.shape)>1 and y_hat.shape[1]>1):
        y_hat=y_hat.argmax(axis=1)
    cmp=y_hat.type(y.dtype)==y
    return float(cmp.type(y.dtype).sum())
class Accumulator:
    def __init__(self,n):
        self.data=[0.0]*n
    def add(self,*args):
        self.data=[a+float(b) for a,b in zip(self.data,args)]
    def reset(self):
        self.data=[0.0]*len(self.data)
    def __getitem__(self,idx):
        return self.data[idx]
def evaluate_accuracy(net,data_iter):
    if isinstance(net,torch.nn.Module):
        net.eval()#评估模式
    metric=Accumulator(2)
    for X,y in data_iter:
        metric.add(accuracy(net(X),y),y.numel())
    return metric[0]/metric[1]

def train_epoch_ch3(net,train_iter,loss,updater):
    if(isinstance(net,torch.nn.Module)):
        net.train()
    metric=Accumulator(3)
    for X,y in train_iter:
        y_hat=net(X)
        l=loss(y_hat,y)
        if(isinstance(updater,torch.optim.Optimizer)):
            updater.zero_grad()
            l.mean().backward()
            updater.step()
        else:
            l.sum().backward()
            updater(X.shape[0])
        metric.add(float(l.sum()),accuracy(y_hat,y),y.numel())
    return metric[0]/metric[2],metric[1]/metric[2]
