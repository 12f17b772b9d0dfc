"""What fault.c has seen: struct fault_shared, and the names of a site's callers."""
import collections
import os
import struct
import subprocess
import threading

MODULES, MODULE_NAME, SITES, FRAMES, NAME = 32, 120, 8192, 20, 24
MODULE = struct.Struct(f"<Q{MODULE_NAME}s")
SITE = struct.Struct(f"<QII{NAME}s{2 * FRAMES}I")
HEAD = struct.Struct(f"<IIII{NAME}s")
SHARED_SIZE = HEAD.size + MODULES * MODULE.size + SITES * SITE.size

# A call of a function with the stack of its callers; count: how often it was reached; frames: (module, offset) each.
Site = collections.namedtuple("Site", "hash function count frames")
Seen = collections.namedtuple("Seen", "fired aborts uv_aborts sites")


def text(raw):
    return raw.split(b"\0")[0].decode()


def read_shared(path, all_sites=False):
    with open(path, "rb") as file:
        data = file.read(-1 if all_sites else HEAD.size)
    fired, aborts, uv_aborts = HEAD.unpack_from(data, 0)[:3]
    if not all_sites:
        return Seen(fired, aborts, uv_aborts, [])
    names = [text(MODULE.unpack_from(data, HEAD.size + i * MODULE.size)[1]) for i in range(MODULES)]
    sites, free_place = [], bytes(8)
    for at in range(HEAD.size + MODULES * MODULE.size, SHARED_SIZE, SITE.size):
        if data[at:at + 8] == free_place:
            continue
        key, count, depth, function, *frames = SITE.unpack_from(data, at)
        pairs = list(zip(frames[0::2], frames[1::2]))[:depth]
        sites.append(Site(key, text(function), count, [(names[module], offset) for module, offset in pairs]))
    return Seen(fired, aborts, uv_aborts, sorted(sites))


def is_foreign(site):
    """What OpenSSL allocates when it starts is a thousand sites, and none of ours."""
    return any("libcrypto" in module or "libssl" in module for module, _ in site.frames[:4])


def is_ours(module):
    return not module or "libtva_" in module


def is_deep(site):
    """A library calls it deep within itself."""
    return not any(is_ours(module) for module, _ in site.frames[:6])


class Symbols:
    """The names of the functions that frames lie in."""

    def __init__(self, program):
        self.program, self.known, self.lock = program, {}, threading.Lock()

    def learn(self, sites):
        """Look many up at once: one by one takes a tenth of a second each."""
        with self.lock:
            wanted = collections.defaultdict(set)
            for site in sites:
                for module, offset in site.frames:
                    if (module, offset) not in self.known:
                        wanted[module].add(offset)
            for module, offsets in wanted.items():
                self.look_up(module, sorted(offsets))

    def look_up(self, module, offsets):
        path = module or self.program
        words = ["addr2line", "-f", "-s", "-e", path, *map(hex, offsets)]
        lines = subprocess.run(words, capture_output=True, text=True).stdout.split("\n") + ["??"] * 2 * len(offsets)
        for offset, function, place in zip(offsets, lines[0::2], lines[1::2]):
            # Without debugging information, the name is that of any function before it.
            name = os.path.basename(path) if place.startswith("??") else f"{function} ({place.split(' ')[0]})"
            self.known[module, offset] = name

    def callers(self, site):
        self.learn([site])
        return [self.known[frame] for frame in site.frames]

    def of(self, site, most=9):
        return " < ".join([site.function, *self.callers(site)[:most]])

    def by_whom(self, site):
        """The failing call and the function of the program that it is part of."""
        own = [name for frame, name in zip(site.frames, self.callers(site)) if is_ours(frame[0])]
        return f"{site.function}, in {own[0] if own else 'nothing of ours'}"
