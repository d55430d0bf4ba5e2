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

    Leaves are taken one at a time. Kept are the roots of whole subtrees, the largest first, as many as the count of
    leaves so far has ones in binary; at the end the last ones are joined from the right, which gives RFC 6962's tree.
    """
    subtrees: list[bytes] = []
    for count, leaf in enumerate(leaf_hashes):
        node = leaf
        height = 0
        while count >> height & 1:
            node = _joined(subtrees.pop(), node)
            height += 1
        subtrees.append(node)
    if not subtrees:
        return hashlib.sha256(b"").digest()
    root = subtrees.pop()
    while subtrees:
        root = _joined(subtrees.pop(), root)
    return root


def _joined(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
