#!/usr/bin/env python3
"""A training step of ResNet-101 or DenseNet-121 in PyTorch: the peer of `bench/training`.

Prints one JSON object: seconds per step (median of --repeat). A step gathers a batch of u8 images, goes
forward and back with cross-entropy, and updates with Adam; nothing is augmented. The networks are
torchvision's where it is installed, else the same written out here.
"""
import torch
from torch import nn
from torch.nn import functional as F

import common


def conv_norm(cin, cout, kernel, stride=1):
    return [nn.Conv2d(cin, cout, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(cout)]


class Bottleneck(nn.Module):
    def __init__(self, cin, maps, stride):
        super().__init__()
        cout = 4 * maps
        self.branch = nn.Sequential(*conv_norm(cin, maps, 1), nn.ReLU(True), *conv_norm(maps, maps, 3, stride),
                                    nn.ReLU(True), *conv_norm(maps, cout, 1))
        self.shortcut = nn.Sequential(*(conv_norm(cin, cout, 1, stride) if stride > 1 or cin != cout else []))

    def forward(self, x):
        y = self.branch(x)
        y += self.shortcut(x)
        return F.relu(y, inplace=True)


def stem():
    return [*conv_norm(3, 64, 7, 2), nn.ReLU(True), nn.MaxPool2d(3, 2, 1)]


def resnet101(classes):
    layers, channels = stem(), 64
    for stage, blocks in enumerate((3, 4, 23, 3)):
        for block in range(blocks):
            layers.append(Bottleneck(channels, 64 << stage, 2 if stage and not block else 1))
            channels = 256 << stage
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes))


class DenseLayer(nn.Module):
    def __init__(self, cin):
        super().__init__()
        self.branch = nn.Sequential(nn.BatchNorm2d(cin), nn.ReLU(True), *conv_norm(cin, 128, 1), nn.ReLU(True),
                                    nn.Conv2d(128, 32, 3, padding=1, bias=False))

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


def densenet121(classes):
    layers, channels = stem(), 64
    for stage, count in enumerate((6, 12, 24, 16)):
        layers.append(DenseBlock(channels, count))
        channels += 32 * count
        layers += [nn.BatchNorm2d(channels), nn.ReLU(True)]
        if stage < 3:
            layers += [nn.Conv2d(channels, channels // 2, 1, bias=False), nn.AvgPool2d(2, 2)]
            channels //= 2
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes))


def make(name, classes):
    try:
        from torchvision import models
        return getattr(models, name)(num_classes=classes)
    except ImportError:
        return {"resnet101": resnet101, "densenet121": densenet121}[name](classes)


def main():
    options = common.parser(batch=64)
    options.add_argument("--network", default="resnet101", choices=["resnet101", "densenet121"])
    options.add_argument("--input", type=int, default=64)
    options.add_argument("--classes", type=int, default=5)
    args = options.parse_args()
    common.prepare(args)
    network = common.placed(make(args.network, args.classes), args)
    stored = common.placed(torch.randint(0, 256, (2 * args.batch, 3, args.input, args.input), dtype=torch.uint8),
                           args)
    labels = torch.arange(2 * args.batch, device=args.device) % args.classes
    adam = common.adam(network.parameters(), 1e-4, (0.9, 0.999), 1e-7)

    def step():
        rows = torch.randperm(2 * args.batch, device=args.device)[:args.batch]
        images = stored[rows].float() * (2 / 255) - 1
        adam.zero_grad()
        F.cross_entropy(network(images), labels[rows]).backward()
        adam.step()

    common.report(args, common.count(network), seconds=common.median_seconds(args, step))


main()
