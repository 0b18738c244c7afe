#!/usr/bin/env python3
"""Ten iterations of paper 000's DCGAN in PyTorch, in double: writes dcgan_steps.csv.

The networks are small (size 16, width 4, latent 10, batch 4), the recipe is the paper's: inverted
noisy labels, a discriminator step on reals, one on fakes, a generator step, an Adam step after each.
Weights, noise, labels, dropout and images come from the engine's own Philox streams.
Run: python3 dcgan_steps.py > dcgan_steps.csv   (needs PyTorch 1.13 or newer)
"""
import torch

from cross_entropy import BATCH, PATH, SEED, print_iterations
from networks import Network, tensor
from philox import Rng

SIZE, WIDTH, LATENT = 16, 4, 10
SLOPE, EPSILON, DROPOUT = 0.01, 1e-3, 0.4


class Generator(Network):
    def __init__(self, rng):
        super().__init__(rng, SLOPE, EPSILON)
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
        super().__init__(rng, SLOPE, EPSILON)
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


def main():
    generator = Generator(Rng(SEED, PATH + "/generator"))
    discriminator = Discriminator(Rng(SEED, PATH + "/discriminator"))
    labels = Rng(SEED, PATH + "/labels")

    def target(loss):
        if loss == "generator":
            return 0.0
        return tensor(labels.uniform((BATCH, 1), *((0.0, 0.1) if loss == "real" else (0.9, 1.0))))

    print_iterations(generator, discriminator, (SIZE, SIZE), LATENT, target)


main()
