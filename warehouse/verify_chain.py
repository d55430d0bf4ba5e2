"""The chain: links against their heads, heads against those noted elsewhere, rows against the roots of appends."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import duckdb
import orjson

from warehouse.append import MARK_BYTES, Link
from warehouse.heads import Head, head_of, noted_heads
from warehouse.layout import Layout
from warehouse.merkle import proofs_of
from warehouse.statements import statement
from warehouse.verify import REBUILD, Finding, Part, told

_ROWS_AT_ONCE = 50_000
_HEAD = re.compile("[0-9a-fA-F]{64}")
_CUT = (
    "compare with a backup: the end of the archive was cut off, or its chain made anew; what stands there now can't be "
    "the archive of which this head was noted"
)


@dataclass(frozen=True, slots=True)
class NotedHead:
    """A head of this archive that was noted somewhere."""

    where: str
    head: str  # hexadecimal
    append_number: int | None = None  # None: it was noted without its number


def heads_in(where: str, text: str) -> list[NotedHead]:
    """Return the heads in a text: a snapshot's manifest, lines of a log of heads, or one head alone. Empty if none."""
    if text.lstrip().startswith("{"):
        try:
            manifest = orjson.loads(text)
        except orjson.JSONDecodeError:
            return []
        head, number = str(manifest.get("head", "")), manifest.get("append_number")
        return [NotedHead(where, head.lower(), number)] if _HEAD.fullmatch(head) else []
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) == 1 and _HEAD.fullmatch(lines[0][1]):
        return [NotedHead(where, lines[0][1].lower())]
    found = [(number, head_of(line)) for number, line in lines]
    return [NotedHead(f"{where}, line {number}", head.head, head.append_number) for number, head in found if head]


def verify_links(connection: duckdb.DuckDBPyConnection, layout: Layout, noted: Sequence[NotedHead]) -> Part:
    """Recompute the head of each link from its fields and the head before, and look for those that were noted."""
    rows = connection.execute(statement("verify/links")).fetchall()
    links = [(Link(*row[:-1]), row[-1]) for row in rows]
    findings = list(_off_links(links))
    chain = [Head(link.append_number, link.recorded_at, head.hex()) for link, head in links]
    log = noted_heads(layout)
    said = [NotedHead(f"{layout.heads}, line {line}", head.head, head.append_number) for line, head in log.current]
    said += [
        NotedHead(f"the snapshot of {taken_at:%Y-%m-%d %H:%M:%SZ}", head)
        for taken_at, head in connection.execute(statement("verify/snapshot_heads")).fetchall()
    ]
    findings += _missing_heads(chain, [*said, *noted])
    findings += [
        Finding(
            f"{layout.heads}, line {number}",
            repr(line[:100]),
            "the number of an append, its instant and its head",
            "copy the file back from a backup",
        )
        for number, line in log.unreadable
    ]
    return Part("chain", len(links), "append", None, tuple(findings), tuple(_notes(layout, chain, noted)))


def _off_links(links: Sequence[tuple[Link, bytes]]) -> Iterator[Finding]:
    by_head = {head: link.append_number for link, head in links}
    last_number, last_head = 0, None
    for link, head in links:
        where = f"append {link.append_number}"
        if link.append_number != last_number + 1:
            yield Finding(where, f"it follows append {last_number}", f"append {last_number + 1}", REBUILD)
        elif link.previous_head != last_head:
            after = by_head.get(link.previous_head or b"")
            yield Finding(
                where,
                f"it was appended after append {after}"
                if after
                else f"the head before it was {link.previous_head.hex() if link.previous_head else 'none'}",
                f"after append {last_number}, whose head is {last_head.hex() if last_head else 'none'}",
                REBUILD,
            )
        if link.head != head:
            yield Finding(where, f"its head is {head.hex()}", f"{link.head.hex()}, by its fields", REBUILD)
        last_number, last_head = link.append_number, head


def _missing_heads(chain: Sequence[Head], noted: Sequence[NotedHead]) -> Iterator[Finding]:
    by_number = {head.append_number: head.head for head in chain}
    heads = set(by_number.values())
    for one in noted:
        here = by_number.get(one.append_number or 0)
        if one.append_number is None and one.head not in heads:
            found = f"no append has the head {one.head}"
        elif one.append_number is not None and here is None:
            found = f"the archive ends at append {max(by_number, default=0)}"
        elif one.append_number is not None and here != one.head:
            found = f"append {one.append_number} has the head {here}"
        else:
            continue
        expected = one.head if one.append_number is None else f"append {one.append_number} with the head {one.head}"
        yield Finding(one.where, found, f"{expected}, as it is noted there", _CUT)


def _notes(layout: Layout, chain: Sequence[Head], noted: Sequence[NotedHead]) -> Iterator[str]:
    log = noted_heads(layout)
    unnoted = len({head.append_number for head in chain} - {head.append_number for _, head in log.current})
    if unnoted:
        yield f"{layout.heads} lacks {unnoted:,} of the {len(chain):,} appends: the next append adds them"
    if log.replaced_count:
        yield (
            f"{layout.heads} has {told(log.replaced_count, 'head', 'heads')} of a chain that a rebuilding replaced; "
            f"the files that had it are {layout.store.parent}/replaced-*.duckdb"
        )
    if noted:
        newest = max((head.append_number for head in chain if head.head in {one.head for one in noted}), default=0)
        yield f"up to append {newest} of {len(chain)} the chain is the one whose head was given"
    else:
        yield (
            "no earlier head was given: whoever could write to this folder could also have cut off the newest appends, "
            "or made the whole chain anew together with heads.log; only a head noted elsewhere shows that it was not so"
        )


def verify_rows(connection: duckdb.DuckDBPyConnection) -> Part:
    """Recompute the leaves of all rows, and their roots; name the first row that is off in each append."""
    links = {row[0]: (row[3], row[4]) for row in connection.execute(statement("verify/links")).fetchall()}
    roots = _roots(connection)
    numbers = sorted(links.keys() | roots.keys())
    findings = [
        _off_append(connection, number, links.get(number), roots.get(number))
        for number in numbers
        if links.get(number) != roots.get(number)
    ]
    return Part("rows", sum(count for count, _ in roots.values()), "row", None, tuple(findings))


def _roots(connection: duckdb.DuckDBPyConnection) -> dict[int, tuple[int, bytes]]:
    """Return number and root of the leaves of each append."""
    cursor = connection.execute(statement("verify/leaves"))

    def rows() -> Iterator[tuple[int, bytes]]:
        while batch := cursor.fetchmany(_ROWS_AT_ONCE):
            yield from batch

    found: dict[int, tuple[int, bytes]] = {}
    for number, leaves in groupby(rows(), key=itemgetter(0)):
        proofs = proofs_of((leaf for _, leaf in leaves), ())
        found[number] = (proofs.leaf_count, proofs.root)
    return found


def _off_append(
    connection: duckdb.DuckDBPyConnection,
    number: int,
    link: tuple[int, bytes] | None,
    rows: tuple[int, bytes] | None,
) -> Finding:
    where = f"append {number}"
    if link is None:
        return Finding(where, f"{rows[0] if rows else 0:,} rows of an append that has no link", "a link", REBUILD)
    marks = b"".join(part for (part,) in connection.execute(_MARKS, {"append_number": number}).fetchall())
    leaves = connection.execute(statement("verify/leaves_of_append"), {"append_number": number}).fetchall()
    if not marks:
        count = rows[0] if rows else 0
        return Finding(
            where,
            f"its {count:,} rows have another Merkle root than its link",
            f"its {link[0]:,} rows as they were appended",
            f"it was appended before marks of single rows were kept, so look at what else is named here; {REBUILD}",
        )
    kept = [marks[at : at + MARK_BYTES] for at in range(0, len(marks), MARK_BYTES)]
    return _off_row(where, kept, leaves)


_MARKS = statement("verify/leaf_marks")


def _off_row(where: str, kept: list[bytes], leaves: list[tuple[str, str, bytes]]) -> Finding:
    """Name the first row that differs from the marks of the rows as they were appended."""
    found = [leaf[:MARK_BYTES] for _, _, leaf in leaves]
    first = _alike(kept, found)
    last = _alike(kept[first:][::-1], found[first:][::-1])
    lost, come = kept[first : len(kept) - last], found[first : len(found) - last]
    if not lost and not come:
        return Finding(where, "its link has another Merkle root than its rows, which are as appended", "one", REBUILD)
    if not come:
        return Finding(where, f"{len(lost):,} rows are missing {_between(leaves, first)}", "all rows", REBUILD)
    known = set(lost)
    new = [at for at, mark in enumerate(come, first) if mark not in known]
    if not lost:
        return Finding(f"{where}, {_named(leaves, first)}", "a row that was not appended", "no such row", REBUILD)
    if new:
        return Finding(f"{where}, {_named(leaves, new[0])}", "other values than were appended", "its own", REBUILD)
    if len(lost) > len(come):
        return Finding(where, f"rows are missing {_between(leaves, first)}", f"{len(kept):,} rows", REBUILD)
    return Finding(f"{where}, {_named(leaves, first)}", "rows in another order than they were appended", "it", REBUILD)


def _alike(one: list[bytes], other: list[bytes]) -> int:
    """Return how many marks at the beginning are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (mark, found) in pairs if mark != found), min(len(one), len(other)))


def _named(leaves: list[tuple[str, str, bytes]], at: int) -> str:
    table, key, _ = leaves[at]
    place = sum(1 for name, *_ in leaves[:at] if name == table) + 1
    return f"row {place:,} of {table} ({key})"


def _between(leaves: list[tuple[str, str, bytes]], at: int) -> str:
    before = _named(leaves, at - 1) if at else "the beginning"
    after = _named(leaves, at) if at < len(leaves) else "the end"
    return f"between {before} and {after}"
