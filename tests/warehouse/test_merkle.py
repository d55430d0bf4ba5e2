"""Merkle roots, against the vectors that Certificate Transparency's own implementations are tested with (RFC 6962)."""

import hashlib
import io
import runpy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import PROJECT
from warehouse.merkle import BLOCK_BYTES, leaf_hash, proofs_of, root_of
from warehouse.raw_store import keep

CHECKER = runpy.run_path(str(PROJECT / "warehouse" / "bundle" / "check.py.txt"))  # which each proof brings along
LEAVES = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
ROOTS = [  # of the first 1, 2, 3 … leaves
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def by_definition(leaves: list[bytes]) -> bytes:
    """Return the root as section 2.1 of the RFC defines it, by halves."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + by_definition(leaves[:split]) + by_definition(leaves[split:])).digest()


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("count", range(1, len(LEAVES) + 1))
def test_the_root_is_that_of_the_published_vectors(count: int) -> None:
    leaves = [leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES[:count]]
    assert root_of(leaves).hex() == ROOTS[count - 1]


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=70))
def test_joining_neighbours_gives_the_tree_of_the_definition(leaves: list[bytes]) -> None:
    assert root_of(leaves) == by_definition(leaves)


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=2, max_size=20, unique=True), st.data())
def test_leaves_in_another_order_have_another_root(leaves: list[bytes], data: st.DataObject) -> None:
    other = data.draw(st.permutations(leaves))
    assert (root_of(leaves) == root_of(other)) == (leaves == other)


@pytest.mark.parametrize(
    "size",
    [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 16 * BLOCK_BYTES, 16 * BLOCK_BYTES + 1, 33 * BLOCK_BYTES + 7],
)
def test_a_blob_has_the_root_over_its_blocks_of_64_kib(tmp_path: Path, size: int) -> None:
    data = hashlib.shake_128(b"seed").digest(size)
    blocks = [data[at : at + 65_536] for at in range(0, size, 65_536)]
    assert keep(tmp_path, io.BytesIO(data)).blocks_root == by_definition([leaf_hash(block) for block in blocks])


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70))
def test_the_audit_path_of_every_leaf_leads_to_the_root(leaves: list[bytes]) -> None:
    proofs = proofs_of(iter(leaves), range(len(leaves)))
    assert (proofs.leaf_count, proofs.root) == (len(leaves), by_definition(leaves))
    for place, leaf in enumerate(leaves):
        assert proofs.leaves[place] == leaf
        assert proofs.paths[place] == path_by_definition(place, leaves)
        assert root_by_path(leaf, place, len(leaves), proofs.paths[place]) == proofs.root


def root_by_path(leaf: bytes, place: int, leaf_count: int, path: list[bytes]) -> bytes | None:
    """Return the root that the checker of a proof finds, None where it finds none."""
    try:
        root: bytes = CHECKER["root_of"](leaf, place, leaf_count, [one.hex() for one in path])
    except CHECKER["Fails"]:
        return None
    return root


def path_by_definition(place: int, leaves: list[bytes]) -> list[bytes]:
    """Return the audit path as section 2.1.1 of the RFC defines it, by halves."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if place < split:
        return [*path_by_definition(place, leaves[:split]), by_definition(leaves[split:])]
    return [*path_by_definition(place - split, leaves[split:]), by_definition(leaves[:split])]


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=2, max_size=40, unique=True), st.data())
def test_a_path_leads_nowhere_for_another_leaf_place_or_size(leaves: list[bytes], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(leaves) - 1))
    proofs = proofs_of(leaves, {place})
    path = proofs.paths[place]
    other = data.draw(st.integers(-1, len(leaves) + 3).filter(lambda one: one != place))
    assert root_by_path(leaves[place], other, len(leaves), path) != proofs.root
    assert root_by_path(bytes(32), place, len(leaves), path) != proofs.root
    assert root_by_path(leaves[place], place, len(leaves), [*path, bytes(32)]) is None
    assert root_by_path(leaves[place], place, len(leaves), path[:-1]) != proofs.root


def test_of_no_leaves_there_are_no_paths() -> None:
    proofs = proofs_of([], {0})
    assert (proofs.leaf_count, proofs.root, proofs.paths) == (0, root_of([]), {})
    assert root_by_path(bytes(32), 0, 0, []) is None
