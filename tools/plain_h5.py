"""Writes HDF5 files of plain datasets with nothing but Python's standard library.

The oldest format that every HDF5 reads (superblock 0): groups are sorted tables of names, datasets lie
in one piece. Made for weights: a few hundred names a group, float32 and text, no compression.
"""
import struct

UNDEFINED = 2 ** 64 - 1
LEAF, INNER = 4, 16  # half of how many names a table holds, and how many tables a group


def padded(data):
    return data + b"\0" * (-len(data) % 8)


def message(kind, body):
    body = padded(body)
    return struct.pack("<HHB3x", kind, len(body), 0) + body


def object_header(messages):
    body = b"".join(messages)
    return struct.pack("<BxHII4x", 1, len(messages), 1, len(body)) + body


FLOAT32 = struct.pack("<B3BIHH4BI", 0x11, 0x20, 0x1F, 0, 4, 0, 32, 23, 8, 0, 23, 127)


def text_of_length(n):
    return struct.pack("<B3BI", 0x13, 0, 0, 0, n)


class PlainH5:
    """`with PlainH5(path) as file: file.write("layer/kernel:0", (2, 3), array)`; overwrites."""

    def __init__(self, path):
        self.file, self.root = open(path, "wb"), {}
        self.file.write(b"\0" * 96)  # the superblock, known at the end

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self._finish()
        self.file.close()

    def write(self, path, shape, values):
        """`values`: an array.array of float32 in C order."""
        self._dataset(path, shape, FLOAT32, values.tobytes())

    def write_text(self, path, text):
        data = text.encode() + b"\0"
        self._dataset(path, (1,), text_of_length(len(data)), data)

    def _place(self, data):
        at = self.file.tell()
        self.file.write(padded(data))
        return at

    def _dataset(self, path, shape, kind, data):
        at = self._place(data)
        extents = struct.pack("<BBB5x", 1, len(shape), 0) + struct.pack(f"<{len(shape)}Q", *shape)
        header = object_header([
            message(0x0001, extents), message(0x0003, kind),
            message(0x0005, struct.pack("<4B", 2, 2, 2, 0)),  # no fill value
            message(0x0008, struct.pack("<BBQQ", 3, 1, at, len(data)))])
        *groups, name = path.split("/")
        home = self.root
        for group in groups:
            home = home.setdefault(group, {})
        home[name] = self._place(header)

    def _heap(self, names):
        """Where the table of names is, and each one's place in it; offset 0 is the empty name."""
        data, offsets = b"\0" * 8, {}
        for name in names:
            offsets[name] = len(data)
            data += padded(name.encode() + b"\0")
        at = self._place(data)
        return self._place(struct.pack("<4sB3xQQQ", b"HEAP", 0, len(data), 1, at)), offsets

    def _group(self, entries):
        """Places a group after everything in it: its header, tree of tables and heap."""
        names = sorted(entries, key=str.encode)
        where = {n: e if isinstance(e, int) else self._group(e)[0] for n, e in entries.items()}
        heap, offsets = self._heap(names)
        tables = [names[i:i + 2 * LEAF] for i in range(0, len(names), 2 * LEAF)]
        if len(tables) > 2 * INNER:
            raise ValueError(f"{len(names)} names in one group, at most {4 * LEAF * INNER}")
        tree = struct.pack("<4sBBHQQQ", b"TREE", 0, 0, len(tables), UNDEFINED, UNDEFINED, 0)
        for table in tables:
            rows = b"".join(struct.pack("<QQ24x", offsets[n], where[n]) for n in table)
            node = struct.pack("<4sBxH", b"SNOD", 1, len(table)) + rows
            tree += struct.pack("<QQ", self._place(node.ljust(8 + 80 * LEAF, b"\0")),
                                offsets[table[-1]])
        tree = self._place(tree.ljust(32 + 32 * INNER, b"\0"))
        return self._place(object_header([message(0x0011, struct.pack("<QQ", tree, heap))])), tree, heap

    def _finish(self):
        header, tree, heap = self._group(self.root)
        end = self.file.tell()
        self.file.seek(0)
        self.file.write(b"\x89HDF\r\n\x1a\n" + struct.pack(
            "<8BHHI4Q", 0, 0, 0, 0, 0, 8, 8, 0, LEAF, INNER, 0, 0, UNDEFINED, end, UNDEFINED))
        self.file.write(struct.pack("<QQI4xQQ", 0, header, 1, tree, heap))
