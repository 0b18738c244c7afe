"""The engine's random numbers in numpy, so that golden scripts start from the very same weights."""
import numpy as np

MASK = (1 << 64) - 1


def key_of(path, seed):
    h = 0xCBF29CE484222325 ^ (seed * 0x9E3779B97F4A7C15 & MASK)
    for c in path.encode():
        h = ((h ^ c) * 0x100000001B3) & MASK
    h = (h + 0x9E3779B97F4A7C15) & MASK
    h = ((h ^ (h >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    h = ((h ^ (h >> 27)) * 0x94D049BB133111EB) & MASK
    return h ^ (h >> 31)


def words(key, first_block, blocks):
    """Philox4x32-10: `blocks` x 4 words from counter `first_block` on."""
    counter = np.arange(first_block, first_block + blocks, dtype=np.uint64)
    low = np.uint64(0xFFFFFFFF)
    c = [counter & low, counter >> np.uint64(32), np.zeros_like(counter), np.zeros_like(counter)]
    k0, k1 = key & 0xFFFFFFFF, key >> 32
    for _ in range(10):
        p0, p1 = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        c = [(p1 >> np.uint64(32)) ^ c[1] ^ np.uint64(k0), p1 & low,
             (p0 >> np.uint64(32)) ^ c[3] ^ np.uint64(k1), p0 & low]
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return np.stack(c, axis=1)


class Rng:
    """`ganymede::Rng`: a named stream with a position in blocks of four."""

    def __init__(self, seed, path):
        self.seed, self.path, self.key, self.position = seed, path, key_of(path, seed), 0

    def child(self, name):
        return Rng(self.seed, self.path + "/" + name)

    def _units(self, n):
        blocks = (n + 3) // 4
        w = words(self.key, self.position, blocks).reshape(-1)
        self.position += blocks
        return (w >> np.uint64(8)).astype(np.float64) * 2.0 ** -24

    def uniform(self, shape, low=0.0, high=1.0):
        n = int(np.prod(shape))
        return (low + (high - low) * self._units(n)[:n]).reshape(shape)

    def normal(self, shape, mean=0.0, deviation=1.0):
        n = int(np.prod(shape))
        u = self._units(n).reshape(-1, 2)
        radius, angle = np.sqrt(-2 * np.log(1 - u[:, 0])), 2 * np.pi * u[:, 1]
        pairs = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).reshape(-1)
        return (mean + deviation * pairs[:n]).reshape(shape)

    def bernoulli(self, shape, p, value=1.0):
        n = int(np.prod(shape))
        return np.where(self._units(n)[:n] < p, value, 0.0).reshape(shape)
