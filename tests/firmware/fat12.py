# SPDX-License-Identifier: MIT
# As much of FAT12 as a host needs to put a file into the root directory of the camera's drive, and to find one there.
import struct


class Fat12:
    def __init__(self, read, write=None):
        """read(block, count) -> bytes, write(block, data)"""
        self.read, self.write = read, write
        boot = read(0, 1)
        size, self.per_cluster, reserved, fats, self.entries = struct.unpack("<HBHBH", boot[11:19])
        fat_blocks = struct.unpack("<H", boot[22:24])[0]
        if boot[510:] != b"\x55\xAA" or size != 512 or fats != 1:
            raise ValueError("no FAT volume as the camera makes it")
        self.fat_at, self.root_at = reserved, reserved + fat_blocks
        self.data_at = self.root_at + self.entries * 32 // 512
        self.clusters = (struct.unpack("<H", boot[19:21])[0] - self.data_at) // self.per_cluster
        self.fat = bytearray(read(self.fat_at, fat_blocks))
        self.root = bytearray(read(self.root_at, self.data_at - self.root_at))

    def get(self, cluster):
        value = struct.unpack("<H", self.fat[cluster * 3 // 2:cluster * 3 // 2 + 2])[0]
        return value >> 4 if cluster & 1 else value & 0xFFF

    def set(self, cluster, value):
        at = cluster * 3 // 2
        old = struct.unpack("<H", self.fat[at:at + 2])[0]
        struct.pack_into("<H", self.fat, at, (old & 15) | value << 4 if cluster & 1 else (old & 0xF000) | value)

    def block(self, cluster):
        return self.data_at + (cluster - 2) * self.per_cluster

    def find(self, name):
        short = self.short(name)
        for at in range(0, len(self.root), 32):
            if self.root[at:at + 11] == short:
                return at
        return None

    @staticmethod
    def short(name):
        stem, _, extension = name.upper().partition(".")
        return stem.ljust(8).encode() + extension.ljust(3).encode()

    def files(self):
        """Where the root directory's entries of files are."""
        return [at for at in range(0, len(self.root), 32) if self.root[at] not in (0, 0xE5) and not self.root[at + 11] & 8]

    def chain(self, at):
        """The clusters of an entry's file."""
        cluster, clusters = struct.unpack("<H", self.root[at + 26:at + 28])[0], []
        while 2 <= cluster < 0xFF8 and len(clusters) <= self.clusters:
            clusters.append(cluster)
            cluster = self.get(cluster)
        return clusters

    def reclaim(self):
        """What a cable that was pulled has left to no file is free again, as after a check by an operating system. No folders."""
        owned = {cluster for at in self.files() for cluster in self.chain(at)}
        for cluster in range(2, self.clusters + 2):
            if cluster not in owned:
                self.set(cluster, 0)

    def content(self, name):
        at = self.find(name)
        if at is None:
            return None
        size = struct.unpack("<I", self.root[at + 28:at + 32])[0]
        return b"".join(self.read(self.block(cluster), self.per_cluster) for cluster in self.chain(at))[:size]

    def put(self, name, data):
        """Writes data, then the table, then the directory, as operating systems do; what a file of that name had is free with the next one."""
        step = 512 * self.per_cluster
        free = [c for c in range(2, self.clusters + 2) if self.get(c) == 0][:max(1, -(-len(data) // step))]
        for i, cluster in enumerate(free):
            self.write(self.block(cluster), data[i * step:(i + 1) * step].ljust(step, b"\0"))
            self.set(cluster, free[i + 1] if i + 1 < len(free) else 0xFFF)
        self.write(self.fat_at, bytes(self.fat))
        at = self.find(name)
        former = self.chain(at) if at is not None else []
        if at is None:
            at = next(i for i in range(0, len(self.root), 32) if self.root[i] in (0, 0xE5))
        self.root[at:at + 32] = self.short(name) + struct.pack("<B14xHI", 0x20, free[0], len(data))
        self.write(self.root_at + at // 512, bytes(self.root[at // 512 * 512:at // 512 * 512 + 512]))
        for cluster in former:
            self.set(cluster, 0)
