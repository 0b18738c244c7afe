#!/usr/bin/env python3
"""One training iteration of paper 004's DCGAN in PyTorch: the peer of `bench/training`.

Prints one JSON object: seconds per iteration (median of --repeat), the PyTorch version and the layout.
The networks and the iteration of PyTorch's tutorial with a level more, 128 x 128: reals and fakes go
through the discriminator in two passes whose gradients make one Adam step, and the generator learns from
those same fakes.
"""
import torch
from torch import nn
from torch.nn import functional as F

import common

LEVELS = 5


def norm(channels):
    return nn.BatchNorm2d(channels, eps=1e-5, momentum=0.1)


def generator(width, latent=100):
    maps = width << (LEVELS - 1)
    layers = [nn.ConvTranspose2d(latent, maps, 4, 1, 0, bias=False), norm(maps), nn.ReLU(True)]
    for _ in range(LEVELS - 1):
        layers += [nn.ConvTranspose2d(maps, maps // 2, 4, 2, 1, bias=False), norm(maps // 2), nn.ReLU(True)]
        maps //= 2
    return nn.Sequential(*layers, nn.ConvTranspose2d(maps, 1, 4, 2, 1, bias=False), nn.Tanh())


def discriminator(width):
    layers, maps = [nn.Conv2d(1, width, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, True)], width
    for _ in range(LEVELS - 1):
        layers += [nn.Conv2d(maps, 2 * maps, 4, 2, 1, bias=False), norm(2 * maps), nn.LeakyReLU(0.2, True)]
        maps *= 2
    return nn.Sequential(*layers, nn.Conv2d(maps, 1, 4, 1, 0, bias=False), nn.Flatten())


class Gan:
    def __init__(self, args):
        self.args = args
        self.generator = common.placed(generator(args.generator_width), args)
        self.discriminator = common.placed(discriminator(args.width), args)
        self.opt_g = common.adam(self.generator.parameters(), 2e-4, (0.5, 0.999))
        self.opt_d = common.adam(self.discriminator.parameters(), 2e-4, (0.5, 0.999))
        self.real = common.placed(torch.rand(args.batch, 1, 128, 128) * 2 - 1, args)
        self.ones = torch.ones(args.batch, 1, device=args.device)
        self.zeros = torch.zeros(args.batch, 1, device=args.device)

    def step(self):
        bce = F.binary_cross_entropy_with_logits
        self.opt_d.zero_grad()
        bce(self.discriminator(self.real), self.ones).backward()
        fake = self.generator(torch.randn(self.args.batch, 100, 1, 1, device=self.args.device))
        bce(self.discriminator(fake.detach()), self.zeros).backward()
        self.opt_d.step()
        self.opt_g.zero_grad()
        # The discriminator's own gradients are not wanted here.
        self.discriminator.requires_grad_(False)
        bce(self.discriminator(fake), self.ones).backward()
        self.discriminator.requires_grad_(True)
        self.opt_g.step()


def main():
    options = common.parser(batch=16)
    options.add_argument("--generator-width", type=int, default=128)
    options.add_argument("--width", type=int, default=32)
    args = options.parse_args()
    common.prepare(args)
    gan = Gan(args)
    seconds = common.median_seconds(args, gan.step)
    parameters = {"generator": common.count(gan.generator), "discriminator": common.count(gan.discriminator)}
    common.report(args, parameters, seconds=seconds)


main()
