"""A DCGAN's iteration as papers 000, 003 and AnoGAN train it: a step of the discriminator on reals, one on
fakes, then one of the generator on new fakes; cross-entropy, three Adam updates."""
import torch
from torch.nn import functional as F

import common


class Gan:
    """`noisy_labels`: real 0, fake 1, up to .1 off (paper 000); else real 1, fake 0."""

    def __init__(self, args, generator, discriminator, real, latent, noisy_labels):
        self.args, self.latent, self.noisy_labels = args, latent, noisy_labels
        self.generator = common.placed(generator, args)
        self.discriminator = common.placed(discriminator, args)
        self.real = common.placed(real, args)
        self.opt_g = common.adam(self.generator.parameters(), 2e-4, (0.5, 0.999))
        self.opt_d = common.adam(self.discriminator.parameters(), 2e-4, (0.5, 0.999))
        self.ones = torch.ones(args.batch, 1, device=args.device)
        self.zeros = torch.zeros(args.batch, 1, device=args.device)
        self.make = common.compiled(args, self.generator)
        self.loss = common.compiled(args, self.plain_loss)
        self.generator_loss = common.compiled(args, self.plain_generator_loss)

    def plain_loss(self, images, targets):
        return F.binary_cross_entropy_with_logits(self.discriminator(images), targets)

    def plain_generator_loss(self, z, targets):
        return self.plain_loss(self.generator(z), targets)

    def targets(self, real):
        if not self.noisy_labels:
            return self.ones if real else self.zeros
        noise = torch.rand(self.args.batch, 1, device=self.args.device) * 0.1
        return noise if real else 1 - noise

    def z(self):
        return torch.randn(self.args.batch, self.latent, device=self.args.device)

    def on_reals(self):
        common.begin_update(self.args, self.opt_d)
        self.loss(self.real, self.targets(True)).backward()
        self.opt_d.step()

    def on_fakes(self):
        common.begin_update(self.args, self.opt_d)
        with torch.no_grad():
            fake = self.make(self.z())
        self.loss(fake, self.targets(False)).backward()
        self.opt_d.step()

    def step(self):
        self.on_reals()
        self.on_fakes()
        common.begin_update(self.args, self.opt_g)
        with common.frozen(self.discriminator):
            self.generator_loss(self.z(), self.zeros if self.noisy_labels else self.ones).backward()
        self.opt_g.step()


def run(args, generator, discriminator, real, latent=100, noisy_labels=False):
    """Prints the seconds of an iteration."""
    gan = Gan(args, generator, discriminator, real, latent, noisy_labels)
    parameters = {"generator": common.count(gan.generator), "discriminator": common.count(gan.discriminator)}
    common.report(args, parameters, seconds=gan.step)
