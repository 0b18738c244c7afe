#!/usr/bin/env python3
"""Ten steps of f-AnoGAN's encoder (izi_f) in PyTorch, in double: writes encoder_steps.csv.

AnoGAN's networks are small (size 16, width 4, latent 10) and as they were first made: frozen, in
inference mode, their moving statistics 0 and 1. The encoder has their discriminator's convolutions with
layer norm and a dense layer to z; the loss is the pixels' mean squared error and KAPPA times that of the
discriminator's features, the optimiser RMSprop. `bounded` puts tanh behind z, `free` does not.
Weights and images come from the engine's own Philox streams. The frozen networks' kernels are GAIN times as
large as at first, or z would hardly show in images, and those not in features.
Run: python3 encoder_steps.py > encoder_steps.csv   (needs PyTorch 1.13 or newer)
"""
import torch
from torch.nn import functional as F

from networks import Network, print_state, take_step, tensor
from philox import Rng

SEED, PATH = 7, "golden"
SIZE, WIDTH, LATENT, BATCH, STEPS = 16, 4, 10, 4, 10
SLOPE, EPSILON, RATE, KAPPA, GAIN = 0.2, 1e-5, 1e-4, 0.5, 8.0
SMALLEST, SAME = 4, (1, 2, 1, 2)  # side of the first maps; pads of a 5x5 convolution of stride 2


class Frozen(Network):
    def __init__(self, rng, slope):
        super().__init__(rng, slope, EPSILON, normal=True)

    def gain(self):
        with torch.no_grad():
            for name, value in self.state.items():
                if name.endswith("/kernel"):
                    value.mul_(GAIN)

    def apply_norm(self, name, x):
        s = self.state
        y = (x - s[name + "/moving_mean"]) / torch.sqrt(s[name + "/moving_variance"] + self.epsilon)
        return F.leaky_relu(y * s[name + "/gamma"] + s[name + "/beta"], self.slope)


class Generator(Frozen):
    def __init__(self):
        super().__init__(Rng(SEED, PATH + "/generator"), 0.0)
        self.kernel("dense", (LATENT, SMALLEST * SMALLEST * 2 * WIDTH), 0, 0)
        self.norm("batch_normalization", 2 * WIDTH)
        self.conv_transpose("conv2d_transpose", 2 * WIDTH, 5, WIDTH, bias=False)
        self.norm("batch_normalization_1", WIDTH)
        self.conv_transpose("conv2d_transpose_1", WIDTH, 5, 1, bias=False)
        self.gain()

    def __call__(self, z):
        x = (z @ self.state["dense/kernel"]).reshape(-1, SMALLEST, SMALLEST, 2 * WIDTH)
        x = self.apply_norm("batch_normalization", x)
        x = self.apply_conv_transpose("conv2d_transpose", x, 1, 1)
        x = self.apply_norm("batch_normalization_1", x)
        return torch.tanh(self.apply_conv_transpose("conv2d_transpose_1", x, 1, 1))


class Features(Frozen):
    """What the discriminator gives before its dense layer."""

    def __init__(self):
        super().__init__(Rng(SEED, PATH + "/discriminator"), SLOPE)
        self.conv("conv2d", WIDTH, 5, 1, bias=False)
        self.conv("conv2d_1", 2 * WIDTH, 5, WIDTH, bias=False)
        self.norm("batch_normalization", 2 * WIDTH)
        self.gain()

    def __call__(self, x):
        x = F.leaky_relu(self.apply_conv("conv2d", x, 2, SAME), SLOPE)
        return self.apply_norm("batch_normalization", self.apply_conv("conv2d_1", x, 2, SAME))


class Encoder(Network):
    def __init__(self, bounded):
        super().__init__(Rng(SEED, PATH + "/encoder"), SLOPE, EPSILON, normal=True)
        self.bounded = bounded
        self.conv("conv2d", WIDTH, 5, 1, bias=False)
        self.conv("conv2d_1", 2 * WIDTH, 5, WIDTH, bias=False)
        self.layer_norm("layer_normalization", 2 * WIDTH)
        self.dense("dense", SMALLEST * SMALLEST * 2 * WIDTH, LATENT)

    def __call__(self, x):
        x = F.leaky_relu(self.apply_conv("conv2d", x, 2, SAME), SLOPE)
        x = self.apply_layer_norm("layer_normalization", self.apply_conv("conv2d_1", x, 2, SAME))
        z = self.apply_dense("dense", x.reshape(x.shape[0], -1))
        return torch.tanh(z) if self.bounded else z


def run(name, bounded):
    generator, features, encoder, images = Generator(), Features(), Encoder(bounded), Rng(SEED, "images")
    optimizer = torch.optim.RMSprop(encoder.trained, RATE, alpha=0.9, eps=1e-8)
    for step in range(STEPS):
        x = tensor(images.uniform((BATCH, SIZE, SIZE, 1), -1, 1))
        made = generator(encoder(x))
        pixels, of_features = F.mse_loss(made, x), F.mse_loss(features(made), features(x))
        loss = pixels + KAPPA * of_features
        take_step(optimizer, loss)
        for what, value in (("loss", loss), ("pixels", pixels), ("features", of_features)):
            print(f"{name}/{what},{step},{value.item():.12g}")
    print_state((("encoder", encoder),), name + "/")


def main():
    print("what,index,value")
    run("bounded", True)
    run("free", False)


main()
