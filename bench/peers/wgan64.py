#!/usr/bin/env python3
"""Training steps of paper 001's Wasserstein GAN in PyTorch: the peer of `bench/training`.

Prints one JSON object with the seconds of a critic step on reals and fakes with clipping, of the same
with a generator step behind it, and of a cycle of five critic steps and one generator step (medians of
--repeat). Windows are 5x5 of stride 2. Where ours are padded by one pixel before and two behind, these
are by two and one: the same products, and PyTorch needs no separate padding.
"""
import torch
from torch import nn

import common

CLIP = 0.01


def norm(channels):
    return nn.BatchNorm2d(channels, eps=1e-5, momentum=0.1)


class Generator(nn.Module):
    def __init__(self, width, levels=4, latent=100):
        super().__init__()
        maps = width << levels
        self.first = maps
        self.dense = nn.Linear(latent, 4 * 4 * maps)
        layers = [norm(maps), nn.ReLU(True)]
        for _ in range(levels - 1):
            layers += [nn.ConvTranspose2d(maps, maps // 2, 5, 2, 2, 1, bias=False), norm(maps // 2), nn.ReLU(True)]
            maps //= 2
        self.body = nn.Sequential(*layers, nn.ConvTranspose2d(maps, 3, 5, 2, 2, 1), nn.Tanh())

    def forward(self, z):
        x = self.dense(z)
        if self.channels_last:  # its 4 x 4 x maps read as such: no copy
            x = x.view(-1, 4, 4, self.first).permute(0, 3, 1, 2)
        else:
            x = x.view(-1, self.first, 4, 4)
        return self.body(x)


class Critic(nn.Module):
    def __init__(self, width, levels=4):
        super().__init__()
        layers, maps = [nn.Conv2d(3, width, 5, 2, 2), nn.LeakyReLU(0.2, True)], width
        for _ in range(levels - 1):
            layers += [nn.Conv2d(maps, 2 * maps, 5, 2, 2, bias=False), norm(2 * maps), nn.LeakyReLU(0.2, True)]
            maps *= 2
        self.body = nn.Sequential(*layers, nn.Flatten(), nn.Linear(4 * 4 * maps, 1))

    def forward(self, x):
        return self.body(x)


class Gan:
    def __init__(self, args):
        self.args = args
        self.generator = common.placed(Generator(args.width), args)
        self.generator.channels_last = args.channels_last
        self.critic = common.placed(Critic(args.width), args)
        self.opt_g = torch.optim.RMSprop(self.generator.parameters(), 1e-4)
        self.opt_c = torch.optim.RMSprop(self.critic.parameters(), 1e-4)
        self.real = common.placed(torch.rand(args.batch, 3, 64, 64) * 2 - 1, args)

    def latent(self):
        return torch.rand(self.args.batch, 100, device=self.args.device) * 2 - 1

    def critic_step(self):
        self.opt_c.zero_grad()
        with torch.no_grad():
            fake = self.generator(self.latent())
        (self.critic(fake).mean() - self.critic(self.real).mean()).backward()
        self.opt_c.step()
        with torch.no_grad():
            for p in self.critic.parameters():
                p.clamp_(-CLIP, CLIP)

    def both(self):
        self.critic_step()
        self.opt_g.zero_grad()
        # The critic's own gradients are not wanted here.
        self.critic.requires_grad_(False)
        (-self.critic(self.generator(self.latent())).mean()).backward()
        self.critic.requires_grad_(True)
        self.opt_g.step()

    def cycle(self):
        for _ in range(4):
            self.critic_step()
        self.both()


def main():
    options = common.parser(batch=8)
    options.add_argument("--width", type=int, default=64)
    args = options.parse_args()
    common.prepare(args)
    gan = Gan(args)
    seconds = {"discriminator_seconds": common.median_seconds(args, gan.critic_step),
               "seconds": common.median_seconds(args, gan.both),
               "cycle_seconds": common.median_seconds(args, gan.cycle)}
    parameters = {"generator": common.count(gan.generator), "discriminator": common.count(gan.critic)}
    common.report(args, parameters, **seconds)


main()
