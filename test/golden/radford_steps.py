#!/usr/bin/env python3
"""Ten iterations of paper 004's DCGAN in PyTorch, in double: writes radford_steps.csv.

The networks are small (16 pixels a side, 4 maps before the generator's last layer and 3 behind the
discriminator's first, latent 6, batch 4), the recipe is brainct-cgan128's: a pass on reals (label 1), one on
fakes (label 0), one step of the discriminator on both, a step of the generator on the same fakes, each of
Adam(2e-4, .5). `plain` knows no classes and `noise` has falling noise on what the discriminator is shown;
`concat`, `every_layer` and `projection` are the three ways to tell one of three classes.
Weights, noise and images come from the engine's own Philox streams.
Run: python3 radford_steps.py > radford_steps.csv   (needs PyTorch 1.13 or newer)
"""
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from cross_entropy import BATCH, PATH, RATE, SEED, cross_entropy
from networks import Network, numbered, print_state, take_step, tensor
from philox import Rng

SIDE, NGF, NDF, LATENT, KERNEL = 16, 4, 3, 6, 4
SLOPE, EPSILON, MOMENTUM = 0.2, 1e-5, 0.9
LABELS = ((0, 2, 1, 2), (1, 1, 0, 2))
CLASSES = 3


@dataclass
class Variant:
    name: str
    classes: int = CLASSES
    every_layer: bool = False
    projection: bool = False
    input_noise: float = 0.0

    @property
    def beside(self):
        """Channels more of a layer's input that the network does not begin with."""
        return self.classes if self.every_layer else 0

    @property
    def first(self):
        return 0 if self.projection else self.classes


def joined(x, flags):
    """One-hot numbers behind the last axis, the same at every pixel."""
    flags = flags.reshape(flags.shape[0], *[1] * (x.dim() - 2), flags.shape[1])
    return torch.cat([x, flags.expand(*x.shape[:-1], flags.shape[-1])], -1)


class Told(Network):
    def __init__(self, rng, variant, slope):
        super().__init__(rng, slope, EPSILON, MOMENTUM, normal=True)
        self.variant = variant

    def unbiased(self, name, x):
        """Batch norm's statistics as torch.nn.BatchNorm2d keeps them."""
        axes = tuple(range(x.dim() - 1))
        with torch.no_grad():
            for kind, batch in (("mean", x.mean(axes)), ("variance", x.var(axes, unbiased=True))):
                self.state[f"{name}/moving_{kind}"].mul_(MOMENTUM).add_(batch * (1 - MOMENTUM))

    def apply_norm(self, name, x):
        y = self.normalised(name, x, tuple(range(x.dim() - 1)))[0]
        self.unbiased(name, x)
        return y

    def class_norm(self, name, channels):
        classes = self.variant.classes
        self.parameter(name + "/gamma", self.random(name, (classes, channels), 1.0))
        self.parameter(name + "/beta", torch.zeros(classes, channels))
        self.state[name + "/moving_mean"] = torch.zeros(channels)
        self.state[name + "/moving_variance"] = torch.ones(channels)

    def apply_class_norm(self, name, x, labels):
        y = F.batch_norm(x.permute(0, 3, 1, 2), None, None, training=True, eps=EPSILON).permute(0, 2, 3, 1)
        self.unbiased(name, x)
        gamma, beta = (F.embedding(labels, self.state[f"{name}/{key}"])[:, None, None] for key in ("gamma", "beta"))
        return F.leaky_relu(y * gamma + beta, self.slope)

    def beside(self, x, flags):
        return joined(x, flags) if self.variant.beside else x


class Generator(Told):
    """The first layer is a transposed convolution of one pixel here, a dense layer in the engine."""

    def __init__(self, rng, variant):
        super().__init__(rng, variant, 0.0)
        more, norm = variant.beside, self.class_norm if variant.projection else self.norm
        self.kernel("dense", (LATENT + variant.first, 16 * 2 * NGF), 0, 0)
        norm("batch_normalization", 2 * NGF)
        self.conv_transpose("conv2d_transpose", 2 * NGF + more, KERNEL, NGF, bias=False)
        norm("batch_normalization_1", NGF)
        self.conv_transpose("conv2d_transpose_1", NGF + more, KERNEL, 1, bias=False)

    def apply_class(self, name, x, flags):
        if self.variant.projection:
            return self.apply_class_norm(name, x, flags.argmax(1))
        return self.apply_norm(name, x)

    def __call__(self, z, flags):
        x = joined(z, flags) if self.variant.first else z
        w = self.state["dense/kernel"].reshape(-1, 4, 4, 2 * NGF).permute(0, 3, 1, 2)
        x = F.conv_transpose2d(x[:, :, None, None], w).permute(0, 2, 3, 1)
        x = self.apply_class("batch_normalization", x, flags)
        x = self.apply_conv_transpose("conv2d_transpose", self.beside(x, flags))
        x = self.apply_class("batch_normalization_1", x, flags)
        return torch.tanh(self.apply_conv_transpose("conv2d_transpose_1", self.beside(x, flags)))


class Discriminator(Told):
    """The last layer without `every_layer` is a convolution here, a dense layer in the engine."""

    def __init__(self, rng, variant):
        super().__init__(rng, variant, SLOPE)
        more = variant.beside
        self.conv("conv2d", NDF, KERNEL, 1 + variant.first, bias=False)
        self.conv("conv2d_1", 2 * NDF, KERNEL, NDF + more, bias=False)
        self.norm("batch_normalization", 2 * NDF)
        self.kernel("dense", (16 * 2 * NDF + more, 1), 0, 0)
        if variant.projection:
            self.parameter("dense/embedding", tensor(
                rng.child("dense").child("embedding").normal((CLASSES, 2 * NDF), 0.0, 0.02)))

    def __call__(self, x, flags):
        x = joined(x, flags) if self.variant.first else x
        x = F.leaky_relu(self.apply_conv("conv2d", x, 2, 1), SLOPE)
        x = self.apply_norm("batch_normalization", self.apply_conv("conv2d_1", self.beside(x, flags), 2, 1))
        w = self.state["dense/kernel"]
        if self.variant.beside:
            return torch.cat([x.flatten(1), flags], 1) @ w
        score = F.conv2d(x.permute(0, 3, 1, 2), w.reshape(1, 4, 4, -1).permute(0, 3, 1, 2)).flatten(1)
        if self.variant.projection:
            own = F.embedding(flags.argmax(1), self.state["dense/embedding"])
            score = score + (own * x.sum((1, 2))).sum(1, keepdim=True)
        return score


class Training:
    def __init__(self, variant):
        self.variant = variant
        self.generator = Generator(Rng(SEED, PATH + "/generator"), variant)
        self.discriminator = Discriminator(Rng(SEED, PATH + "/discriminator"), variant)
        self.of_generator, self.of_discriminator = (
            torch.optim.Adam(network.trained, RATE, (0.5, 0.999), eps=1e-8)
            for network in (self.generator, self.discriminator))
        self.noise, self.input_noise = Rng(SEED, PATH + "/noise"), Rng(SEED, PATH + "/input")

    def judge(self, images, flags, deviation):
        if self.variant.input_noise:
            images = images + deviation * tensor(self.input_noise.normal(images.shape))
        return self.discriminator(images, flags)

    def step(self, real, flags, deviation):
        fake = self.generator(tensor(self.noise.normal((BATCH, LATENT))), flags)
        losses = {"real": cross_entropy(self.judge(real, flags, deviation), 1.0),
                  "fake": cross_entropy(self.judge(fake.detach(), flags, deviation), 0.0)}
        take_step(self.of_discriminator, losses["real"] + losses["fake"])
        losses["generator"] = cross_entropy(self.judge(fake, flags, deviation), 1.0)
        take_step(self.of_generator, losses["generator"])
        return losses


def run(variant, iterations):
    training, images = Training(variant), Rng(SEED, "images")
    for iteration in range(iterations):
        real = tensor(images.uniform((BATCH, SIDE, SIDE, 1), -1, 1))
        labels = torch.tensor(LABELS[iteration % len(LABELS)])
        flags = F.one_hot(labels, CLASSES).to(torch.float64)[:, :variant.classes]
        losses = training.step(real, flags, variant.input_noise * (1 - iteration / iterations))
        for name, loss in losses.items():
            print(f"{variant.name}/loss_{name},{iteration},{loss.item():.12g}")
    print_state((("generator", training.generator), ("discriminator", training.discriminator)), variant.name + "/")


def main():
    print("what,index,value")
    run(Variant("plain", classes=0), 3)
    run(Variant("noise", classes=0, input_noise=0.25), 4)
    run(Variant("concat"), 10)
    run(Variant("every_layer", every_layer=True), 10)
    run(Variant("projection", projection=True), 10)


main()
