"""Blobs: real bytes, bytes made on demand, and layers that exist only as a declared size."""

import gzip
import io
import struct
import tarfile
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sandbox.acr.documents import digest_of

#: A layer given as a size up to this many bytes has real content that clients can pull.
PULLABLE_LAYER: Final = 16 * 1024 * 1024

_MEMBER = 22  # bytes of an empty gzip member with an empty extra field
_MEMBER_EXTRA = 0xFFFF


@dataclass(frozen=True, slots=True)
class MadeLayer:
    """A layer whose bytes are made from its size whenever somebody pulls it."""

    size: int


@dataclass(frozen=True, slots=True)
class DeclaredLayer:
    """A layer that was never here: HEAD knows its size, GET answers 404 BLOB_UNKNOWN.

    Its digest is no hash of content, since there is none; only images that nobody pulls may hold one.
    """

    size: int


Blob = bytes | MadeLayer | DeclaredLayer


@lru_cache(maxsize=8)
def layer_bytes(size: int) -> bytes:
    """Make a tar.gz of exactly ``size`` bytes, the same for the same size.

    The archive is padded with empty gzip members, which every reader skips. Sizes too small for a tar.gz (under about
    200 bytes) give plain bytes.
    """
    content = f"layer of {size} bytes\n".encode()
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        entry = tarfile.TarInfo("layer.txt")
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    packed = gzip.compress(archive.getvalue(), mtime=0)
    padding = size - len(packed)
    if padding < _MEMBER:
        return packed if padding == 0 else (content * (size // len(content) + 1))[:size]
    padded = bytearray(packed)
    while padding:
        extra = min(padding - _MEMBER, _MEMBER_EXTRA)
        if 0 < padding - _MEMBER - extra < _MEMBER:
            # What is left must hold one more member.
            extra -= _MEMBER
        padded += _empty_member(extra)
        padding = size - len(padded)
    return bytes(padded)


def _empty_member(extra: int) -> bytes:
    header = b"\x1f\x8b\x08\x04" + struct.pack("<IBB", 0, 0, 255) + struct.pack("<H", extra) + bytes(extra)
    return header + b"\x03\x00" + struct.pack("<II", 0, 0)


@lru_cache(maxsize=4096)
def layer_digest(size: int) -> str:
    """Give the digest of the layer that stands for ``size``: true up to PULLABLE_LAYER, invented above."""
    if size <= PULLABLE_LAYER:
        return digest_of(layer_bytes(size))
    return digest_of(f"a layer of {size} bytes that was never made".encode())


class BlobStore:
    """Every blob of a registry by digest; which repository may serve which is the repository's business."""

    def __init__(self) -> None:
        self._blobs: dict[str, Blob] = {}

    def __len__(self) -> int:
        return len(self._blobs)

    def add(self, content: bytes) -> str:
        """Keep real bytes; the digest is their hash."""
        digest = digest_of(content)
        self._blobs.setdefault(digest, content)
        return digest

    def add_layer(self, layer: int | bytes) -> tuple[str, int]:
        """Keep a layer given as bytes or as a size, and give its digest and size.

        The same size is the same layer everywhere, as base layers are shared in life.
        """
        if isinstance(layer, bytes):
            return self.add(layer), len(layer)
        if layer <= 0:
            raise ValueError(f"a layer of {layer} bytes: give a size above zero")
        digest = layer_digest(layer)
        if digest not in self._blobs:
            self._blobs[digest] = MadeLayer(layer) if layer <= PULLABLE_LAYER else DeclaredLayer(layer)
        return digest, layer

    def size(self, digest: str) -> int | None:
        """Bytes of a blob, or None when there is no such blob."""
        blob = self._blobs.get(digest)
        if blob is None:
            return None
        return len(blob) if isinstance(blob, bytes) else blob.size

    def read(self, digest: str) -> bytes | None:
        """Content of a blob; None when there is no such blob or it is only declared."""
        blob = self._blobs.get(digest)
        if isinstance(blob, MadeLayer):
            return layer_bytes(blob.size)
        return blob if isinstance(blob, bytes) else None
