#!/usr/bin/env python3
"""Ten iterations of paper 000's DCGAN in PyTorch, in double: writes dcgan_steps.csv.

The networks are small (size 16, width 4, latent 10, batch 4), the recipe is the paper's: inverted
noisy labels, a discriminator step on reals, one on fakes, a generator step, an Adam step after each.
Weights, noise, labels, dropout and images come from the engine's own Philox streams.
Run: python3 dcgan_steps.py > dcgan_steps.csv   (needs PyTorch 1.13 or newer)
"""
import math

import numpy as np
import torch
from torch.nn import functional as F

from philox import Rng

SEED, PATH = 7, "golden"
SIZE, WIDTH, LATENT, BATCH, STEPS = 16, 4, 10, 4, 10
SLOPE, EPSILON, MOMENTUM, DROPOUT, RATE = 0.01, 1e-3, 0.9, 0.4, 2e-4
torch.set_default_dtype(torch.float64)


def tensor(a):
    return torch.tensor(np.asarray(a, dtype=np.float32).astype(np.float64))


def glorot(rng, shape, fan_in, fan_out):
    bound = float(np.float32(math.sqrt(6 / (fan_in + fan_out))))
    return tensor(rng.uniform(shape, -bound, bound))


class Network:
    """Named parameters and buffers in the engine's order and memory layout (NHWC, KRSC, in x out)."""

    def __init__(self, rng):
        self.rng, self.state, self.trained = rng, {}, []

    def parameter(self, name, value):
        self.state[name] = value.requires_grad_(True)
        self.trained.append(self.state[name])

    def dense(self, name, inputs, units):
        self.parameter(name + "/kernel", glorot(self.rng.child(name), (inputs, units), inputs, units))
        self.parameter(name + "/bias", torch.zeros(units))

    def conv(self, name, k, r, c):
        taps = r * r
        self.parameter(name + "/kernel", glorot(self.rng.child(name), (k, r, r, c), taps * c, taps * k))
        self.parameter(name + "/bias", torch.zeros(k))

    def conv_transpose(self, name, k, r, c):
        taps = r * r
        self.parameter(name + "/kernel", glorot(self.rng.child(name), (k, r, r, c), taps * c, taps * k))
        self.parameter(name + "/bias", torch.zeros(c))

    def norm(self, name, channels):
        self.parameter(name + "/gamma", torch.ones(channels))
        self.parameter(name + "/beta", torch.zeros(channels))
        self.state[name + "/moving_mean"] = torch.zeros(channels)
        self.state[name + "/moving_variance"] = torch.ones(channels)

    def apply_norm(self, name, x):
        axes = tuple(range(x.dim() - 1))
        mean, variance = x.mean(axes), x.var(axes, unbiased=False)
        with torch.no_grad():
            for kind, batch in (("mean", mean), ("variance", variance)):
                moving = self.state[f"{name}/moving_{kind}"]
                moving.mul_(MOMENTUM).add_(batch * (1 - MOMENTUM))
        y = (x - mean) / torch.sqrt(variance + EPSILON)
        return F.leaky_relu(y * self.state[name + "/gamma"] + self.state[name + "/beta"], SLOPE)

    def apply_conv(self, name, x, stride, pad):
        w = self.state[name + "/kernel"].permute(0, 3, 1, 2)
        return F.conv2d(x.permute(0, 3, 1, 2), w, self.state[name + "/bias"], stride, pad).permute(0, 2, 3, 1)

    def apply_conv_transpose(self, name, x):
        w = self.state[name + "/kernel"].permute(0, 3, 1, 2)
        y = F.conv_transpose2d(x.permute(0, 3, 1, 2), w, self.state[name + "/bias"], 2, 1)
        return y.permute(0, 2, 3, 1)

    def apply_dense(self, name, x):
        return x @ self.state[name + "/kernel"] + self.state[name + "/bias"]


class Generator(Network):
    def __init__(self, rng):
        super().__init__(rng)
        half = SIZE // 2
        self.dense("dense", LATENT, half * half * WIDTH)
        self.norm("batch_normalization", half * half * WIDTH)
        self.conv("conv2d", WIDTH, 5, WIDTH)
        self.norm("batch_normalization_1", WIDTH)
        self.conv_transpose("conv2d_transpose", WIDTH, 4, WIDTH)
        self.norm("batch_normalization_2", WIDTH)
        for i in (1, 2):
            self.conv(f"conv2d_{i}", WIDTH, 5, WIDTH)
            self.norm(f"batch_normalization_{i + 2}", WIDTH)
        self.conv("conv2d_3", 1, 5, WIDTH)

    def __call__(self, z):
        x = self.apply_norm("batch_normalization", self.apply_dense("dense", z))
        x = x.reshape(-1, SIZE // 2, SIZE // 2, WIDTH)
        x = self.apply_norm("batch_normalization_1", self.apply_conv("conv2d", x, 1, 2))
        x = self.apply_norm("batch_normalization_2", self.apply_conv_transpose("conv2d_transpose", x))
        x = self.apply_norm("batch_normalization_3", self.apply_conv("conv2d_1", x, 1, 2))
        x = self.apply_norm("batch_normalization_4", self.apply_conv("conv2d_2", x, 1, 2))
        return torch.tanh(self.apply_conv("conv2d_3", x, 1, 2))


class Discriminator(Network):
    def __init__(self, rng):
        super().__init__(rng)
        self.conv("conv2d", WIDTH, 3, 1)
        self.norm("batch_normalization", WIDTH)
        for i in (1, 2, 3):
            self.conv(f"conv2d_{i}", WIDTH, 4, WIDTH)
            self.norm(f"batch_normalization_{i}", WIDTH)
        self.dense("dense", (SIZE // 8) ** 2 * WIDTH, 1)
        self.dropout = rng.child("dropout")

    def __call__(self, x):
        x = self.apply_norm("batch_normalization", self.apply_conv("conv2d", x, 1, 1))
        for i in (1, 2, 3):
            x = self.apply_norm(f"batch_normalization_{i}", self.apply_conv(f"conv2d_{i}", x, 2, 1))
        x = x.reshape(x.shape[0], -1)
        keep = tensor(self.dropout.bernoulli(x.shape, 1 - DROPOUT, 1 / (1 - DROPOUT)))
        return self.apply_dense("dense", x * keep)


def bce(logits, targets):
    return (F.softplus(logits) - targets * logits).mean()


def main():
    generator = Generator(Rng(SEED, PATH + "/generator"))
    discriminator = Discriminator(Rng(SEED, PATH + "/discriminator"))
    adam = lambda n: torch.optim.Adam(n.trained, RATE, (0.5, 0.999), eps=1e-7)
    opt_g, opt_d = adam(generator), adam(discriminator)
    noise, labels = Rng(SEED, PATH + "/noise"), Rng(SEED, PATH + "/labels")
    images = Rng(SEED, "images")
    print("what,index,value")
    for step in range(STEPS):
        real = tensor(images.uniform((BATCH, SIZE, SIZE, 1), -1, 1))
        losses = []

        def update(optimizer, loss):
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())

        update(opt_d, bce(discriminator(real), tensor(labels.uniform((BATCH, 1), 0.0, 0.1))))
        with torch.no_grad():
            fake = generator(tensor(noise.normal((BATCH, LATENT))))
        update(opt_d, bce(discriminator(fake), tensor(labels.uniform((BATCH, 1), 0.9, 1.0))))
        z = tensor(noise.normal((BATCH, LATENT)))
        update(opt_g, bce(discriminator(generator(z)), torch.zeros(BATCH, 1)))
        for name, loss in zip(("loss_real", "loss_fake", "loss_generator"), losses):
            print(f"{name},{step},{loss:.12g}")
    for name, network in (("generator", generator), ("discriminator", discriminator)):
        for key, value in network.state.items():
            flat = value.detach().contiguous().reshape(-1)
            print(f"{name}/{key}/norm,{flat.numel()},{flat.norm().item():.12g}")
            for i in range(0, flat.numel(), max(1, flat.numel() // 4)):
                print(f"{name}/{key},{i},{flat[i].item():.12g}")


main()
