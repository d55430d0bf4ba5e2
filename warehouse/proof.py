"""A proof of one record: a small bundle that anybody can check without the project.

It holds the record's own bytes with the blocks around them, the rows of the archive about them with their audit paths,
and the links of the chain from there to the present head. What it proves and what not stands in its README.txt.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb

from warehouse.append import EPOCH, Link
from warehouse.errors import ArchiveDamaged, RecordUnknown
from warehouse.layout import Layout
from warehouse.merkle import BLOCK_BYTES, leaf_hash, proofs_of
from warehouse.raw_store import opened
from warehouse.statements import statement
from warehouse.withheld import withheld_of

PROOF_VERSION = 1
WHOLE_BYTES = 16 * BLOCK_BYTES  # a captured file up to this size is given whole
_LEAVES_AT_ONCE = 50_000
_MICROSECONDS = 1_000_000
_TEXTS = {"README.txt": "README.txt", "check.py": "check.py.txt"}
_STAMP = (1980, 1, 1, 0, 0, 0)  # the same archive gives the same bundle


@dataclass(frozen=True, slots=True)
class Proof:
    """What was written."""

    ref: str
    head: str  # hexadecimal
    append_number: int  # of that head
    record_bytes: int
    size_bytes: int  # of the bundle


@dataclass(frozen=True, slots=True)
class _Record:
    """The record that is proved, as the archive has it."""

    ref: str
    capture_key: str
    extraction_key: str
    position: int
    raw_sha256: bytes
    size_bytes: int
    blocks_root: bytes
    byte_from: int
    byte_to: int
    medium: str
    facets: list[dict[str, str]]
    is_given_whole: bool = False

    @property
    def first_block(self) -> int:
        return 0 if self.is_given_whole else self.byte_from // BLOCK_BYTES

    @property
    def end_block(self) -> int:
        """The block behind the last one."""
        end = self.size_bytes if self.is_given_whole else max(self.byte_to, self.byte_from + 1)
        return -(-end // BLOCK_BYTES)


def write_proof(
    connection: duckdb.DuckDBPyConnection, layout: Layout, document_key: str, ref: str | None, out: Path
) -> Proof:
    """Write the proof of a version, the current one where no ref is given, as a ZIP file that is new.

    Raises `RecordUnknown` where no version shows the words of the ref, `ArchiveDamaged` where what is found doesn't
    fit together: a proof that fails is never written.
    """
    row = connection.execute(statement("proof/record"), {"document_key": document_key, "ref": ref}).fetchone()
    _refuse_withheld(connection, document_key, ref)
    if row is None:
        raise RecordUnknown(
            f"{ref or document_key}: no version shows these words by now, since a better form or reading has taken "
            "its place; expected one of the refs that mfa-archive history shows; name that one"
        )
    is_given_whole = row[5] <= WHOLE_BYTES and withheld_of(layout.raw, row[4]) is None
    record = replace(_Record(*row), is_given_whole=is_given_whole)
    parts, links = _parts(connection, layout, record)
    data = _zipped(parts)
    with out.open("xb") as file:
        file.write(data)
    return Proof(
        record.ref, links[-1]["head"], links[-1]["append_number"], record.byte_to - record.byte_from, len(data)
    )


def _refuse_withheld(connection: duckdb.DuckDBPyConnection, document_key: str, ref: str | None) -> None:
    row = connection.execute(statement("proof/withheld"), {"document_key": document_key, "ref": ref}).fetchone()
    if row is not None:
        named, at, who, why = row
        raise RecordUnknown(
            f"{named}: its words were withheld on {at:%Y-%m-%d} by {who} ({why}); expected a version whose words and "
            "bytes are there; of these only the hashes are, which the view versions shows"
        )


def _parts(
    connection: duckdb.DuckDBPyConnection, layout: Layout, record: _Record
) -> tuple[dict[str, bytes], list[dict[str, Any]]]:
    leaves = _leaves(connection, record)
    links = _links(connection, min(leaf["append_number"] for leaf in leaves))
    blocks, paths = _blocks(layout, record)
    texts = {name: _text(source) for name, source in _TEXTS.items()}
    begin = record.byte_from - record.first_block * BLOCK_BYTES
    proof = {
        "version": PROOF_VERSION,
        "ref": record.ref,
        "medium": record.medium,
        "facets": [[facet["name"], facet["value"]] for facet in record.facets],
        "first_block": record.first_block,
        "block_paths": paths,
        "leaves": leaves,
        "links": links,
        "files": {name: hashlib.sha256(text).hexdigest() for name, text in texts.items()},
    }
    text = next(facet["value"] for facet in record.facets if facet["name"] == "text")
    written = json.dumps(proof, ensure_ascii=False, sort_keys=True, indent=1)
    return {
        **texts,
        "text.txt": text.encode(),
        "record.bin": blocks[begin : begin + record.byte_to - record.byte_from],
        "bytes.bin": blocks,
        "proof.json": f"{written}\n".encode(),
    }, links


def _text(name: str) -> bytes:
    return (files("warehouse") / "bundle" / name).read_bytes()


def _links(connection: duckdb.DuckDBPyConnection, first: int) -> list[dict[str, Any]]:
    rows = connection.execute(statement("verify/links")).fetchall()
    return [_link(Link(*row[:-1]), row[-1]) for row in rows if row[0] >= first]


def _link(link: Link, head: bytes) -> dict[str, Any]:
    if link.head != head:
        raise _unfit(f"append {link.append_number} has another head than its fields give")
    since = link.recorded_at - EPOCH
    return {
        "append_number": link.append_number,
        "batch_key": link.batch_key,
        "recorded_at_us": (since.days * 86_400 + since.seconds) * _MICROSECONDS + since.microseconds,
        "leaf_version": link.leaf_version,
        "leaf_count": link.leaf_count,
        "merkle_root": link.merkle_root.hex(),
        "previous_head": link.previous_head.hex() if link.previous_head else None,
        "head": head.hex(),
    }


def _leaves(connection: duckdb.DuckDBPyConnection, record: _Record) -> list[dict[str, Any]]:
    """Return the rows on which a record rests, each with its audit path in its append."""
    keys = {
        "raw_key": record.raw_sha256.hex(),
        "capture_key": record.capture_key,
        "extraction_key": record.extraction_key,
        "reading_key": f"{record.extraction_key} {record.position:010d}",
    }
    rows = connection.execute(statement("proof/places"), keys).fetchall()
    roots = {row[0]: row[4] for row in connection.execute(statement("verify/links")).fetchall()}
    leaves: list[dict[str, Any]] = []
    for number in sorted({row[1] for row in rows}):
        places = {place: data for _, append_number, place, data in rows if append_number == number}
        proofs = proofs_of(_hashes(connection, number), places)
        if proofs.root != roots.get(number) or any(
            leaf_hash(data.encode()) != proofs.leaves[place] for place, data in places.items()
        ):
            raise _unfit(f"append {number} has another root than its rows give")
        leaves.extend(
            {
                "append_number": number,
                "place": place,
                "data": data,
                "path": [node.hex() for node in proofs.paths[place]],
            }
            for place, data in sorted(places.items())
        )
    return leaves


def _hashes(connection: duckdb.DuckDBPyConnection, append_number: int) -> Iterator[bytes]:
    cursor = connection.execute(statement("proof/leaves"), {"append_number": append_number})
    while rows := cursor.fetchmany(_LEAVES_AT_ONCE):
        yield from (leaf for (leaf,) in rows)


def _blocks(layout: Layout, record: _Record) -> tuple[bytes, list[list[str]]]:
    """Return the blocks that hold a record, end to end, and the audit path of each."""
    wanted = range(record.first_block, record.end_block)
    withheld = withheld_of(layout.raw, record.raw_sha256)
    if withheld is not None and (withheld.is_whole or any(place in withheld.leaves for place in wanted)):
        raise RecordUnknown(
            f"{record.ref}: bytes around it were withheld, without which the hash of their 64 KiB can't be computed; "
            "expected its block to be whole; prove another capture's version, if one shows it too"
        )
    leaves = withheld.leaves if withheld is not None else {}
    kept: list[bytes] = []

    def hashes() -> Iterator[bytes]:
        with opened(layout.raw, record.raw_sha256) as stream:
            place = 0
            while block := stream.read(BLOCK_BYTES):
                if place in wanted:
                    kept.append(block)
                yield leaves.get(place) or leaf_hash(block)
                place += 1

    proofs = proofs_of(hashes(), wanted)
    if proofs.root != record.blocks_root:
        raise _unfit(f"the blocks of {record.raw_sha256.hex()} have another root than its row")
    return b"".join(kept), [[node.hex() for node in proofs.paths[place]] for place in wanted]


def _unfit(found: str) -> ArchiveDamaged:
    return ArchiveDamaged(
        f"{found}; expected what was appended; mfa-archive verify names what is off; no proof was written"
    )


def _zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in parts.items():
            bundle.writestr(zipfile.ZipInfo(name, _STAMP), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
