#!/usr/bin/env python3
"""Ten iterations of paper 000's DCGAN in PyTorch, in double: writes dcgan_steps.csv.

The networks are small (size 16, width 4, latent 10, batch 4), the recipe is the paper's: inverted
noisy labels, a discriminator step on reals, one on fakes, a generator step, an Adam step after each.
Weights, noise, labels, dropout and images come from the engine's own Philox streams.
Run: python3 dcgan_steps.py > dcgan_steps.csv   (needs PyTorch 1.13 or newer)
"""
import torch
from torch.nn import functional as F

from networks import Network, print_state, tensor
from philox import Rng

SEED, PATH = 7, "golden"
SIZE, WIDTH, LATENT, BATCH, STEPS = 16, 4, 10, 4, 10
SLOPE, EPSILON, DROPOUT, RATE = 0.01, 1e-3, 0.4, 2e-4


class Generator(Network):
    def __init__(self, rng):
        super().__init__(rng, SLOPE, EPSILON)
        half = SIZE // 2
        self.dense("dense", LATENT, half * half * WIDTH)
        self.norm("batch_normalization", half * half * WIDTH)
        self.conv("conv2d", WIDTH, 5, WIDTH)
        self.norm("batch_normalization_1", WIDTH)
        self.conv_transpose("conv2d_transpose", WIDTH, 4, WIDTH)
        self.norm("batch_normalization_2", WIDTH)
        for i in (1, 2):
            self.conv(f"conv2d_{i}", WIDTH, 5, WIDTH)
            self.norm(f"batch_normalization_{i + 2}", WIDTH)
        self.conv("conv2d_3", 1, 5, WIDTH)

    def __call__(self, z):
        x = self.apply_norm("batch_normalization", self.apply_dense("dense", z))
        x = x.reshape(-1, SIZE // 2, SIZE // 2, WIDTH)
        x = self.apply_norm("batch_normalization_1", self.apply_conv("conv2d", x, 1, 2))
        x = self.apply_norm("batch_normalization_2", self.apply_conv_transpose("conv2d_transpose", x))
        x = self.apply_norm("batch_normalization_3", self.apply_conv("conv2d_1", x, 1, 2))
        x = self.apply_norm("batch_normalization_4", self.apply_conv("conv2d_2", x, 1, 2))
        return torch.tanh(self.apply_conv("conv2d_3", x, 1, 2))


class Discriminator(Network):
    def __init__(self, rng):
        super().__init__(rng, SLOPE, EPSILON)
        self.conv("conv2d", WIDTH, 3, 1)
        self.norm("batch_normalization", WIDTH)
        for i in (1, 2, 3):
            self.conv(f"conv2d_{i}", WIDTH, 4, WIDTH)
            self.norm(f"batch_normalization_{i}", WIDTH)
        self.dense("dense", (SIZE // 8) ** 2 * WIDTH, 1)
        self.dropout = rng.child("dropout")

    def __call__(self, x):
        x = self.apply_norm("batch_normalization", self.apply_conv("conv2d", x, 1, 1))
        for i in (1, 2, 3):
            x = self.apply_norm(f"batch_normalization_{i}", self.apply_conv(f"conv2d_{i}", x, 2, 1))
        x = x.reshape(x.shape[0], -1)
        keep = tensor(self.dropout.bernoulli(x.shape, 1 - DROPOUT, 1 / (1 - DROPOUT)))
        return self.apply_dense("dense", x * keep)


def bce(logits, targets):
    return (F.softplus(logits) - targets * logits).mean()


def main():
    generator = Generator(Rng(SEED, PATH + "/generator"))
    discriminator = Discriminator(Rng(SEED, PATH + "/discriminator"))
    adam = lambda n: torch.optim.Adam(n.trained, RATE, (0.5, 0.999), eps=1e-7)
    opt_g, opt_d = adam(generator), adam(discriminator)
    noise, labels = Rng(SEED, PATH + "/noise"), Rng(SEED, PATH + "/labels")
    images = Rng(SEED, "images")
    print("what,index,value")
    for step in range(STEPS):
        real = tensor(images.uniform((BATCH, SIZE, SIZE, 1), -1, 1))
        losses = []

        def update(optimizer, loss):
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())

        update(opt_d, bce(discriminator(real), tensor(labels.uniform((BATCH, 1), 0.0, 0.1))))
        with torch.no_grad():
            fake = generator(tensor(noise.normal((BATCH, LATENT))))
        update(opt_d, bce(discriminator(fake), tensor(labels.uniform((BATCH, 1), 0.9, 1.0))))
        z = tensor(noise.normal((BATCH, LATENT)))
        update(opt_g, bce(discriminator(generator(z)), torch.zeros(BATCH, 1)))
        for name, loss in zip(("loss_real", "loss_fake", "loss_generator"), losses):
            print(f"{name},{step},{loss:.12g}")
    print_state((("generator", generator), ("discriminator", discriminator)))


main()
