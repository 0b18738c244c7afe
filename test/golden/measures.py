#!/usr/bin/env python3
"""The measures of two sets of features or of pictures by their definitions, in double: writes
measures.csv.

Frechet: with more images than dims the trace of scipy.linalg.sqrtm(S1 S2); otherwise the singular
values of A1 A2^T, because sqrtm of a singular product gives NaN or an imaginary part (what it gave
is written to stderr). All others by loops over images or pairs, in the words of the papers.

Inputs come from the engine's own Philox streams, so that the test draws the very same numbers.
Run: python3 measures.py > measures.csv   (needs numpy and scipy)
"""
import sys
import warnings

import numpy as np
from scipy import linalg

from philox import Rng


def drawn(name, n, d):
    """n x d features: uniform, of unequal spread, columns tied to their neighbours."""
    u = Rng(11, f"measures/{name}/{n}x{d}").uniform((n, d))
    scale = 2.0 ** -(np.arange(d) % 5)
    shift = np.arange(d) % 3 / 8 if name == "fake" else 0
    return u * scale + np.roll(u, 1, axis=1) / 2 + shift


def deficient(name, n, d):
    """The second half of the columns repeats the first: half of the rank is missing."""
    half = drawn(name, n, d // 2)
    return np.concatenate([half, half], axis=1)


def covariances(a, b):
    return np.cov(a, rowvar=False), np.cov(b, rowvar=False)


def naive(a, b):
    s1, s2 = covariances(a, b)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        root = np.trace(linalg.sqrtm(s1 @ s2))
    return ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(s1) + np.trace(s2) - 2 * root


def by_svd(a, b):
    s1, s2 = covariances(a, b)
    cross = (a - a.mean(0)) @ (b - b.mean(0)).T / np.sqrt((len(a) - 1) * (len(b) - 1))
    root = linalg.svdvals(cross, overwrite_a=True).sum()
    return ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(s1) + np.trace(s2) - 2 * root


def frechet(a, b):
    if min(len(a), len(b)) > 2 * a.shape[1]:
        return np.real(naive(a, b))
    print(f"sqrtm at n = {len(a)}, {len(b)}, d = {a.shape[1]}: {naive(a, b)}, "
          f"singular values: {by_svd(a, b)}", file=sys.stderr)
    return by_svd(a, b)


def kernel(x, y):
    return (x @ y / len(x) + 1) ** 3


def kid(a, b):
    within = 0
    for s in (a, b):
        pairs = [kernel(s[i], s[j]) for i in range(len(s)) for j in range(len(s)) if i != j]
        within += np.mean(pairs)
    return within - 2 * np.mean([kernel(x, y) for x in a for y in b])


def kid_standard_error(a, b):
    variance = 0
    for first, second in ((a, b), (b, a)):
        n = len(first)
        without = np.array([kid(np.delete(first, i, 0), second) for i in range(n)])
        variance += (n - 1) / n * ((without - without.mean()) ** 2).sum()
    return np.sqrt(variance)


def radius(s, i, k):
    return sorted(np.linalg.norm(s[i] - s[j]) for j in range(len(s)) if j != i)[k - 1]


def balls(s, k):
    return [radius(s, i, k) for i in range(len(s))]


def share_inside(centres, points, k):
    r = balls(centres, k)
    return np.mean([any(np.linalg.norm(p - c) <= x for c, x in zip(centres, r)) for p in points])


def density(real, fake, k=5):
    r = balls(real, k)
    return np.mean([sum(np.linalg.norm(p - c) < x for c, x in zip(real, r)) for p in fake]) / k


def coverage(real, fake, k=5):
    r = balls(real, k)
    return np.mean([min(np.linalg.norm(p - c) for p in fake) < x for c, x in zip(real, r)])


def probabilities(n, classes):
    u = Rng(11, f"measures/classes/{n}x{classes}").uniform((n, classes)) ** 8 + 2.0**-10
    return (u / u.sum(1, keepdims=True)).astype(np.float32).astype(np.float64)


def inception_scores(n, classes, splits):
    p = probabilities(n, classes)
    p /= p.sum(1, keepdims=True)
    scores = []
    for s in range(splits):
        part = p[s * n // splits : (s + 1) * n // splits]
        scores.append(np.exp(np.mean([(q * np.log(q / part.mean(0))).sum() for q in part])))
    return scores


def pictures(h, w):
    """Two alike: uniform noise under a ramp, and a mixture of the first with other noise."""
    rng = Rng(11, f"measures/pictures/{h}x{w}")
    x, z = rng.uniform((h, w)), rng.uniform((h, w))
    x = x / 2 + np.arange(h)[:, None] / 512
    return x.astype(np.float32).astype(np.float64), (x * 0.75 + z / 8).astype(np.float32).astype(np.float64)


def places(x):
    return np.lib.stride_tricks.sliding_window_view(x, (11, 11))


def likeness(x, z):
    at = np.arange(11) - 5
    w = np.exp(-(at[:, None] ** 2 + at[None, :] ** 2) / (2 * 1.5**2))
    w /= w.sum()
    a, b = places(x), places(z)
    ma, mb = (w * a).sum((2, 3)), (w * b).sum((2, 3))
    da, db = a - ma[:, :, None, None], b - mb[:, :, None, None]
    va, vb, cov = (w * da**2).sum((2, 3)), (w * db**2).sum((2, 3)), (w * da * db).sum((2, 3))
    structure = (2 * cov + 0.03**2) / (va + vb + 0.03**2)
    return (structure * (2 * ma * mb + 0.01**2) / (ma**2 + mb**2 + 0.01**2)).mean(), structure.mean()


def ms_ssim(x, z):
    weights = np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])
    scales = sum(min(x.shape) // 2**k >= 11 for k in range(5))
    weights, product = weights[:scales] / weights[:scales].sum(), 1.0
    for k in range(scales):
        whole, structure = likeness(x, z)
        product *= max(0, whole if k + 1 == scales else structure) ** weights[k]
        h, w = x.shape[0] // 2, x.shape[1] // 2
        x, z = (p[: 2 * h, : 2 * w].reshape(h, 2, w, 2).mean((1, 3)) for p in (x, z))
    return product


def row(measure, n, m, d, value):
    print(f"{measure},{n},{m},{d},{value:.15g}")


def main():
    print("measure,n,m,d,value")
    for n, m, d in ((200, 260, 24), (700, 640, 280), (60, 80, 256), (280, 320, 400), (90, 300, 150)):
        row("frechet", n, m, d, frechet(drawn("real", n, d), drawn("fake", m, d)))
    for n, m, d in ((40, 50, 64), (300, 310, 512)):
        row("frechet deficient", n, m, d, by_svd(deficient("real", n, d), deficient("fake", m, d)))
    for n, m, d in ((60, 60, 20), (40, 40, 64)):
        row("kid", n, m, d, kid(drawn("real", n, d), drawn("fake", m, d)))
    row("kid standard error", 30, 24, 12, kid_standard_error(drawn("real", 30, 12), drawn("fake", 24, 12)))
    for n, m, d in ((120, 90, 4), (60, 80, 32)):
        real, fake = drawn("real", n, d), drawn("fake", m, d)
        row("precision", n, m, d, share_inside(real, fake, 3))
        row("recall", n, m, d, share_inside(fake, real, 3))
        row("density", n, m, d, density(real, fake))
        row("coverage", n, m, d, coverage(real, fake))
    for n, classes, splits in ((103, 7, 10), (50, 4, 1)):
        scores = inception_scores(n, classes, splits)
        row("inception score", n, splits, classes, np.mean(scores))
        row("inception score sd", n, splits, classes, np.std(scores))
    for h, w in ((11, 14), (64, 64), (47, 61), (180, 191)):
        row("ssim", h, w, 1, likeness(*pictures(h, w))[0])
        row("ms-ssim", h, w, 1, ms_ssim(*pictures(h, w)))


main()
