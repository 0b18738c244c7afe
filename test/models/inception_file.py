#!/ usr / bin / env python3
"""Writes a file with the names and extents of the published Inception-v3 and numbers of no meaning.

    inception_file.py UNITS.csv OUT.pth [--legacy] [--classes 1008]

Element i of the n-th tensor is ((7 i + 13 n) mod 1009) / 1009, n counted in the order of writing, so
that a reader can name every number. Needs PyTorch.
"""
import argparse
import csv
from collections import OrderedDict

import torch

parser = argparse.ArgumentParser()
parser.add_argument("units")
parser.add_argument("target")
parser.add_argument("--legacy", action="store_true")
parser.add_argument("--classes", type=int, default=1008)
words = parser.parse_args()
state = OrderedDict()


def add(name, *shape):
    count = 1
    for extent in shape:
        count *= extent
    numbers = (torch.arange(count) * 7 + len(state) * 13) % 1009
    state[name] = (numbers.double() / 1009).float().reshape(shape)


with open(words.units) as file:
    units = list(csv.reader(file))[1:]
for unit, filters, channels, rows, columns in units:
    add(unit + ".conv.weight", int(filters), int(channels), int(rows), int(columns))
    for name in ("weight", "bias", "running_mean", "running_var"):
        add(f"{unit}.bn.{name}", int(filters))
add("fc.weight", words.classes, 2048)
add("fc.bias", words.classes)
state["Conv2d_1a_3x3.bn.num_batches_tracked"] = torch.tensor(0)
torch.save(state, words.target, _use_new_zipfile_serialization=not words.legacy)
