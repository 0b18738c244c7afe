#!/usr/bin/env python3
"""Ten iterations of paper 003's DCGAN in PyTorch, in double: writes upsample_dcgan_steps.csv.

The networks are small (32 pixels down and 48 across, width 2, latent 6, batch 4), the recipe is
cxr-dcgan128's: a discriminator step on reals (label 1), one on fakes (label 0), a generator step, each
of Adam(2e-4, .5). Weights, noise, dropout and images come from the engine's own Philox streams.
Run: python3 upsample_dcgan_steps.py > upsample_dcgan_steps.csv   (needs PyTorch 1.13 or newer)
"""
import torch
from torch.nn import functional as F

from cross_entropy import PATH, SEED, print_iterations
from networks import Network, numbered, tensor
from philox import Rng

ROWS, COLUMNS, WIDTH, LATENT = 32, 48, 2, 6
SLOPE, EPSILON, MOMENTUM, DROPOUT = 0.2, 1e-3, 0.8, 0.25
FIRST = (ROWS // 16, COLUMNS // 16, 8 * WIDTH)
SAME = (0, 1, 0, 1)  # pads of a 3x3 convolution of stride 2 on an even side


class Generator(Network):
    FILTERS = (8 * WIDTH, 4 * WIDTH, 2 * WIDTH)

    def __init__(self, rng):
        super().__init__(rng, SLOPE, EPSILON, MOMENTUM)
        self.dense("dense", LATENT, FIRST[0] * FIRST[1] * FIRST[2])
        maps = FIRST[2]
        for i, filters in enumerate(self.FILTERS):
            self.conv(numbered("conv2d", i), filters, 3, maps)
            self.norm(numbered("batch_normalization", i), filters)
            maps = filters
        self.conv("conv2d_3", 1, 3, maps)

    @staticmethod
    def doubled(x):
        return x.repeat_interleave(2, 1).repeat_interleave(2, 2)

    def __call__(self, z):
        x = F.leaky_relu(self.apply_dense("dense", z), SLOPE).reshape(-1, *FIRST)
        for i in range(len(self.FILTERS)):
            x = self.apply_conv(numbered("conv2d", i), self.doubled(x), 1, 1)
            x = self.apply_norm(numbered("batch_normalization", i), x)
        return torch.tanh(self.apply_conv("conv2d_3", self.doubled(x), 1, 1))


class Discriminator(Network):
    def __init__(self, rng):
        super().__init__(rng, SLOPE, EPSILON)
        maps, self.dropouts = 1, []
        for i in range(4):
            self.conv(numbered("conv2d", i), WIDTH << i, 3, maps)
            self.dropouts.append(rng.child(numbered("dropout", i)))
            maps = WIDTH << i
        self.dense("dense", FIRST[0] * FIRST[1] * FIRST[2], 1)

    def __call__(self, x):
        for i, dropout in enumerate(self.dropouts):
            x = F.leaky_relu(self.apply_conv(numbered("conv2d", i), x, 2, SAME), SLOPE)
            x = x * tensor(dropout.bernoulli(x.shape, 1 - DROPOUT, 1 / (1 - DROPOUT)))
        return self.apply_dense("dense", x.reshape(x.shape[0], -1))


def main():
    generator = Generator(Rng(SEED, PATH + "/generator"))
    discriminator = Discriminator(Rng(SEED, PATH + "/discriminator"))
    target = {"real": 1.0, "fake": 0.0, "generator": 1.0}
    print_iterations(generator, discriminator, (ROWS, COLUMNS), LATENT, target.get)


main()
