"""Merkle roots as RFC 6962 builds them (section 2.1): leaves and nodes are told apart by a first byte."""

import hashlib
from collections.abc import Iterable

BLOCK_BYTES = 65_536


def leaf_hash(data: bytes | memoryview) -> bytes:
    """Return the hash of one leaf."""
    digest = hashlib.sha256(b"\x00")
    digest.update(data)
    return digest.digest()


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the root over hashed leaves in their order; of none, the hash of nothing.

    Neighbours are joined level by level and an odd last one moves up as it is, which gives RFC 6962's tree.
    """
    level = list(leaf_hashes)
    if not level:
        return hashlib.sha256(b"").digest()
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [hashlib.sha256(b"\x01" + left + right).digest() for left, right in pairs]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]
