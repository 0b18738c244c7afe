"""Ten iterations of the golden scripts' GANs that train by binary cross-entropy: each is a discriminator
step on reals, one on fakes and a generator step, all of Adam(2e-4, .5). Noise and images come from the
engine's own Philox streams.
"""
import torch
from torch.nn import functional as F

from networks import print_state, take_step, tensor
from philox import Rng

SEED, PATH = 7, "golden"
BATCH, STEPS, RATE = 4, 10, 2e-4


def cross_entropy(logits, targets):
    return (F.softplus(logits) - targets * logits).mean()


def print_iterations(generator, discriminator, image, latent, target):
    """`image`: rows and columns. `target` gives a loss's targets by its name, in the order of the steps."""
    of_generator, of_discriminator = (
        torch.optim.Adam(network.trained, RATE, (0.5, 0.999), eps=1e-7) for network in (generator, discriminator))
    noise, images = Rng(SEED, PATH + "/noise"), Rng(SEED, "images")

    def fakes():
        return generator(tensor(noise.normal((BATCH, latent))))

    def step(name, optimizer, x):
        loss = cross_entropy(discriminator(x), target(name))
        take_step(optimizer, loss)
        return loss

    print("what,index,value")
    for iteration in range(STEPS):
        losses = {"real": step("real", of_discriminator, tensor(images.uniform((BATCH, *image, 1), -1, 1)))}
        with torch.no_grad():
            fake = fakes()
        losses["fake"] = step("fake", of_discriminator, fake)
        losses["generator"] = step("generator", of_generator, fakes())
        for name, loss in losses.items():
            print(f"loss_{name},{iteration},{loss.item():.12g}")
    print_state((("generator", generator), ("discriminator", discriminator)))
