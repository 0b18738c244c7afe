#!/usr/bin/env python3
"""One training iteration of paper 004's DCGAN in PyTorch, plain or conditional, or of AnoGAN's: the peer
of `bench/training`.

Prints JSON: seconds per iteration (median of --repeat), the PyTorch version and the layout. Paper 004's
are the networks and the iteration of PyTorch's tutorial with a level more, 128 x 128: reals and fakes go
through the discriminator in two passes whose gradients make one Adam step, and the generator learns from
those same fakes. With --classes the class stands beside z as one-hot numbers and beside the image as
planes. --anogan: 64 x 64, kernels of 5x5, an Adam step on reals, one on fakes, and new fakes for the
generator. Where ours pads 5x5 windows of stride 2 by one pixel before and two behind, this does by two and
one: the same products, and PyTorch needs no separate padding.
"""
import torch
from torch import nn
from torch.nn import functional as F

import common
import two_steps

SMALLEST = 4  # side of the smallest maps


def norm(channels):
    return nn.BatchNorm2d(channels, eps=1e-5, momentum=0.1)


def levels(args):
    return (args.size // SMALLEST).bit_length() - 1


def doubled(cin, cout, args):
    """Twice as many pixels each way."""
    if args.kernel == 5:
        return nn.ConvTranspose2d(cin, cout, 5, 2, 2, 1, bias=False)
    return nn.ConvTranspose2d(cin, cout, 4, 2, 1, bias=False)


def halved(cin, cout, args):
    return nn.Conv2d(cin, cout, args.kernel, 2, (args.kernel - 1) // 2, bias=False)


def generator(args):
    maps = args.generator_width << (levels(args) - 1)
    layers = [common.DenseMaps(args, 100 + args.classes, maps, SMALLEST, bias=False), norm(maps), nn.ReLU(True)]
    for _ in range(levels(args) - 1):
        layers += [doubled(maps, maps // 2, args), norm(maps // 2), nn.ReLU(True)]
        maps //= 2
    return nn.Sequential(*layers, doubled(maps, 1, args), nn.Tanh())


def discriminator(args):
    layers, maps = [halved(1 + args.classes, args.width, args), nn.LeakyReLU(0.2, True)], args.width
    for _ in range(levels(args) - 1):
        layers += [halved(maps, 2 * maps, args), norm(2 * maps), nn.LeakyReLU(0.2, True)]
        maps *= 2
    return nn.Sequential(*layers, nn.Conv2d(maps, 1, SMALLEST, 1, 0, bias=False), nn.Flatten())


class Gan:
    def __init__(self, args, real):
        self.args = args
        self.generator = common.placed(generator(args), args)
        self.discriminator = common.placed(discriminator(args), args)
        self.opt_g = common.adam(self.generator.parameters(), 2e-4, (0.5, 0.999))
        self.opt_d = common.adam(self.discriminator.parameters(), 2e-4, (0.5, 0.999))
        self.real = common.placed(real, args)
        self.labels = torch.arange(args.batch, device=args.device) % max(1, args.classes)
        self.ones = torch.ones(args.batch, 1, device=args.device)
        self.zeros = torch.zeros(args.batch, 1, device=args.device)
        self.make = common.compiled(args, self.plain_make)
        self.loss = common.compiled(args, self.plain_loss)

    def plain_make(self, z, labels):
        if self.args.classes:
            z = torch.cat([z, F.one_hot(labels, self.args.classes).to(z.dtype)], 1)
        return self.generator(z)

    def plain_loss(self, images, labels, targets):
        if self.args.classes:
            flags = F.one_hot(labels, self.args.classes).to(images.dtype)[:, :, None, None]
            images = torch.cat([images, flags.expand(-1, -1, *images.shape[2:])], 1)
        return F.binary_cross_entropy_with_logits(self.discriminator(images), targets)

    def step(self):
        common.begin_update(self.args, self.opt_d)
        self.loss(self.real, self.labels, self.ones).backward()
        fake = self.make(torch.randn(self.args.batch, 100, device=self.args.device), self.labels)
        self.loss(fake.detach(), self.labels, self.zeros).backward()
        self.opt_d.step()
        self.opt_g.zero_grad(set_to_none=True)
        with common.frozen(self.discriminator):
            self.loss(fake, self.labels, self.ones).backward()
        self.opt_g.step()


def main():
    options = common.parser(batch=16)
    options.add_argument("--size", type=int)
    options.add_argument("--generator-width", type=int)
    options.add_argument("--width", type=int)
    options.add_argument("--classes", type=int, default=0, help="paper 004's, above 0: a conditional GAN")
    options.add_argument("--anogan", action="store_true")
    args = options.parse_args()
    common.prepare(args)
    args.size = args.size or (64 if args.anogan else 128)
    args.generator_width = args.generator_width or (64 if args.anogan else 128)
    args.width = args.width or (64 if args.anogan else 32)
    args.kernel = 5 if args.anogan else 4
    real = torch.rand(args.batch, 1, args.size, args.size) * 2 - 1
    if args.anogan:
        if args.classes:
            options.error("--classes: AnoGAN has none")
        return two_steps.run(args, generator(args), discriminator(args), real)
    gan = Gan(args, real)
    parameters = {"generator": common.count(gan.generator), "discriminator": common.count(gan.discriminator)}
    common.report(args, parameters, seconds=gan.step)


main()
