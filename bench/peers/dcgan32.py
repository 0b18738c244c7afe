#!/usr/bin/env python3
"""One training iteration of paper 000's DCGAN in PyTorch: the peer of `bench/training`.

Prints one JSON object: seconds per iteration (median of --repeat), the PyTorch version and the layout.
The same work as ours: a discriminator step on reals, one on fakes, a generator step; batch norm in
training mode, dropout .4, three Adam updates.
"""
import torch
from torch import nn
from torch.nn import functional as F

import common


class Generator(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.width = width
        norm = dict(eps=1e-3, momentum=0.1)
        self.dense = nn.Linear(100, 16 * 16 * width)
        self.norm0 = nn.BatchNorm1d(16 * 16 * width, **norm)
        self.conv1, self.norm1 = nn.Conv2d(width, width, 5, padding=2), nn.BatchNorm2d(width, **norm)
        self.up, self.norm2 = nn.ConvTranspose2d(width, width, 4, 2, 1), nn.BatchNorm2d(width, **norm)
        self.conv3, self.norm3 = nn.Conv2d(width, width, 5, padding=2), nn.BatchNorm2d(width, **norm)
        self.conv4, self.norm4 = nn.Conv2d(width, width, 5, padding=2), nn.BatchNorm2d(width, **norm)
        self.last = nn.Conv2d(width, 1, 5, padding=2)

    def forward(self, z):
        act = lambda t: F.leaky_relu(t, 0.01)
        x = act(self.norm0(self.dense(z))).view(-1, self.width, 16, 16)
        if self.layout == "channels_last":
            x = x.contiguous(memory_format=torch.channels_last)
        x = act(self.norm1(self.conv1(x)))
        x = act(self.norm2(self.up(x)))
        x = act(self.norm3(self.conv3(x)))
        x = act(self.norm4(self.conv4(x)))
        return torch.tanh(self.last(x))


class Discriminator(nn.Module):
    def __init__(self, width):
        super().__init__()
        layers, channels = [], 1
        for kernel, stride in ((3, 1), (4, 2), (4, 2), (4, 2)):
            layers += [nn.Conv2d(channels, width, kernel, stride, 1),
                       nn.BatchNorm2d(width, eps=1e-3, momentum=0.1), nn.LeakyReLU(0.01)]
            channels = width
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(16 * width, 1)

    def forward(self, x):
        return self.head(F.dropout(self.body(x).flatten(1), 0.4, self.training))


def iteration(generator, discriminator, opt_g, opt_d, real):
    batch, on = len(real), {"device": real.device}
    bce = F.binary_cross_entropy_with_logits
    opt_d.zero_grad()
    bce(discriminator(real), torch.rand(batch, 1, **on) * 0.1).backward()
    opt_d.step()
    opt_d.zero_grad()
    with torch.no_grad():
        fake = generator(torch.randn(batch, 100, **on))
    bce(discriminator(fake), 1 - torch.rand(batch, 1, **on) * 0.1).backward()
    opt_d.step()
    opt_g.zero_grad()
    # The discriminator's own gradients are not wanted here.
    for p in discriminator.parameters():
        p.requires_grad_(False)
    bce(discriminator(generator(torch.randn(batch, 100, **on))), torch.zeros(batch, 1, **on)).backward()
    for p in discriminator.parameters():
        p.requires_grad_(True)
    opt_g.step()


def main():
    options = common.parser(batch=16)
    options.add_argument("--width", type=int, default=128)
    args = options.parse_args()
    common.prepare(args)
    generator = common.placed(Generator(args.width), args)
    generator.layout = "channels_last" if args.channels_last else "contiguous"
    discriminator = common.placed(Discriminator(args.width), args)
    real = common.placed(torch.rand(args.batch, 1, 32, 32) * 2 - 1, args)
    opt_g = common.adam(generator.parameters(), 2e-4, (0.5, 0.999))
    opt_d = common.adam(discriminator.parameters(), 2e-4, (0.5, 0.999))
    seconds = common.median_seconds(args, lambda: iteration(generator, discriminator, opt_g, opt_d, real))
    parameters = {"generator": common.count(generator), "discriminator": common.count(discriminator)}
    common.report(args, parameters, seconds=seconds)


main()
