"""Merkle roots as RFC 6962 builds them (section 2.1): leaves and nodes are told apart by a first byte.

Also the audit paths of single leaves (section 2.1.1), by which one leaf is shown to stand under a root without the
others.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

BLOCK_BYTES = 65_536
_Node = TypeVar("_Node")


def leaf_hash(data: bytes | memoryview) -> bytes:
    """Return the hash of one leaf."""
    digest = hashlib.sha256(b"\x00")
    digest.update(data)
    return digest.digest()


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the root over hashed leaves in their order; of none, the hash of nothing."""
    root = _folded(leaf_hashes, _joined)
    return hashlib.sha256(b"").digest() if root is None else root


@dataclass(frozen=True, slots=True)
class Proofs:
    """A root, and for each leaf that was asked for its hash and its audit path, from the leaf up."""

    leaf_count: int
    root: bytes
    leaves: dict[int, bytes]  # by place, from 0
    paths: dict[int, list[bytes]]


def proofs_of(leaf_hashes: Iterable[bytes], places: Collection[int]) -> Proofs:
    """Return the root over hashed leaves and the audit paths of those at the places. Leaves are taken one at a time."""
    wanted = frozenset(places)
    leaves: dict[int, bytes] = {}
    paths: dict[int, list[bytes]] = {place: [] for place in wanted}
    count = 0

    def nodes() -> Iterator[tuple[bytes, tuple[int, ...]]]:
        nonlocal count
        for place, leaf in enumerate(leaf_hashes):
            count += 1
            if place in wanted:
                leaves[place] = leaf
                yield leaf, (place,)
            else:
                yield leaf, ()

    def join(
        left: tuple[bytes, tuple[int, ...]], right: tuple[bytes, tuple[int, ...]]
    ) -> tuple[bytes, tuple[int, ...]]:
        for place in left[1]:
            paths[place].append(right[0])
        for place in right[1]:
            paths[place].append(left[0])
        return _joined(left[0], right[0]), left[1] + right[1]

    root = _folded(nodes(), join)
    return Proofs(count, root_of([]) if root is None else root[0], leaves, {place: paths[place] for place in leaves})


def _folded(nodes: Iterable[_Node], join: Callable[[_Node, _Node], _Node]) -> _Node | None:
    """Return the top of the tree over nodes in their order, None over none.

    Kept are the tops of whole subtrees, the largest first, as many as the count of nodes so far has ones in binary; at
    the end the last ones are joined from the right, which gives RFC 6962's tree.
    """
    subtrees: list[_Node] = []
    for count, leaf in enumerate(nodes):
        node = leaf
        height = 0
        while count >> height & 1:
            node = join(subtrees.pop(), node)
            height += 1
        subtrees.append(node)
    if not subtrees:
        return None
    root = subtrees.pop()
    while subtrees:
        root = join(subtrees.pop(), root)
    return root


def _joined(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
