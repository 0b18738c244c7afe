#!/usr/bin/env python3
"""A training step of ResNet-50, ResNet-101 or DenseNet-121 in PyTorch: the peer of `bench/training`.

Prints JSON: seconds per step (median of --repeat). A step gathers a batch of u8 images, goes forward and
back with cross-entropy, and updates with Adam; nothing is augmented. The networks are torchvision's. With
--keras they are Keras's as paper 000 trains them: grey images, biases, the stride of a block in its first
convolution, dropout .4 before the last layer, RMSprop.
"""
import torch
from torch import nn
from torch.nn import functional as F

import common


def conv_norm(args, cin, cout, kernel, stride=1):
    norm = nn.BatchNorm2d(cout, eps=1.001e-5, momentum=0.01) if args.keras else nn.BatchNorm2d(cout)
    return [nn.Conv2d(cin, cout, kernel, stride, kernel // 2, bias=args.keras), norm]


class Bottleneck(nn.Module):
    def __init__(self, args, cin, maps, stride):
        super().__init__()
        cout, first = 4 * maps, stride if args.keras else 1
        self.branch = nn.Sequential(*conv_norm(args, cin, maps, 1, first), nn.ReLU(True),
                                    *conv_norm(args, maps, maps, 3, stride // first), nn.ReLU(True),
                                    *conv_norm(args, maps, cout, 1))
        self.shortcut = nn.Sequential(*(conv_norm(args, cin, cout, 1, stride) if stride > 1 or cin != cout else []))

    def forward(self, x):
        y = self.branch(x)
        y += self.shortcut(x)
        return F.relu(y, inplace=True)


def stem(args):
    return [*conv_norm(args, args.channels, 64, 7, 2), nn.ReLU(True), nn.MaxPool2d(3, 2, 1)]


def head(args, channels):
    dropout = [nn.Dropout(0.4)] if args.keras else []
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), *dropout, nn.Linear(channels, args.classes)]


def resnet(args, blocks_of):
    layers, channels = stem(args), 64
    for stage, blocks in enumerate(blocks_of):
        for block in range(blocks):
            layers.append(Bottleneck(args, channels, 64 << stage, 2 if stage and not block else 1))
            channels = 256 << stage
    return nn.Sequential(*layers, *head(args, channels))


class DenseLayer(nn.Module):
    def __init__(self, cin):
        super().__init__()
        self.branch = nn.Sequential(nn.BatchNorm2d(cin), nn.ReLU(True), nn.Conv2d(cin, 128, 1, bias=False),
                                    nn.BatchNorm2d(128), nn.ReLU(True), nn.Conv2d(128, 32, 3, padding=1, bias=False))

    def forward(self, parts):
        return parts + [self.branch(torch.cat(parts, 1))]


class DenseBlock(nn.Module):
    def __init__(self, cin, count):
        super().__init__()
        self.layers = nn.ModuleList(DenseLayer(cin + 32 * i) for i in range(count))

    def forward(self, x):
        parts = [x]
        for layer in self.layers:
            parts = layer(parts)
        return torch.cat(parts, 1)


def densenet121(args):
    layers, channels = stem(args), 64
    for stage, count in enumerate((6, 12, 24, 16)):
        layers.append(DenseBlock(channels, count))
        channels += 32 * count
        layers += [nn.BatchNorm2d(channels), nn.ReLU(True)]
        if stage < 3:
            layers += [nn.Conv2d(channels, channels // 2, 1, bias=False), nn.AvgPool2d(2, 2)]
            channels //= 2
    return nn.Sequential(*layers, *head(args, channels))


NETWORKS = {"resnet50": lambda args: resnet(args, (3, 4, 6, 3)), "resnet101": lambda args: resnet(args, (3, 4, 23, 3)),
            "densenet121": densenet121}


class Training:
    def __init__(self, args):
        self.args = args
        self.network = common.placed(NETWORKS[args.network](args), args)
        extents = (2 * args.batch, args.channels, args.input, args.input)
        self.stored = common.placed(torch.randint(0, 256, extents, dtype=torch.uint8), args)
        self.labels = torch.arange(2 * args.batch, device=args.device) % args.classes
        parameters = self.network.parameters()
        self.optimizer = (torch.optim.RMSprop(parameters, 1e-3, 0.9, 1e-7) if args.keras else
                          common.adam(parameters, 1e-4, (0.9, 0.999), 1e-7))
        self.loss = common.compiled(args, self.plain_loss)

    def plain_loss(self, images, labels):
        return F.cross_entropy(self.network(images.float() * (2 / 255) - 1), labels)

    def step(self):
        rows = torch.randperm(2 * self.args.batch, device=self.args.device)[:self.args.batch]
        common.begin_update(self.args, self.optimizer)
        self.loss(self.stored[rows], self.labels[rows]).backward()
        self.optimizer.step()


def main():
    options = common.parser(batch=64)
    options.add_argument("--network", default="resnet101", choices=NETWORKS)
    options.add_argument("--input", type=int, default=64)
    options.add_argument("--classes", type=int, default=5)
    options.add_argument("--keras", action="store_true")
    args = options.parse_args()
    if args.keras and args.network == "densenet121":
        options.error("--keras: a ResNet's")
    common.prepare(args)
    args.channels = 1 if args.keras else 3
    training = Training(args)
    common.report(args, common.count(training.network), seconds=training.step)


main()
