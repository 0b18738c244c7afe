#!/usr/bin/env python3
"""One training iteration of paper 000's DCGAN in PyTorch: the peer of `bench/training`.

Prints JSON: seconds per iteration (median of --repeat), the PyTorch version and the layout. The same work
as ours: a discriminator step on reals, one on fakes, a generator step; batch norm in training mode,
dropout .4, three Adam updates.
"""
import torch
from torch import nn
from torch.nn import functional as F

import common
import two_steps


class Generator(nn.Module):
    def __init__(self, args):
        super().__init__()
        width, norm = args.width, dict(eps=1e-3, momentum=0.1)
        self.args = args
        self.dense = nn.Linear(100, 16 * 16 * width)
        self.norm0 = nn.BatchNorm1d(16 * 16 * width, **norm)
        act = lambda: nn.LeakyReLU(0.01, True)
        same = lambda: [nn.Conv2d(width, width, 5, padding=2), nn.BatchNorm2d(width, **norm), act()]
        up = [nn.ConvTranspose2d(width, width, 4, 2, 1), nn.BatchNorm2d(width, **norm), act()]
        self.body = nn.Sequential(*same(), *up, *same(), *same(), nn.Conv2d(width, 1, 5, padding=2), nn.Tanh())

    def forward(self, z):
        x = F.leaky_relu(self.norm0(self.dense(z)), 0.01, True)
        return self.body(common.as_maps(x, self.args.width, self.args))


class Discriminator(nn.Module):
    def __init__(self, args):
        super().__init__()
        layers, channels = [], 1
        for kernel, stride in ((3, 1), (4, 2), (4, 2), (4, 2)):
            layers += [nn.Conv2d(channels, args.width, kernel, stride, 1),
                       nn.BatchNorm2d(args.width, eps=1e-3, momentum=0.1), nn.LeakyReLU(0.01, True)]
            channels = args.width
        self.body = nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.4), nn.Linear(16 * args.width, 1))

    def forward(self, x):
        return self.body(x)


def main():
    options = common.parser(batch=16)
    options.add_argument("--width", type=int, default=128)
    args = options.parse_args()
    common.prepare(args)
    real = torch.rand(args.batch, 1, 32, 32) * 2 - 1
    two_steps.run(args, Generator(args), Discriminator(args), real, noisy_labels=True)


main()
