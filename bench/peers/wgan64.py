#!/usr/bin/env python3
"""Training steps of paper 001's Wasserstein GAN in PyTorch: the peer of `bench/training`.

Prints JSON: seconds of a critic step on reals and fakes with clipping, of the same with a generator step
behind it, and of a cycle of five critic steps and one generator step (medians of --repeat). With --penalty
layer norm in the critic, a gradient penalty instead of clipping, and Adam (Gulrajani et al. 2017). Windows
are 5x5 of stride 2. Where ours are padded by one pixel before and two behind, these are by two and one: the
same products, and PyTorch needs no separate padding.
"""
import torch
from torch import nn

import common

CLIP, LAMBDA = 0.01, 10.0


def norm(channels):
    return nn.BatchNorm2d(channels, eps=1e-5, momentum=0.1)


def per_sample_norm(channels):
    """Layer norm over all of a sample, with a scale and a shift per channel."""
    return nn.GroupNorm(1, channels, eps=1e-5)


def generator(args, levels=4, latent=100):
    maps = args.width << levels
    layers = [common.DenseMaps(args, latent, maps, 4), norm(maps), nn.ReLU(True)]
    for _ in range(levels - 1):
        layers += [nn.ConvTranspose2d(maps, maps // 2, 5, 2, 2, 1, bias=False), norm(maps // 2), nn.ReLU(True)]
        maps //= 2
    return nn.Sequential(*layers, nn.ConvTranspose2d(maps, 3, 5, 2, 2, 1), nn.Tanh())


def critic(args, levels=4):
    own = per_sample_norm if args.penalty else norm
    layers, maps = [nn.Conv2d(3, args.width, 5, 2, 2), nn.LeakyReLU(0.2, True)], args.width
    for _ in range(levels - 1):
        layers += [nn.Conv2d(maps, 2 * maps, 5, 2, 2, bias=False), own(2 * maps), nn.LeakyReLU(0.2, True)]
        maps *= 2
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(4 * 4 * maps, 1))


def optimizer(parameters, args):
    return common.adam(parameters, 1e-4, (0.0, 0.9)) if args.penalty else torch.optim.RMSprop(parameters, 1e-4)


class Gan:
    def __init__(self, args):
        self.args = args
        self.generator = common.placed(generator(args), args)
        self.critic = common.placed(critic(args), args)
        self.opt_g = optimizer(self.generator.parameters(), args)
        self.opt_c = optimizer(self.critic.parameters(), args)
        self.real = common.placed(torch.rand(args.batch, 3, 64, 64) * 2 - 1, args)
        self.make = common.compiled(args, self.generator)
        self.critic_loss = common.compiled(args, self.plain_critic_loss)
        self.generator_loss = common.compiled(args, self.plain_generator_loss)

    def plain_critic_loss(self, real, fake):
        return self.critic(fake).mean() - self.critic(real).mean()

    def plain_generator_loss(self, z):
        return -self.critic(self.generator(z)).mean()

    def penalty(self, fake):
        """Not compiled: torch.compile refuses gradients of gradients."""
        u = torch.rand(self.args.batch, 1, 1, 1, device=self.args.device)
        x = torch.lerp(self.real, fake, u).requires_grad_(True)
        g, = torch.autograd.grad(self.critic(x).sum(), x, create_graph=True)
        return LAMBDA * (g.square().sum((1, 2, 3)).sqrt() - 1).square().mean()

    def latent(self):
        return torch.rand(self.args.batch, 100, device=self.args.device) * 2 - 1

    @torch.no_grad()
    def clip(self):
        parameters = list(self.critic.parameters())
        if hasattr(torch, "_foreach_clamp_min_"):  # one call for all
            torch._foreach_clamp_min_(parameters, -CLIP)
            torch._foreach_clamp_max_(parameters, CLIP)
        else:
            for p in parameters:
                p.clamp_(-CLIP, CLIP)

    def critic_step(self):
        common.begin_update(self.args, self.opt_c)
        with torch.no_grad():
            fake = self.make(self.latent())
        loss = self.critic_loss(self.real, fake)
        if self.args.penalty:
            loss = loss + self.penalty(fake)
        loss.backward()
        self.opt_c.step()
        if not self.args.penalty:
            self.clip()

    def both(self):
        self.critic_step()
        common.begin_update(self.args, self.opt_g)
        with common.frozen(self.critic):
            self.generator_loss(self.latent()).backward()
        self.opt_g.step()

    def cycle(self):
        for _ in range(4):
            self.critic_step()
        self.both()


def main():
    options = common.parser(batch=8)
    options.add_argument("--width", type=int, default=64)
    options.add_argument("--penalty", action="store_true")
    args = options.parse_args()
    common.prepare(args)
    gan = Gan(args)
    parameters = {"generator": common.count(gan.generator), "discriminator": common.count(gan.critic)}
    common.report(args, parameters, discriminator_seconds=gan.critic_step, seconds=gan.both, cycle_seconds=gan.cycle)


main()
