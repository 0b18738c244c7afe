"""What the golden scripts' networks are made of, in PyTorch and in double.

Parameters and buffers have the engine's names, order and memory layout (NHWC, KRSC, in x out); first
weights come from the engine's own Philox streams, one for each layer's name.
"""
import math

import numpy as np
import torch
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)


def tensor(a):
    """The float32 numbers that the engine starts from."""
    return torch.tensor(np.asarray(a, dtype=np.float32).astype(np.float64))


class Network:
    """`normal`: weights N(0, .02) and scales N(1, .02); else Keras's uniform and ones."""

    def __init__(self, rng, slope, epsilon, momentum=0.9, normal=False):
        self.rng, self.slope, self.epsilon, self.momentum, self.normal = rng, slope, epsilon, momentum, normal
        self.state, self.trained = {}, []

    def parameter(self, name, value):
        self.state[name] = value.requires_grad_(True)
        self.trained.append(self.state[name])

    def random(self, name, shape, mean):
        return tensor(self.rng.child(name).normal(shape, mean, float(np.float32(0.02))))

    def kernel(self, name, shape, fan_in, fan_out):
        if self.normal:
            return self.parameter(name + "/kernel", self.random(name, shape, 0.0))
        bound = float(np.float32(math.sqrt(6 / (fan_in + fan_out))))
        self.parameter(name + "/kernel", tensor(self.rng.child(name).uniform(shape, -bound, bound)))

    def dense(self, name, inputs, units):
        self.kernel(name, (inputs, units), inputs, units)
        self.parameter(name + "/bias", torch.zeros(units))

    def conv(self, name, k, r, c, bias=True):
        self.kernel(name, (k, r, r, c), r * r * c, r * r * k)
        if bias:
            self.parameter(name + "/bias", torch.zeros(k))

    def conv_transpose(self, name, k, r, c, bias=True):
        self.kernel(name, (k, r, r, c), r * r * c, r * r * k)
        if bias:
            self.parameter(name + "/bias", torch.zeros(c))

    def scale_and_shift(self, name, channels, random):
        gamma = self.random(name, (channels,), 1.0) if random else torch.ones(channels)
        self.parameter(name + "/gamma", gamma)
        self.parameter(name + "/beta", torch.zeros(channels))

    def norm(self, name, channels):
        self.scale_and_shift(name, channels, self.normal)
        self.state[name + "/moving_mean"] = torch.zeros(channels)
        self.state[name + "/moving_variance"] = torch.ones(channels)

    def layer_norm(self, name, channels):
        self.scale_and_shift(name, channels, False)

    def normalised(self, name, x, axes, keepdim=False):
        mean, variance = x.mean(axes, keepdim), x.var(axes, unbiased=False, keepdim=keepdim)
        y = (x - mean) / torch.sqrt(variance + self.epsilon)
        y = y * self.state[name + "/gamma"] + self.state[name + "/beta"]
        return F.leaky_relu(y, self.slope), mean, variance

    def apply_norm(self, name, x):
        y, mean, variance = self.normalised(name, x, tuple(range(x.dim() - 1)))
        with torch.no_grad():
            for kind, batch in (("mean", mean), ("variance", variance)):
                moving = self.state[f"{name}/moving_{kind}"]
                moving.mul_(self.momentum).add_(batch * (1 - self.momentum))
        return y

    def apply_layer_norm(self, name, x):
        return self.normalised(name, x, tuple(range(1, x.dim())), True)[0]

    def filters(self, name):
        return self.state[name + "/kernel"].permute(0, 3, 1, 2), self.state.get(name + "/bias")

    def apply_conv(self, name, x, stride, pad):
        """`pad` on every side, or in the order left, right, top, bottom."""
        w, bias = self.filters(name)
        x = F.pad(x.permute(0, 3, 1, 2), pad if isinstance(pad, tuple) else (pad,) * 4)
        return F.conv2d(x, w, bias, stride).permute(0, 2, 3, 1)

    def apply_conv_transpose(self, name, x, pad=1, odd_pad=0):
        """Stride 2; the adjoint of a convolution that pads `odd_pad` more at the bottom and right."""
        w, bias = self.filters(name)
        y = F.conv_transpose2d(x.permute(0, 3, 1, 2), w, bias, 2, pad).permute(0, 2, 3, 1)
        return y[:, :-odd_pad, :-odd_pad] if odd_pad else y

    def apply_dense(self, name, x):
        return x @ self.state[name + "/kernel"] + self.state[name + "/bias"]


def numbered(name, i):
    """Keras's names of layers: the first without a number."""
    return f"{name}_{i}" if i else name


def take_step(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def print_state(networks, prefix=""):
    """Of each tensor the Euclidean norm (beside it the number of elements) and up to five elements."""
    for name, network in networks:
        for key, value in network.state.items():
            flat = value.detach().contiguous().reshape(-1)
            print(f"{prefix}{name}/{key}/norm,{flat.numel()},{flat.norm().item():.12g}")
            for i in range(0, flat.numel(), max(1, flat.numel() // 4)):
                print(f"{prefix}{name}/{key},{i},{flat[i].item():.12g}")
