#!/usr/bin/env python3
"""Features of Inception-v3 in PyTorch, in double: writes inception.csv.

The network in torchvision's layout with the changes of the one that the Frechet inception distance
is defined on, written from the table of its layers: names and extents as in the published file,
average pools that do not count their padding, the maximum in the last block's pool branch (rows
"keras": with the mean there, the 192 features that differ), 1,008 classes. Weights, statistics and images come from the engine's own
Philox streams. Run: python3 inception.py > inception.csv   (needs PyTorch 1.13 or newer)
"""
import math

import numpy as np
import torch
from torch.nn import functional as F

from philox import Rng

SEED = 7
torch.set_default_dtype(torch.float64)


def tensor(a):
    return torch.tensor(np.asarray(a, dtype=np.float32).astype(np.float64))


def state(path, shape, kind):
    rng = Rng(SEED, "inception/" + path)
    if kind == "kernel":  # KRSC, or inputs x outputs
        fan_in = shape[0] if len(shape) == 2 else int(np.prod(shape[1:]))
        return tensor(rng.normal(shape, 0.0, float(np.float32(math.sqrt(2 / fan_in)))))
    low, high = (0.5, 1.5) if kind in ("gamma", "moving_variance") else (-0.2, 0.2)
    return tensor(rng.uniform(shape, float(np.float32(low)), float(np.float32(high))))


def unit(x, name, filters, kernel=(1, 1), stride=1, pad=(0, 0)):
    w = state(name + "/conv/kernel", (filters, *kernel, x.shape[1]), "kernel").permute(0, 3, 1, 2)
    gamma, beta, mean, variance = (
        state(f"{name}/bn/{kind}", (filters,), kind)
        for kind in ("gamma", "beta", "moving_mean", "moving_variance"))
    y = F.conv2d(x, w, None, stride, pad)
    return F.relu(F.batch_norm(y, mean, variance, gamma, beta, False, 0.0, 1e-3))


def average(x):
    return F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)


class Block:
    """Applies units by the names that the published file has for them."""

    def __init__(self, name):
        self.name = name

    def __call__(self, x, branch, *args, **more):
        return unit(x, f"{self.name}/{branch}", *args, **more)


def mixed_a(x, name, pool):
    u = Block(name)
    d = u(u(x, "branch3x3dbl_1", 64), "branch3x3dbl_2", 96, (3, 3), pad=1)
    return torch.cat([u(x, "branch1x1", 64),
                      u(u(x, "branch5x5_1", 48), "branch5x5_2", 64, (5, 5), pad=2),
                      u(d, "branch3x3dbl_3", 96, (3, 3), pad=1),
                      u(average(x), "branch_pool", pool)], 1)


def mixed_b(x, name):
    u = Block(name)
    d = u(u(x, "branch3x3dbl_1", 64), "branch3x3dbl_2", 96, (3, 3), pad=1)
    return torch.cat([u(x, "branch3x3", 384, (3, 3), 2), u(d, "branch3x3dbl_3", 96, (3, 3), 2),
                      F.max_pool2d(x, 3, 2)], 1)


def row(u, x, branch, filters):
    return u(x, branch, filters, (1, 7), pad=(0, 3))


def column(u, x, branch, filters):
    return u(x, branch, filters, (7, 1), pad=(3, 0))


def mixed_c(x, name, c7):
    u = Block(name)
    s = column(u, row(u, u(x, "branch7x7_1", c7), "branch7x7_2", c7), "branch7x7_3", 192)
    d = column(u, u(x, "branch7x7dbl_1", c7), "branch7x7dbl_2", c7)
    d = column(u, row(u, d, "branch7x7dbl_3", c7), "branch7x7dbl_4", c7)
    return torch.cat([u(x, "branch1x1", 192), s, row(u, d, "branch7x7dbl_5", 192),
                      u(average(x), "branch_pool", 192)], 1)


def mixed_d(x, name):
    u = Block(name)
    s = column(u, row(u, u(x, "branch7x7x3_1", 192), "branch7x7x3_2", 192), "branch7x7x3_3", 192)
    return torch.cat([u(u(x, "branch3x3_1", 192), "branch3x3_2", 320, (3, 3), 2),
                      u(s, "branch7x7x3_4", 192, (3, 3), 2), F.max_pool2d(x, 3, 2)], 1)


def fork(u, x, branch, letters):
    return [u(x, branch + letters[0], 384, (1, 3), pad=(0, 1)),
            u(x, branch + letters[1], 384, (3, 1), pad=(1, 0))]


def mixed_e(x, name, pooled):
    u = Block(name)
    d = u(u(x, "branch3x3dbl_1", 448), "branch3x3dbl_2", 384, (3, 3), pad=1)
    return torch.cat([u(x, "branch1x1", 320), *fork(u, u(x, "branch3x3_1", 384), "branch3x3_2", "ab"),
                      *fork(u, d, "branch3x3dbl_3", "ab"), u(pooled, "branch_pool", 192)], 1)


def to_6e(x):
    x = F.interpolate((x + 1) / 2, size=(299, 299), mode="bilinear", align_corners=False) * 2 - 1
    x = x.expand(-1, 3, -1, -1)
    x = unit(x, "Conv2d_1a_3x3", 32, (3, 3), 2)
    x = unit(unit(x, "Conv2d_2a_3x3", 32, (3, 3)), "Conv2d_2b_3x3", 64, (3, 3), pad=1)
    x = unit(F.max_pool2d(x, 3, 2), "Conv2d_3b_1x1", 80)
    x = F.max_pool2d(unit(x, "Conv2d_4a_3x3", 192, (3, 3)), 3, 2)
    for name, pool in (("Mixed_5b", 32), ("Mixed_5c", 64), ("Mixed_5d", 64)):
        x = mixed_a(x, name, pool)
    x = mixed_b(x, "Mixed_6a")
    for name, c7 in (("Mixed_6b", 128), ("Mixed_6c", 160), ("Mixed_6d", 160), ("Mixed_6e", 192)):
        x = mixed_c(x, name, c7)
    return x


def write(*cells):
    *words, values = cells
    print(",".join(words) + "," + " ".join(f"{v:.6g}" for v in values.reshape(-1).tolist()))


def main():
    print("image,what,values")
    for name, shape in (("grey", (1, 96, 80, 1)), ("colour", (1, 331, 313, 3))):
        image = tensor(Rng(SEED, "images/" + name).uniform(shape, -1.0, 1.0)).permute(0, 3, 1, 2)
        maps = to_6e(image)
        write(name, "768", maps.mean((2, 3)))
        before = mixed_e(y := mixed_d(maps, "Mixed_7a"), "Mixed_7b", average(y))
        last = mixed_e(before, "Mixed_7c", F.max_pool2d(before, 3, 1, 1)).mean((2, 3))
        write(name, "2048", last)
        fc = [state("fc/" + kind, shape, kind) for kind, shape in
              (("kernel", (2048, 1008)), ("bias", (1008,)))]
        write(name, "logits", last @ fc[0] + fc[1])
        write(name, "keras", mixed_e(before, "Mixed_7c", average(before)).mean((2, 3))[:, -192:])


main()
