#!/usr/bin/env python3
"""Ten steps of paper 002's image-varying GAN in PyTorch, in double: writes iagan_steps.csv.

The networks are small (size 32, width 8, latent 3, batch 6); a step is one of the discriminator on reals
and variations of them (least squares of probabilities, halved), then one of the generator, whose loss is
weighted per sample by (1 - SSIM) / 2 of variation and image, through which no gradient flows. Attention's
gammas begin at .5 instead of 0, so that it counts from the first step. SSIM is taken window by window.
Adam's epsilon is 1e-3, so that a gradient that is zero but for rounding (of attention's key bias) moves
nothing.
Weights, noise and images come from the engine's own Philox streams.
Run: python3 iagan_steps.py > iagan_steps.csv   (needs PyTorch 1.13 or newer)
"""
import torch
from torch.nn import functional as F

from networks import Network, numbered, print_state, take_step, tensor
from philox import Rng

SEED, PATH = 7, "golden"
SIZE, WIDTH, LATENT, BATCH, STEPS = 32, 8, 3, 6, 10
SLOPE, EPSILON, OF_DISCRIMINATOR, OF_GENERATOR, GAMMA = 0.2, 1e-3, 4e-5, 1e-5, 0.5


class Layers(Network):
    def __init__(self, rng):
        super().__init__(rng, 0.0, EPSILON)

    def block(self, name, inputs, maps, window, number=""):
        """A convolution without bias and its batch norm."""
        self.conv(f"{name}conv2d{number}", maps, window, inputs, bias=False)
        self.norm(f"{name}batch_normalization{number}", maps)

    def apply_block(self, name, x, stride, slope, number=""):
        pad = (self.state[f"{name}conv2d{number}/kernel"].shape[1] - 1) // 2
        x = self.apply_conv(f"{name}conv2d{number}", x, stride, pad)
        self.slope = slope
        return self.apply_norm(f"{name}batch_normalization{number}", x)


class Generator(Layers):
    def __init__(self, rng):
        super().__init__(rng)
        image, w = "encoder/image/", WIDTH
        self.conv(image + "conv2d", w, 4, 1)
        for i, maps in ((1, 2 * w), (2, 4 * w)):
            self.conv(f"{image}conv2d_{i}", maps, 4, maps // 2, bias=False)
            self.norm(image + numbered("batch_normalization", i - 1), maps)
            attention = f"{image}attention{i}/"
            self.conv(attention + "query", maps // 8, 1, maps)
            self.conv(attention + "key", maps // 8, 1, maps)
            self.conv(attention + "value", maps, 1, maps)
            self.parameter(attention + "gamma", torch.full((1,), GAMMA))
        self.dense("encoder/noise/dense", LATENT, (SIZE // 8) ** 2 * w)
        inputs = 5 * w
        for i, maps in enumerate((4 * w, 2 * w, w, w // 2)):
            self.block("", inputs, maps, 3, f"_{i}" if i else "")
            self.inception(f"inception_residual{i + 1}/", maps)
            inputs = maps
        self.conv("conv2d_4", 1, 3, inputs)

    def inception(self, name, maps):
        for branch, windows in enumerate(((1,), (1, 3), (1, 3, 3), (1,)), 1):
            inputs = maps
            for i, window in enumerate(windows):
                self.block(f"{name}branch{branch}/", inputs, maps // 4, window, f"_{i}" if i else "")
                inputs = maps // 4
        self.conv(name + "closing/conv2d", maps, 1, maps)

    def apply_inception(self, name, x):
        parts = []
        for branch, depth in ((1, 1), (2, 2), (3, 3), (4, 1)):
            y = x
            if branch == 4:
                y = F.avg_pool2d(x.permute(0, 3, 1, 2), 3, 1, 1, count_include_pad=False)
                y = y.permute(0, 2, 3, 1)
            for i in range(depth):
                y = self.apply_block(f"{name}branch{branch}/", y, 1, 0.0, f"_{i}" if i else "")
            parts.append(y)
        return F.relu(x + self.apply_conv(name + "closing/conv2d", torch.cat(parts, -1), 1, 0))

    def attention(self, name, x):
        rows = lambda what: self.apply_conv(name + what, x, 1, 0).flatten(1, 2)
        scores = rows("query") @ rows("key").transpose(1, 2)
        seen = torch.softmax(scores, -1) @ rows("value")
        return x + self.state[name + "gamma"] * seen.reshape(x.shape)

    def __call__(self, images, z):
        at = "encoder/image/"
        x = F.leaky_relu(self.apply_conv(at + "conv2d", images, 2, 1), SLOPE)
        for i in (1, 2):
            x = self.apply_conv(f"{at}conv2d_{i}", x, 2, 1)
            self.slope = SLOPE
            x = self.apply_norm(at + numbered("batch_normalization", i - 1), x)
            x = self.attention(f"{at}attention{i}/", x)
        noise = F.leaky_relu(self.apply_dense("encoder/noise/dense", z), SLOPE)
        x = torch.cat([x, noise.reshape(-1, SIZE // 8, SIZE // 8, WIDTH)], -1)
        for i in range(4):
            if i:
                x = x.repeat_interleave(2, 1).repeat_interleave(2, 2)
            x = self.apply_block("", x, 1, 0.0, f"_{i}" if i else "")
            x = self.apply_inception(f"inception_residual{i + 1}/", x)
        return torch.tanh(self.apply_conv("conv2d_4", x, 1, 1))


class Discriminator(Layers):
    def __init__(self, rng):
        super().__init__(rng)
        self.conv("conv2d", WIDTH, 4, 1)
        for i in (1, 2, 3):
            self.conv(f"conv2d_{i}", WIDTH << i, 4, WIDTH << (i - 1), bias=False)
            self.norm(numbered("batch_normalization", i - 1), WIDTH << i)
        self.dense("dense", (SIZE // 16) ** 2 * 8 * WIDTH, 1)

    def __call__(self, x):
        x = F.leaky_relu(self.apply_conv("conv2d", x, 2, 1), SLOPE)
        for i in (1, 2, 3):
            x = self.apply_conv(f"conv2d_{i}", x, 2, 1)
            self.slope = SLOPE
            x = self.apply_norm(numbered("batch_normalization", i - 1), x)
        return torch.sigmoid(self.apply_dense("dense", x.reshape(x.shape[0], -1)))


def ssim(x, y):
    """Per sample, of [0, 1], windows inside the image."""
    at = torch.arange(11.0) - 5
    w = torch.exp(-(at[:, None] ** 2 + at[None, :] ** 2) / (2 * 1.5**2))
    w = (w / w.sum()).reshape(1, -1, 1)
    a, b = (F.unfold(v.permute(0, 3, 1, 2), 11) for v in (x, y))
    ma, mb = (w * a).sum(1, True), (w * b).sum(1, True)
    va, vb, cov = ((w * p).sum(1) for p in ((a - ma) ** 2, (b - mb) ** 2, (a - ma) * (b - mb)))
    ma, mb, c1, c2 = ma[:, 0], mb[:, 0], 0.01**2, 0.03**2
    return ((2 * ma * mb + c1) * (2 * cov + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2))).mean(1)


def main():
    generator = Generator(Rng(SEED, PATH + "/generator"))
    discriminator = Discriminator(Rng(SEED, PATH + "/discriminator"))
    adam = lambda network, rate: torch.optim.Adam(network.trained, rate, (0.5, 0.999), eps=1e-3)
    of_generator = adam(generator, OF_GENERATOR)
    of_discriminator = adam(discriminator, OF_DISCRIMINATOR)
    noise, images = Rng(SEED, PATH + "/noise"), Rng(SEED, "images")

    print("what,index,value")
    for step in range(STEPS):
        real = tensor(images.uniform((BATCH, SIZE, SIZE, 1), -1, 1))
        reals = ((discriminator(real) - 1) ** 2).mean()
        with torch.no_grad():
            fake = generator(real, tensor(noise.normal((BATCH, LATENT))))
        fakes = (discriminator(fake) ** 2).mean()
        take_step(of_discriminator, (reals + fakes) / 2)
        fake = generator(real, tensor(noise.normal((BATCH, LATENT))))
        weight = (1 - ssim((fake.detach() + 1) / 2, (real + 1) / 2)) / 2
        loss = (weight * (discriminator(fake)[:, 0] - 1) ** 2).mean()
        take_step(of_generator, loss)
        for name, value in (("real", reals), ("fake", fakes), ("generator", loss)):
            print(f"loss_{name},{step},{value.item():.12g}")
    print_state((("generator", generator), ("discriminator", discriminator)))


main()
