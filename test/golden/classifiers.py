#!/usr/bin/env python3
"""Logits of full-size classifiers in PyTorch, in double: writes classifiers.csv.

Four images of 64 x 64 x 3 and 5 classes, batch norm in inference mode: with a batch's own statistics
float32 itself (PyTorch's too) is off by 3e-4 after 101 layers. Weights and images come from the engine's
own Philox streams. The networks are written from their papers (He et al. 2016;
Huang et al. 2017) and the documented differences of Keras's and torchvision's versions.
Run: python3 classifiers.py > classifiers.csv   (needs PyTorch 1.13 or newer)
"""
import math

import numpy as np
import torch
from torch.nn import functional as F

from philox import Rng

SEED, CLASSES = 7, 5
torch.set_default_dtype(torch.float64)


def tensor(a):
    return torch.tensor(np.asarray(a, dtype=np.float32).astype(np.float64))


class Network:
    def __init__(self, path, keras):
        self.rng, self.keras = Rng(SEED, path), keras
        self.epsilon = float(np.float32(1.001e-5 if keras else 1e-5))

    def weights(self, name, shape, fan_in, fan_out):
        rng = self.rng.child(name)
        if self.keras or name == "predictions":
            bound = float(np.float32(math.sqrt(6 / (fan_in + fan_out))))
            return tensor(rng.uniform(shape, -bound, bound))
        return tensor(rng.normal(shape, 0.0, float(np.float32(math.sqrt(2 / fan_in)))))

    def conv(self, name, x, filters, kernel, stride=1):
        channels, taps = x.shape[1], kernel * kernel
        w = self.weights(name, (filters, kernel, kernel, channels), taps * channels, taps * filters)
        return F.conv2d(x, w.permute(0, 3, 1, 2), None, stride, kernel // 2)  # biases start at 0

    def norm(self, x, relu=True):
        y = x / math.sqrt(1 + self.epsilon)  # moving mean 0 and variance 1
        return F.relu(y) if relu else y

    def head(self, x):
        features = x.mean((2, 3))
        n = features.shape[1]
        return features @ self.weights("predictions", (n, CLASSES), n, CLASSES)


def resnet(net, x, blocks):
    x = F.max_pool2d(net.norm(net.conv("conv1_conv", x, 64, 7, 2)), 3, 2, 1)
    for stage, count in enumerate(blocks):
        filters = 64 << stage
        for block in range(count):
            name = f"conv{stage + 2}_block{block + 1}"
            stride = 2 if stage and not block else 1
            first = stride if net.keras else 1
            shortcut = x
            if not block:
                shortcut = net.norm(net.conv(name + "_0_conv", x, 4 * filters, 1, stride), False)
            y = net.norm(net.conv(name + "_1_conv", x, filters, 1, first))
            y = net.norm(net.conv(name + "_2_conv", y, filters, 3, stride // first))
            x = F.relu(net.norm(net.conv(name + "_3_conv", y, 4 * filters, 1), False) + shortcut)
    return net.head(x)


def densenet(net, x, blocks, growth=32, stem=64):
    x = F.max_pool2d(net.norm(net.conv("conv1_conv", x, stem, 7, 2)), 3, 2, 1)
    for block, count in enumerate(blocks):
        for layer in range(count):
            name = f"conv{block + 2}_block{layer + 1}"
            y = net.norm(net.conv(name + "_1_conv", net.norm(x), 4 * growth, 1))
            x = torch.cat([x, net.conv(name + "_2_conv", y, growth, 3)], 1)
        x = net.norm(x)
        if block < 3:
            x = F.avg_pool2d(net.conv(f"pool{block + 2}_conv", x, x.shape[1] // 2, 1), 2, 2)
    return net.head(x)


def main():
    images = tensor(Rng(SEED, "images").uniform((4, 64, 64, 3), -1.0, 1.0)).permute(0, 3, 1, 2)
    print("network,variant,logits")
    for name, variant, run in (
            ("resnet101", "keras", lambda net: resnet(net, images, (3, 4, 23, 3))),
            ("resnet50", "torchvision", lambda net: resnet(net, images, (3, 4, 6, 3))),
            ("densenet121", "keras", lambda net: densenet(net, images, (6, 12, 24, 16))),
            ("densenet121", "torchvision", lambda net: densenet(net, images, (6, 12, 24, 16)))):
        logits = run(Network("golden", variant == "keras"))
        print(f"{name},{variant}," + " ".join(f"{v:.9g}" for v in logits.reshape(-1).tolist()))


main()
