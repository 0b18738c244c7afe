#!/usr/bin/env python3
"""Converts the public weights of the FID's Inception-v3 from PyTorch's file to the .h5 read here.

    tools/convert_inception.py pt_inception-2015-12-05-6726825d.pth inception.h5

The project ships no weights: download the .pth from the releases of pytorch-fid or torch-fidelity.
Needs Python 3.7 or newer and nothing else, no PyTorch: files of both of PyTorch's formats are read
with an unpickler that builds float32 tensors and refuses everything else, so that a file from
elsewhere cannot run code.

Torch's `NAME.conv.weight` (out, in, rows, columns) becomes `NAME_conv/NAME_conv/kernel:0` (rows,
columns, in, out), `NAME.bn.weight, bias, running_mean, running_var` become gamma, beta, moving_mean
and moving_variance of `NAME_bn`, with '_' for each '.' of NAME; `fc` keeps its name.

Published files are named after their SHA-256. Where it fits, or on your word (--published, for the
same weights in another file), the .h5 says so, and distances on its features may be called FID.
"""
import argparse
import array
import hashlib
import os
import pickle
import re
import struct
import sys
import zipfile
from collections import OrderedDict

from plain_h5 import PlainH5

PUBLISHED = "6726825d"  # how the SHA-256 of the published file begins, as its name says
LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
UNITS = 94


class Refused(Exception):
    pass


class Storage:
    def __init__(self, kind, numel):
        self.kind, self.numel, self.values = kind, numel, None


class TensorOf:
    """A contiguous tensor: its storage, where it begins there, its extents."""

    def __init__(self, storage, offset, shape, stride, *_):
        expected = 1
        for extent, step in zip(reversed(shape), reversed(stride)):
            if extent > 1 and step != expected:
                raise Refused("a tensor is not contiguous; save the weights with .contiguous()")
            expected *= extent
        self.storage, self.offset, self.shape, self.count = storage, offset, tuple(shape), expected

    def values(self):
        if self.storage.kind != "FloatStorage":
            raise Refused(f"weights of {self.storage.kind}, expected float32")
        found = self.storage.values[self.offset:self.offset + self.count]
        if len(found) != self.count:
            raise Refused("a tensor is longer than its data")
        return found


ALLOWED = {("collections", "OrderedDict"): OrderedDict,
           ("torch._utils", "_rebuild_tensor_v2"): TensorOf,
           ("torch._utils", "_rebuild_parameter"): lambda tensor, *_: tensor}


class Unpickler(pickle.Unpickler):
    def __init__(self, file):
        super().__init__(file, encoding="utf-8")
        self.storages = {}

    def find_class(self, module, name):
        if module == "torch" and name.endswith("Storage"):
            return name
        if (module, name) not in ALLOWED:
            raise Refused(f"it wants to run {module}.{name}; it is no plain file of weights")
        return ALLOWED[module, name]

    def persistent_load(self, key):
        what, kind, name, _, numel = key[:5]
        if what != "storage" or not isinstance(kind, str):
            raise Refused("it refers to something that is no tensor")
        return self.storages.setdefault(str(name), Storage(kind, numel))


def floats(data):
    values = array.array("f")
    values.frombytes(data)
    if sys.byteorder == "big":
        values.byteswap()
    return values


def read_zip(path):
    """PyTorch 1.6 and newer: ARCHIVE/data.pkl, and each storage as ARCHIVE/data/KEY."""
    with zipfile.ZipFile(path) as archive:
        pickled = [n for n in archive.namelist() if n.endswith("/data.pkl")]
        if len(pickled) != 1:
            raise Refused("a zip file without one data.pkl")
        with archive.open(pickled[0]) as file:
            unpickler = Unpickler(file)
            state = unpickler.load()
        for key, storage in unpickler.storages.items():
            if storage.kind == "FloatStorage":
                storage.values = floats(archive.read(pickled[0][:-len(".pkl")] + "/" + key))
        return state


def read_legacy(path):
    """Before PyTorch 1.6: magic, version, machine, weights, list of keys; then each storage's count
    of elements and its data."""
    with open(path, "rb") as file:
        if Unpickler(file).load() != LEGACY_MAGIC:
            raise Refused("no file of PyTorch's")
        for _ in range(2):
            Unpickler(file).load()
        unpickler = Unpickler(file)
        state = unpickler.load()
        sizes = {"FloatStorage": 4, "LongStorage": 8}
        for key in Unpickler(file).load():
            storage = unpickler.storages[key]
            if storage.kind not in sizes:
                raise Refused(f"weights of {storage.kind}, expected float32")
            count, = struct.unpack("<q", file.read(8))
            data = file.read(count * sizes[storage.kind])
            if storage.kind == "FloatStorage":
                storage.values = floats(data)
        return state


def transposed(values, rows):
    """rows x columns -> columns x rows."""
    columns = len(values) // rows
    out = array.array("f", bytes(4 * len(values)))
    for row in range(rows):
        out[row::rows] = values[row * columns:(row + 1) * columns]
    return out


def to_hwio(values, shape):
    """(out, in, rows, columns) -> (rows, columns, in, out)."""
    filters, channels, height, width = shape
    taps, filter_size, slab = height * width, channels * height * width, channels * filters
    out = array.array("f", bytes(4 * len(values)))
    for k in range(filters):
        begin = k * filter_size
        for tap in range(taps):
            out[tap * slab + k:(tap + 1) * slab:filters] = values[begin + tap:begin + filter_size:taps]
    return (height, width, channels, filters), out


NORM = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean",
        "running_var": "moving_variance"}


def converted(key, tensor):
    """Layer, name, extents and values of one entry; nothing for what is no weight."""
    found = re.fullmatch(r"(?:(.+)\.(conv|bn)|(fc))\.(\w+)", key)
    if not found or key.endswith(".num_batches_tracked") or key.startswith("AuxLogits."):
        return None
    block, part, head, name = found.groups()
    layer = head or block.replace(".", "_") + "_" + part
    if part == "conv" and name == "weight":
        return (layer, "kernel", *to_hwio(tensor.values(), tensor.shape))
    if part == "bn" and name in NORM:
        return layer, NORM[name], tensor.shape, tensor.values()
    if head and name == "weight":
        return layer, "kernel", tensor.shape[::-1], transposed(tensor.values(), tensor.shape[0])
    if head and name == "bias":
        return layer, "bias", tensor.shape, tensor.values()
    return None


def read_state(path):
    state = read_zip(path) if zipfile.is_zipfile(path) else read_legacy(path)
    if not isinstance(state, dict) or not all(isinstance(t, TensorOf) for t in state.values()):
        raise Refused("it is no state_dict; save it with torch.save(model.state_dict(), ...)")
    units = sum(key.endswith(".conv.weight") and not key.startswith("AuxLogits.") for key in state)
    if units != UNITS or "Mixed_7c.branch_pool.conv.weight" not in state:
        raise Refused(f"{units} convolutions by the names of Inception-v3, expected {UNITS}")
    classes = state["fc.weight"].shape[0] if "fc.weight" in state else 1008
    if classes != 1008:
        raise Refused(f"its fc has {classes} outputs, the network of the FID 1008: these are the "
                      "weights of another Inception-v3 (torchvision's ImageNet weights have 1000)")
    return state


def convert(source, target, published):
    with open(source, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    state = read_state(source)
    origin = "published" if published or digest.startswith(PUBLISHED) else "unknown"
    part = target + ".part"  # a target that exists is whole
    with PlainH5(part) as file:
        for key, tensor in state.items():
            entry = converted(key, tensor)
            if entry:
                layer, name, shape, values = entry
                file.write(f"{layer}/{layer}/{name}:0", shape, values)
        file.write_text("ganymede/origin", origin)
        file.write_text("ganymede/sha256", digest)
    os.replace(part, target)
    return origin


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help="the public .pth")
    parser.add_argument("target", help="the .h5 to write")
    parser.add_argument("--published", action="store_true",
                        help="I know that these are the published weights")
    words = parser.parse_args()
    try:
        origin = convert(words.source, words.target, words.published)
    except (Refused, OSError) as error:
        sys.exit(f"{words.source}: {error}")
    except Exception as error:  # whatever the unpickler meets in bytes that are none of its own
        sys.exit(f"{words.source}: no file of weights of PyTorch's ({type(error).__name__}: {error})")
    print(f"{words.target}: written; weights of {origin} origin")


if __name__ == "__main__":
    main()
