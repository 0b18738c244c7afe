#!/usr/bin/env python3
"""SSIM of image pairs by its published definition, in double: writes ssim.csv.

Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural
similarity", IEEE TIP 13(4), 2004: an 11 x 11 Gaussian window of standard deviation 1.5 and sum 1, moved
over all places inside the image, C1 = (.01 L)^2, C2 = (.03 L)^2; mean over places and channels. Every
window is taken out of the image and its weighted moments are computed around their means: neither
separable nor by sums of squares, unlike the engine.

Pairs: PNG files of the real sets, which are read exactly, cut to what both have from the upper left
corner on, values in [0, 1] (L = 1) or as stored (L = 255); and uniform noise from the engine's own
Philox streams, for machines without the sets.
Run: python3 ssim.py FOLDER_OF_SETS > ssim.csv   (needs numpy and PIL)
"""
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from philox import Rng

CT, EYE = "head-ct-hemorrhage/head_ct/", "messidor-2/images/"
PAIRS = [
    (CT + "000.png", CT + "001.png", 1),
    (CT + "000.png", CT + "001.png", 255),
    (CT + "017.png", CT + "100.png", 1),
    (CT + "042.png", CT + "042.png", 1),
    (CT + "150.png", CT + "199.png", 1),
    (EYE + "20051020_43808_0100_PP.png", EYE + "20051020_43832_0100_PP.png", 1),
    (EYE + "20051020_43882_0100_PP.png", EYE + "20051020_43906_0100_PP.png", 255),
]


def window():
    at = np.arange(11) - 5
    w = np.exp(-(at[:, None] ** 2 + at[None, :] ** 2) / (2 * 1.5**2))
    return w / w.sum()


def ssim(x, z, span):
    w, c1, c2 = window(), (0.01 * span) ** 2, (0.03 * span) ** 2
    values = []
    for row in range(x.shape[0] - 10):
        for column in range(x.shape[1] - 10):
            for channel in range(x.shape[2]):
                a = x[row : row + 11, column : column + 11, channel]
                b = z[row : row + 11, column : column + 11, channel]
                ma, mb = (w * a).sum(), (w * b).sum()
                va, vb = (w * (a - ma) ** 2).sum(), (w * (b - mb) ** 2).sum()
                cov = (w * (a - ma) * (b - mb)).sum()
                values.append(
                    (2 * ma * mb + c1) * (2 * cov + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2))
                )
    return np.mean(values)


def pixels(path):
    a = np.asarray(Image.open(path), dtype=np.float64)
    return a[:, :, None] if a.ndim == 2 else a[:, :, :3]


def real(root, first, second, span):
    x, z = pixels(root / first), pixels(root / second)
    height, width = min(x.shape[0], z.shape[0]), min(x.shape[1], z.shape[1])
    x, z = x[:height, :width] / 255 * span, z[:height, :width] / 255 * span
    return ssim(x, z, span)


def drawn(shape):
    rng = Rng(7, "ssim")
    return [rng.child(name).uniform(shape).astype(np.float32).astype(np.float64) for name in "xz"]


def main():
    root = Path(sys.argv[1])
    print("x,z,range,ssim")
    for first, second, span in PAIRS:
        print(f"{first},{second},{span},{real(root, first, second, span):.12g}")
    for shape in ((11, 11, 1), (13, 17, 3), (37, 23, 1)):
        x, z = drawn(shape)
        mixed = (np.float32(0.75) * x + np.float32(0.25) * z).astype(np.float32).astype(np.float64)
        print(f"drawn,{'x'.join(map(str, shape))},1,{ssim(x, mixed, 1):.12g}")


main()
