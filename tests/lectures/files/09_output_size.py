# 09: 0
import torch
import cv2_not_here
img = cv2_not_here.imread("cat.png")
print(img.shape)
def output_size(size, kernel_size):
    return size - kernel_size + 1
