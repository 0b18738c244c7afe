#!/usr/bin/env python3
"""One training iteration of paper 002's image-varying GAN in PyTorch: the peer of `bench/training`.

Prints JSON: seconds of a discriminator step and of the same with a generator step behind it (medians of
--repeat), the PyTorch version and the layout. The discriminator takes one step on reals and variations of
them (least squares); the generator's loss is weighted per sample by (1 - SSIM) / 2 of new variations and
their images, through which no gradient flows. SSIM is in float here, in double in ours.
"""
import torch
from torch import nn
from torch.nn import functional as F

import common

SLOPE, WINDOW, C1, C2 = 0.2, 11, 0.01**2, 0.03**2


def block(cin, cout, kernel, stride=1, slope=0.0):
    """A convolution without bias, batch norm, leaky ReLU."""
    act = nn.LeakyReLU(slope, True) if slope else nn.ReLU(True)
    return [nn.Conv2d(cin, cout, kernel, stride, (kernel - 1) // 2, bias=False), nn.BatchNorm2d(cout), act]


class SelfAttention(nn.Module):
    """Queries and keys of an eighth of the channels, values of all, scores not scaled."""

    def __init__(self, channels):
        super().__init__()
        self.parts = [channels // 8, channels // 8, channels]
        self.qkv = nn.Conv2d(channels, sum(self.parts), 1)
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        # N x 1 head x positions x channels; a view where the layout is channels_last
        rows = self.qkv(x).flatten(2).transpose(1, 2)[:, None]
        q, k, v = rows.split(self.parts, -1)
        try:
            seen = F.scaled_dot_product_attention(q, k, v, scale=1.0)
        except AttributeError:  # PyTorch 1.13
            seen = torch.softmax(q @ k.transpose(2, 3), -1) @ v
        return torch.addcmul(x, self.gamma, seen[:, 0].transpose(1, 2).view_as(x))


class InceptionResidual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        maps = channels // 4
        pooled = nn.AvgPool2d(3, 1, 1, count_include_pad=False)
        self.branches = nn.ModuleList([
            nn.Sequential(*block(channels, maps, 1)),
            nn.Sequential(*block(channels, maps, 1), *block(maps, maps, 3)),
            nn.Sequential(*block(channels, maps, 1), *block(maps, maps, 3), *block(maps, maps, 3)),
            nn.Sequential(pooled, *block(channels, maps, 1))])
        self.closing = nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        y = self.closing(torch.cat([branch(x) for branch in self.branches], 1))
        y += x
        return F.relu(y, inplace=True)


class Generator(nn.Module):
    def __init__(self, args, latent=125):
        super().__init__()
        w = args.width
        self.image = nn.Sequential(
            nn.Conv2d(1, w, 4, 2, 1), nn.LeakyReLU(SLOPE, True), *block(w, 2 * w, 4, 2, SLOPE), SelfAttention(2 * w),
            *block(2 * w, 4 * w, 4, 2, SLOPE), SelfAttention(4 * w))
        self.noise = nn.Sequential(common.DenseMaps(args, latent, w, args.size // 8), nn.LeakyReLU(SLOPE, True))
        layers, cin = [], 5 * w
        for maps in (4 * w, 2 * w, w, w // 2):
            doubled = [nn.Upsample(scale_factor=2)] if layers else []
            layers += [*doubled, *block(cin, maps, 3), InceptionResidual(maps)]
            cin = maps
        self.body = nn.Sequential(*layers, nn.Conv2d(cin, 1, 3, padding=1), nn.Tanh())

    def forward(self, images, z):
        return self.body(torch.cat([self.image(images), self.noise(z)], 1))


def discriminator(args):
    w = args.width
    layers = [nn.Conv2d(1, w, 4, 2, 1), nn.LeakyReLU(SLOPE, True)]
    for maps in (w, 2 * w, 4 * w):
        layers += block(maps, 2 * maps, 4, 2, SLOPE)
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear((args.size // 16) ** 2 * 8 * w, 1))


def gaussian(device):
    """One axis of SSIM's window."""
    at = torch.arange(WINDOW, device=device) - WINDOW // 2
    w = torch.exp(-at.square() / (2 * 1.5**2))
    return w / w.sum()


def dissimilarity(x, z, w):
    """(1 - SSIM) / 2 of each sample of grey images in [-1, 1], over the windows inside the image."""
    x, z = x * 0.5 + 0.5, z * 0.5 + 0.5
    maps = torch.cat([x, z, x * x + z * z, x * z])  # along the batch: one channel each
    means = F.conv2d(F.conv2d(maps, w.view(1, 1, -1, 1)), w.view(1, 1, 1, -1))
    mx, mz, squares, product = means.chunk(4)
    norm, both = mx * mx + mz * mz, mx * mz
    ssim = (2 * both + C1) * (2 * (product - both) + C2) / ((norm + C1) * (squares - norm + C2))
    return (1 - ssim.mean((1, 2, 3))) / 2


class Gan:
    def __init__(self, args):
        self.args = args
        self.generator = common.placed(Generator(args), args)
        self.discriminator = common.placed(discriminator(args), args)
        self.opt_g = common.adam(self.generator.parameters(), 1e-4, (0.5, 0.999))
        self.opt_d = common.adam(self.discriminator.parameters(), 4e-4, (0.5, 0.999))
        self.real = common.placed(torch.rand(args.batch, 1, args.size, args.size) * 2 - 1, args)
        self.window = gaussian(args.device)
        self.make = common.compiled(args, self.generator)
        self.discriminator_loss = common.compiled(args, self.plain_discriminator_loss)
        self.generator_loss = common.compiled(args, self.plain_generator_loss)

    def z(self):
        return torch.randn(self.args.batch, 125, device=self.args.device)

    def plain_discriminator_loss(self, real, fake):
        reals = (self.discriminator(real) - 1).square().mean()
        return (reals + self.discriminator(fake).square().mean()) / 2

    def plain_generator_loss(self, real, z):
        fake = self.generator(real, z)
        with torch.no_grad():
            weights = dissimilarity(fake, real, self.window)
        return (weights * (self.discriminator(fake)[:, 0] - 1).square()).mean()

    def discriminator_step(self):
        common.begin_update(self.args, self.opt_d)
        with torch.no_grad():
            fake = self.make(self.real, self.z())
        self.discriminator_loss(self.real, fake).backward()
        self.opt_d.step()

    def both(self):
        self.discriminator_step()
        common.begin_update(self.args, self.opt_g)
        with common.frozen(self.discriminator):
            self.generator_loss(self.real, self.z()).backward()
        self.opt_g.step()


def main():
    options = common.parser(batch=16)
    options.add_argument("--size", type=int, default=64)
    options.add_argument("--width", type=int, default=64)
    args = options.parse_args()
    common.prepare(args)
    gan = Gan(args)
    parameters = {"generator": common.count(gan.generator), "discriminator": common.count(gan.discriminator)}
    common.report(args, parameters, discriminator_seconds=gan.discriminator_step, seconds=gan.both)


main()
