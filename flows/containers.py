"""Inputs as they arrive: containers are opened, whatever they are called, and each member is an input of its own.

A container's own bytes are not kept: its members are, each with its locator `<container>!<member>`. What can't be
taken in is an input that says why; the others go on.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from extract.model import Reason
from flows.captured_pattern import told_by_name
from flows.container_accounts import account_members, is_account, nothing_wanted
from flows.container_archives import tar_members, zip_members
from flows.container_compressed import DAMAGE, bare_name, compression_of, decompressed
from flows.container_limits import MOST_DEPTH, Allowance, allowance_for
from flows.container_members import Member, Unpacking, broken_off
from flows.container_warc import warc_members
from flows.input_facts import Input, Refused, Told, filled, name_of, refused, unreadable
from flows.saved_page import is_mhtml, mhtml_members, told_by_page

HEAD_BYTES = 65_536
_Members = Callable[[Path, Unpacking, Allowance], Iterator[Member]]
# Documents of office programs and books are ZIPs too; their parts mean nothing by themselves.
_NO_CONTAINERS = (b"[Content_Types].xml", b"mimetype", b"_rels/.rels")
_UNPACKS_TO_NOTHING = Refused(
    Reason.MISSING_INPUT,
    "a container in which nothing is a document",
    "a page, a post or an export in it",
    "look into it; what was passed over is counted in the report",
)


@dataclass(frozen=True, slots=True)
class Wants:
    """What a person says of all inputs of a source, as far as it tells what is in them."""

    channel_id: int | None = None  # of an account's channels; None: all that are public
    captured_pattern: str | None = None
    time_zone: str | None = None  # of the times in names


def arrivals(one: Input, wants: Wants, unpacking: Unpacking) -> Iterator[Input]:
    """Yield an input, or the members of the container that it is."""
    if one.problem is not None:
        yield one
        return
    yield from _opened(one, wants, unpacking, None, 0)


def _opened(one: Input, wants: Wants, unpacking: Unpacking, allowance: Allowance | None, depth: int) -> Iterator[Input]:
    one = replace(
        one, told=filled(one.told, told_by_name(name_of(one.locator), wants.captured_pattern, wants.time_zone))
    )
    try:
        with one.path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
        size_bytes = one.path.stat().st_size
        members = _members_of(head, one, wants)
    except OSError as error:
        yield unreadable(one, error)
        return
    if members is None:
        by_page = told_by_page(head) if one.told.captured_via != "warc" else None
        yield one if by_page is None else replace(one, told=filled(_without_via(one.told), by_page))
        return
    if depth >= MOST_DEPTH:
        yield refused(one.locator, one.path, _too_deep())
        return
    unpacking.say(f"opening {one.locator}")
    allowance = allowance or allowance_for(size_bytes)
    is_empty = True
    for member in _whole(members, one, unpacking, allowance):
        is_empty = False
        if member.path is None:
            yield _refused(one, member)
            continue
        told = filled(member.told, replace(one.told, address=None, content_type=None, http_status=None))
        inner = Input(f"{one.locator}!{member.name}", member.path, told=told, is_unpacked=True)
        yield from _opened(inner, wants, unpacking, allowance, depth + 1)
    if is_empty:
        yield refused(one.locator, one.path, nothing_wanted() if _is_json(head) else _UNPACKS_TO_NOTHING)
    if one.is_unpacked:
        one.path.unlink(missing_ok=True)


def _without_via(told: Told) -> Told:
    """Return what is told, but how it came only where a manifest says so: a saved page says it better than a ZIP."""
    return replace(told, captured_via=None) if told.captured_via == "archive" else told


def _refused(one: Input, member: Member) -> Input:
    refusal = member.refusal or _UNPACKS_TO_NOTHING
    locator = f"{one.locator}!{member.name}" if member.name else one.locator
    return refused(locator, one.path, refusal)


def _whole(members: _Members, one: Input, unpacking: Unpacking, allowance: Allowance) -> Iterator[Member]:
    """Yield the members under names that stand once each, and at last what is wrong with the container as a whole."""
    seen: Counter[str] = Counter()
    try:
        for member in members(one.path, unpacking, allowance):
            seen[member.name] += 1
            number = seen[member.name]
            yield member if number == 1 else replace(member, name=f"{member.name}#{number}")
    except Refused as error:
        yield Member("", refusal=error)
    except OSError as error:
        problem = unreadable(one, error)
        found = problem.problem or ""
        yield Member("", refusal=Refused(Reason.UNREADABLE_INPUT, found, problem.expected, "make it readable"))


def _members_of(head: bytes, one: Input, wants: Wants) -> _Members | None:
    """Return the reader of a container's members; None for an input that is none."""
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return None if any(name in head[:4_096] for name in _NO_CONTAINERS) else zip_members
    compression = compression_of(head)
    if compression is not None:
        return _members_within(one, compression)
    if is_account(head, one.path):
        return lambda path, unpacking, allowance: account_members(path, wants.channel_id, unpacking, allowance)
    return mhtml_members if is_mhtml(head) else _uncompressed(head)


def _uncompressed(head: bytes) -> _Members | None:
    if _is_tar(head):
        return tar_members
    return warc_members if head.startswith(b"WARC/") else None


def _is_tar(head: bytes) -> bool:
    return head[257:262] == b"ustar"


def _is_json(head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def _members_within(one: Input, compression: str) -> _Members:
    """Return the reader of what is compressed: a tar, a WARC, or one file."""
    with one.path.open("rb") as file:
        try:
            inner = decompressed(file, compression).read(1_024)
        except (*DAMAGE, OSError):
            inner = b""
    several = _uncompressed(inner)
    if several is not None:
        return several

    def single(path: Path, unpacking: Unpacking, allowance: Allowance) -> Iterator[Member]:
        with path.open("rb") as file:
            try:
                unpacked = unpacking.put(decompressed(file, compression), allowance)
            except (*DAMAGE, OSError) as error:
                raise broken_off(f"{compression} data that are damaged or break off ({error})") from error
        yield Member(bare_name(name_of(one.locator)), unpacked, Told(captured_via="archive"))

    return single


def _too_deep() -> Refused:
    return Refused(
        Reason.TOO_LARGE,
        f"a container within {MOST_DEPTH} others",
        f"at most {MOST_DEPTH} of them, one within the other",
        "unpack it and hand in what is in it",
    )
