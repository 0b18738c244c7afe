#!/usr/bin/env python3
"""Generator updates of paper 001's Wasserstein GAN in PyTorch, in double: writes wgan_steps.csv.

The networks are small (size 16, width 4, latent 10, 3 channels, batch 4), two critic steps before each
generator step. `clip`: ten updates of Arjovsky et al. 2017, algorithm 1, with batch norm in both
networks; `penalty`: ten of Gulrajani et al. 2017, algorithm 1, with layer norm in the critic;
`conditional` and `conditional_penalty`: one update of each kind with three classes.
Weights, noise, interpolation and images come from the engine's own Philox streams.
Run: python3 wgan_steps.py > wgan_steps.csv   (needs PyTorch 1.13 or newer)
"""
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from networks import Network, print_state, take_step, tensor
from philox import Rng

SEED, PATH = 7, "golden"
SIZE, CHANNELS, WIDTH, LATENT, BATCH, CRITIC_STEPS = 16, 3, 4, 10, 4, 2
SLOPE, EPSILON, RATE, CLIP, LAMBDA = 0.2, 1e-5, 1e-4, 0.01, 10.0
CLASSES, LABELS = 3, ((0, 2, 1, 2), (1, 1, 0, 2))  # of a conditional network's two batches
SMALLEST, SAME = 4, (1, 2, 1, 2)  # side of the first maps; pads of a 5x5 convolution of stride 2


@dataclass
class Variant:
    name: str
    updates: int
    penalty: bool = False
    classes: int = 0


class Generator(Network):
    def __init__(self, rng, classes):
        super().__init__(rng, 0.0, EPSILON, normal=True)
        self.dense("dense", LATENT + classes, SMALLEST * SMALLEST * 4 * WIDTH)
        self.norm("batch_normalization", 4 * WIDTH)
        self.conv_transpose("conv2d_transpose", 4 * WIDTH, 5, 2 * WIDTH, bias=False)
        self.norm("batch_normalization_1", 2 * WIDTH)
        self.conv_transpose("conv2d_transpose_1", 2 * WIDTH, 5, CHANNELS)

    def __call__(self, z):
        x = self.apply_dense("dense", z).reshape(-1, SMALLEST, SMALLEST, 4 * WIDTH)
        x = self.apply_norm("batch_normalization", x)
        x = self.apply_conv_transpose("conv2d_transpose", x, 1, 1)
        x = self.apply_norm("batch_normalization_1", x)
        return torch.tanh(self.apply_conv_transpose("conv2d_transpose_1", x, 1, 1))


class Critic(Network):
    """Batch norm, or `per_sample` layer norm."""

    def __init__(self, rng, classes, per_sample):
        super().__init__(rng, SLOPE, EPSILON, normal=True)
        self.per_sample = per_sample
        self.conv("conv2d", WIDTH, 5, CHANNELS + classes)
        self.conv("conv2d_1", 2 * WIDTH, 5, WIDTH, bias=False)
        if per_sample:
            self.layer_norm("layer_normalization", 2 * WIDTH)
        else:
            self.norm("batch_normalization", 2 * WIDTH)
        self.dense("dense", SMALLEST * SMALLEST * 2 * WIDTH, 1)

    def __call__(self, x):
        x = F.leaky_relu(self.apply_conv("conv2d", x, 2, SAME), SLOPE)
        x = self.apply_conv("conv2d_1", x, 2, SAME)
        if self.per_sample:
            x = self.apply_layer_norm("layer_normalization", x)
        else:
            x = self.apply_norm("batch_normalization", x)
        return self.apply_dense("dense", x.reshape(x.shape[0], -1))


def with_class(x, labels, classes):
    """One-hot numbers behind the last axis, the same at every pixel."""
    if not classes:
        return x
    flags = F.one_hot(torch.tensor(labels), classes).to(x.dtype)
    flags = flags.reshape(flags.shape[0], *[1] * (x.dim() - 2), classes)
    return torch.cat([x, flags.expand(*x.shape[:-1], classes)], -1)


class Training:
    def __init__(self, variant):
        self.variant = variant
        self.generator = Generator(Rng(SEED, PATH + "/generator"), variant.classes)
        self.critic = Critic(Rng(SEED, PATH + "/discriminator"), variant.classes, variant.penalty)
        self.noise, self.mix = Rng(SEED, PATH + "/noise"), Rng(SEED, PATH + "/penalty")
        make = self.adam if variant.penalty else self.rmsprop
        self.of_generator, self.of_critic = make(self.generator), make(self.critic)

    def adam(self, network):
        return torch.optim.Adam(network.trained, RATE, (0.0, 0.9), eps=1e-8)

    def rmsprop(self, network):
        return torch.optim.RMSprop(network.trained, RATE, alpha=0.99, eps=1e-8)

    def fakes(self, labels):
        z = tensor(self.noise.uniform((BATCH, LATENT), -1, 1))
        return self.generator(with_class(z, labels, self.variant.classes))

    def judge(self, images, labels):
        return self.critic(with_class(images, labels, self.variant.classes))

    def penalty(self, real, fake, labels):
        u = tensor(self.mix.uniform((BATCH, 1, 1, 1)))
        x = (real + u * (fake - real)).requires_grad_(True)
        g, = torch.autograd.grad(self.judge(x, labels).sum(), x, create_graph=True)
        return LAMBDA * ((g.square().sum((1, 2, 3)).sqrt() - 1) ** 2).mean()

    def critic_step(self, real, labels):
        of_reals = self.judge(real, labels).mean()
        with torch.no_grad():
            fake = self.fakes(labels)
        of_fakes = self.judge(fake, labels).mean()
        penalty = self.penalty(real, fake, labels) if self.variant.penalty else torch.zeros(())
        take_step(self.of_critic, of_fakes - of_reals + penalty)
        if not self.variant.penalty:
            with torch.no_grad():
                for parameter in self.critic.trained:
                    parameter.clamp_(-CLIP, CLIP)
        return {"real": -of_reals, "fake": of_fakes, "penalty": penalty}

    def generator_step(self, labels):
        loss = -self.judge(self.fakes(labels), labels).mean()
        take_step(self.of_generator, loss)
        return {"generator": loss}


def run(variant):
    training, images = Training(variant), Rng(SEED, "images")
    for step in range(variant.updates * CRITIC_STEPS):
        real = tensor(images.uniform((BATCH, SIZE, SIZE, CHANNELS), -1, 1))
        labels = LABELS[step % len(LABELS)]
        losses = training.critic_step(real, labels)
        if step % CRITIC_STEPS == CRITIC_STEPS - 1:
            losses |= training.generator_step(labels)
        for name, loss in losses.items():
            index = step // CRITIC_STEPS if name == "generator" else step
            print(f"{variant.name}/loss_{name},{index},{loss.item():.12g}")
    networks = (("generator", training.generator), ("discriminator", training.critic))
    print_state(networks, variant.name + "/")


def main():
    print("what,index,value")
    run(Variant("clip", 10))
    run(Variant("penalty", 10, penalty=True))
    run(Variant("conditional", 1, classes=CLASSES))
    run(Variant("conditional_penalty", 1, penalty=True, classes=CLASSES))


main()
