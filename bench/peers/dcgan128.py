#!/usr/bin/env python3
"""One training iteration of paper 003's DCGAN in PyTorch: the peer of `bench/training`.

Prints JSON: seconds per iteration (median of --repeat), the PyTorch version and the layout. The generator
doubles the nearest neighbour and convolves; a discriminator step on reals, one on fakes, a generator step;
dropout .25, three Adam updates. Where ours pads the discriminator's 3x3 windows of stride 2 by one pixel
behind, this does by one before: the same products, and PyTorch needs no separate padding.
"""
import torch
from torch import nn

import common
import two_steps

SLOPE, DOUBLED = 0.2, 4


def generator(args, latent=100):
    maps = 8 * args.width
    layers = [common.DenseMaps(args, latent, maps, args.size >> DOUBLED), nn.LeakyReLU(SLOPE, True)]
    for filters in (8 * args.width, 4 * args.width, 2 * args.width):
        layers += [nn.Upsample(scale_factor=2), nn.Conv2d(maps, filters, 3, padding=1),
                   nn.BatchNorm2d(filters, eps=1e-3, momentum=0.2), nn.LeakyReLU(SLOPE, True)]
        maps = filters
    return nn.Sequential(*layers, nn.Upsample(scale_factor=2), nn.Conv2d(maps, 1, 3, padding=1), nn.Tanh())


def discriminator(args):
    layers, channels = [], 1
    for i in range(DOUBLED):
        layers += [nn.Conv2d(channels, args.width << i, 3, 2, 1), nn.LeakyReLU(SLOPE, True), nn.Dropout(0.25)]
        channels = args.width << i
    pixels = (args.size >> DOUBLED) ** 2
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(pixels * channels, 1))


def main():
    options = common.parser(batch=32)
    options.add_argument("--size", type=int, default=128)
    options.add_argument("--width", type=int, default=32)
    args = options.parse_args()
    common.prepare(args)
    real = torch.rand(args.batch, 1, args.size, args.size) * 2 - 1
    two_steps.run(args, generator(args), discriminator(args), real)


main()
