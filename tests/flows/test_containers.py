"""What comes in containers: each member is an input of its own, and no container can do harm."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from flows import container_limits
from flows.container_limits import allowance_for
from flows.container_members import unpacking
from flows.containers import Wants, arrivals
from flows.input_facts import Input, Refused
from flows.inputs import Job, handed_in_job
from flows.reports import RunReport
from tests.conftest import Desk
from tests.flows.test_bad_input import HEAD, problems
from warehouse.layout import Layout
from warehouse.staging import SourceFacts

PAGE = f"{HEAD}Words that are read.\n".encode()
PACKERS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gz", lambda data: gzip.compress(data, mtime=0)),
    ("bz2", bz2.compress),
    ("xz", lzma.compress),
    ("zst", zstandard.compress),
]


def page(words: str = "Words that are read.", title: str = "A title of a press release that is long enough") -> bytes:
    return f"{title}\n\n  • en-GB1 ru-RU1\n\n{words}\n".encode()


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def warc_record(kind: str, uri: str, block: bytes, number: int = 1, **more: str) -> bytes:
    headers = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:{number}>",
        "WARC-Date": "2024-01-01T10:00:00Z",
        "WARC-Target-URI": uri,
        "Content-Type": "application/http; msgtype=response" if kind == "response" else "text/html",
        "Content-Length": str(len(block)),
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"WARC/1.0\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"


def answer(body: bytes, status: str = "200 OK", kind: str = "text/html", **more: str) -> bytes:
    headers = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in more.items()}}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def locators(desk: Desk, folder: Path) -> list[str]:
    rows = desk.query("select locator from captures order by locator")
    return [str(row[0]).removeprefix(f"{folder}/") for row in rows]


def arrived(path: Path, layout: Layout) -> list[tuple[Input, bytes | None]]:
    """Return what a file gives, with the bytes of each."""
    with unpacking(layout, lambda _: None) as place:
        return [
            (one, None if one.problem else one.path.read_bytes())
            for one in arrivals(Input(path.name, path), Wants(), place)
        ]


def unchanged_again(desk: Desk, *paths: Path) -> RunReport:
    """Hand files in once more, each as the source it was, and insist that nothing comes of it."""
    before = desk.counts()
    report = desk.ingest(*map(of_itself, paths)) if len(paths) > 1 else desk.hand_in(paths[0])
    after = before | {"run": before["run"] + 1, "run_end": before["run_end"] + 1}
    assert desk.counts() == after
    assert [source.appended_count for source in report.sources] == [0] * len(paths)
    return report


def of_itself(path: Path) -> Job:
    """Return the job that takes a file in as a source of its name."""
    return handed_in_job(SourceFacts(path.name), [path])


def test_each_member_is_an_input_of_its_own_and_a_second_run_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    members = {
        "in/a.txt": page("First.", "The title of the first page, long enough"),
        "in/б.txt": page("Second.", "The title of the second page, long enough"),
    }
    paths = [put(tmp_path, name, pack(members)) for name, pack in (("like_nothing", zipped), ("neither", tarred))]
    report = desk.ingest(*map(of_itself, paths))
    assert report.is_good
    assert [source.input_count for source in report.sources] == [2, 2]
    assert locators(desk, tmp_path) == [
        *("like_nothing!in/a.txt", "like_nothing!in/б.txt"),
        *("neither!in/a.txt", "neither!in/б.txt"),
    ]
    assert desk.query("select distinct captured_via, captured_basis from captures") == [("archive", "unknown")]
    unchanged_again(desk, *paths)
    assert [path.name for path in (desk.layout.staging / "unpacked").iterdir()] == ["lock"]
    assert len(list((desk.layout.raw / "blobs").rglob("*.zst"))) == 2  # the containers themselves are not kept


@pytest.mark.parametrize(("suffix", "pack"), PACKERS)
def test_a_compressed_file_a_compressed_tar_and_a_compressed_web_archive_are_told_by_their_bytes(
    tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    layout = Layout(tmp_path / "data")
    single = arrived(put(tmp_path, f"a.txt.{suffix}", pack(PAGE)), layout)
    assert [(one.locator, data) for one, data in single] == [(f"a.txt.{suffix}!a.txt", PAGE)]
    tar = arrived(put(tmp_path, f"t.tar.{suffix}", pack(tarred({"b.txt": PAGE}))), layout)
    assert [(one.locator, data) for one, data in tar] == [(f"t.tar.{suffix}!b.txt", PAGE)]
    record = warc_record("response", "https://mid.ru/1", answer(PAGE))
    warc = arrived(put(tmp_path, "w", pack(record) + pack(record.replace(b"uuid:1", b"uuid:2"))), layout)
    assert [(one.locator, data) for one, data in warc] == [("w!urn:uuid:1", PAGE), ("w!urn:uuid:2", PAGE)]


def test_containers_within_containers_are_opened_three_deep(tmp_path: Path) -> None:
    data = PAGE
    for depth in range(4):
        (found,) = arrived(put(tmp_path, "c.zip", zipped({f"{depth}.zip": data})), Layout(tmp_path / "data"))
        if depth < 3:
            assert found[1] == PAGE
        data = zipped({f"{depth}.zip": data})
    assert (found[0].reason, found[1]) == ("too_large", None)
    assert found[0].locator.count("!") == 3


def odd_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        for name in ("/etc/absolute.txt", "../climbs.txt", "C:/drive.txt"):
            archive.writestr(name, b"x")
        archive.writestr("locked.txt", b"x")
        archive.writestr("good.txt", PAGE)
        archive.writestr(".hidden.txt", b"x")
        archive.writestr("__MACOSX/._good.txt", b"x")
    data = bytearray(out.getvalue())
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = data.rindex(b"locked.txt", 0, data.index(b"PK\1\2") if offset == 6 else len(data))
        data[data.rindex(signature, 0, place) + offset] |= 1
    return bytes(data)


def odd_tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind in (("link.txt", tarfile.SYMTYPE), ("hard.txt", tarfile.LNKTYPE), ("dev", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        for name in ("/etc/absolute.txt", "../climbs.txt", "./good.txt"):
            info = tarfile.TarInfo(name)
            info.size = len(PAGE)
            archive.addfile(info, io.BytesIO(PAGE))
    return out.getvalue()


def test_members_that_lead_elsewhere_or_are_locked_are_refused_each_and_the_others_go_on(
    desk: Desk, tmp_path: Path
) -> None:
    paths = [put(tmp_path, "zip", odd_zip()), put(tmp_path, "tar", odd_tar())]
    for source in desk.ingest(*map(of_itself, paths)).sources:
        assert ["unreadable_input" in line for line in source.problems] == [True] * 5, source.source_key
    assert locators(desk, tmp_path) == ["tar!good.txt", "zip!good.txt"]
    unchanged_again(desk, *paths)
    assert not list(tmp_path.rglob("climbs.txt"))


def test_a_bomb_ends_in_one_rejection_and_what_stands_before_it_is_taken_in(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container_limits, "ALWAYS_BYTES", 1_000_000)
    members = {"a.txt": PAGE, "bomb.txt": b"\n" * 5_000_000, "c.txt": PAGE}
    packed = {"b.zip": zipped(members), "b.tgz": gzip.compress(tarred(members), mtime=0)}
    report = desk.ingest(*(of_itself(put(tmp_path, name, data)) for name, data in packed.items()))
    assert [["too_large" in line for line in source.problems] for source in report.sources] == [[True], [True]]
    assert locators(desk, tmp_path) == ["b.tgz!a.txt", "b.zip!a.txt"]


def test_the_number_of_members_is_limited() -> None:
    allowance = allowance_for(10)
    allowance.left_members = 1
    allowance.take_member()
    with pytest.raises(Refused, match="more than 1,000,000 members"):
        allowance.take_member()


MANY = {
    f"{number}.txt": page(f"Words of number {number}. " * 9, f"The title of page number {number}")
    for number in range(9)
}


PACKED = {
    "c.zip": zipped(MANY),
    "c.tar": tarred(MANY),
    "c.tar.gz": gzip.compress(tarred(MANY), mtime=0),
    "c.tar.zst": zstandard.compress(tarred(MANY)),
    "c.warc": b"".join(warc_record("resource", "http://x/", page, at) for at, page in enumerate(MANY.values())),
}


@dataclass(frozen=True, slots=True)
class Half:
    """What became of the half of a container, and then of all of it."""

    problems: list[str]
    count: object  # of documents
    whole_problems: list[str]
    whole_count: object


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Half]:
    """What became of each container, which is a source of its own; nothing comes of its half a second time."""
    folder = tmp_path_factory.mktemp("halves")
    desk = Desk(folder / "data")
    count = "select count(*) from documents where source_key = ?"
    paths = [put(folder, name, data[: len(data) // 2]) for name, data in PACKED.items()]
    half = desk.ingest(*map(of_itself, paths))
    counts = [desk.value(count, name) for name in PACKED]
    unchanged_again(desk, *paths)
    for path in paths:
        path.write_bytes(PACKED[path.name])
    whole = desk.ingest(*map(of_itself, paths))
    return {
        name: Half(half.sources[at].problems, counts[at], whole.sources[at].problems, desk.value(count, name))
        for at, name in enumerate(PACKED)
    }


@pytest.mark.parametrize("name", PACKED)
def test_a_container_that_breaks_off_gives_what_is_whole_and_one_rejection(halves: dict[str, Half], name: str) -> None:
    half = halves[name]
    assert ["broken_off" in line for line in half.problems] == [True]
    # Half of what is compressed as a whole may be less than its first member.
    assert (0 < int(str(half.count)) < len(MANY)) or name.endswith((".gz", ".zst"))
    assert half.whole_problems == []
    assert half.whole_count == len(MANY)


def test_members_of_one_name_are_told_apart(desk: Desk, tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", PAGE)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.txt", page("Other words."))
    path = put(tmp_path, "a.zip", out.getvalue())
    assert desk.hand_in(path).is_good
    assert locators(desk, tmp_path) == ["a.zip!a.txt", "a.zip!a.txt#2"]
    unchanged_again(desk, path)


def test_the_document_of_an_office_program_is_no_container(tmp_path: Path) -> None:
    path = put(tmp_path, "a.docx", zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}))
    assert [one.locator for one, _ in arrived(path, Layout(tmp_path / "data"))] == ["a.docx"]


def test_what_a_killed_run_has_unpacked_is_gone_at_the_next(desk: Desk, tmp_path: Path) -> None:
    base = desk.layout.staging / "unpacked"
    put(base, "7/00000001", b"left")
    put(base, "7.held", b"")
    assert desk.hand_in(put(tmp_path, "a.zip", zipped({"a.txt": PAGE}))).is_good
    assert [path.name for path in base.iterdir()] == ["lock"]


def test_what_a_run_under_way_has_unpacked_is_left_alone(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "data")
    path = put(tmp_path, "a.zip", zipped({"a.txt": PAGE}))
    with unpacking(layout, lambda _: None) as place:
        (one,) = arrivals(Input("a.zip", path), Wants(), place)
        with unpacking(layout, lambda _: None):
            assert one.path.read_bytes() == PAGE
    assert not one.path.exists()


def test_a_web_archive_tells_when_and_where_each_page_was_found(desk: Desk, tmp_path: Path) -> None:
    uri = "https://mid.ru/en/foreign_policy/news/1/"
    records = [
        warc_record("warcinfo", "", b"software: x"),
        warc_record("request", uri, b"GET / HTTP/1.1\r\n\r\n"),
        warc_record("response", uri, answer(PAGE, kind="text/html; charset=utf-8"), 1),
        warc_record("response", f"{uri}x", answer(b"gone", "404 Not Found"), 2),
        warc_record("response", f"{uri}y.png", answer(b"\x89PNG", kind="image/png"), 3),
        warc_record("response", f"{uri}y.css", answer(b"a{}", kind="text/css"), 4),
        warc_record("revisit", uri, b"", 5),
        warc_record("resource", "urn:log", b"a log", 6),
    ]
    path = put(tmp_path, "w.warc.gz", b"".join(gzip.compress(record, mtime=0) for record in records))
    report = desk.hand_in(path)
    assert report.is_good, problems(report)
    rows = desk.query("select captured_via, captured_basis, captured_at from captures")
    assert rows == [("warc", "warc", datetime(2024, 1, 1, 10, tzinfo=UTC))]
    (noted,) = next(desk.layout.raw.rglob("captures/*/*.jsonl")).read_bytes().splitlines()[1:]
    for part in (uri.encode(), b'"http_status":200', b'"content_type":"text/html; charset=utf-8"'):
        assert part in noted
    notes = "\n".join(report.sources[0].notes)
    for part in ("HTTP status 404", "image/png", "text/css", "kind revisit", "kind request", "no page"):
        assert part in notes
    unchanged_again(desk, path)


def chunked(data: bytes) -> bytes:
    parts = [data[at : at + 7] for at in range(0, len(data), 7)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (chunked(PAGE), {"Transfer_Encoding": "chunked"}),
        (gzip.compress(PAGE, mtime=0), {"Content_Encoding": "gzip"}),
        (deflated(PAGE), {"Content_Encoding": "deflate"}),
        (zstandard.compress(PAGE), {"Content_Encoding": "zstd"}),
        (chunked(gzip.compress(PAGE, mtime=0)), {"Transfer_Encoding": "chunked", "Content_Encoding": "gzip"}),
        (PAGE, {"Transfer_Encoding": "chunked", "Content_Encoding": "gzip"}),  # decoded by the crawler already
    ],
)
def test_the_body_of_an_answer_is_taken_without_its_codings(
    tmp_path: Path, body: bytes, headers: dict[str, str]
) -> None:
    path = put(tmp_path, "w.warc", warc_record("response", "http://x/", answer(body, **headers)))
    assert [data for _, data in arrived(path, Layout(tmp_path / "data"))] == [PAGE]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (gzip.compress(PAGE, mtime=0)[:-20], {"Content_Encoding": "gzip"}),
        (b"\xff\xff\xff", {"Content_Encoding": "deflate"}),
        (PAGE, {"Content_Encoding": "rot13"}),
        (chunked(PAGE)[:-9], {"Transfer_Encoding": "chunked"}),
    ],
)
def test_a_body_that_can_not_be_decoded_is_refused_and_the_others_go_on(
    tmp_path: Path, body: bytes, headers: dict[str, str]
) -> None:
    records = warc_record("response", "http://x/", answer(body, **headers)) + warc_record(
        "response", "http://x/2", answer(PAGE), 2
    )
    found = arrived(put(tmp_path, "w.warc", records), Layout(tmp_path / "data"))
    assert [(one.reason, data) for one, data in found] == [("unreadable_input", None), (None, PAGE)]


def test_the_same_bytes_at_two_addresses_are_two_looks_and_a_second_run_tells_nothing(
    desk: Desk, tmp_path: Path
) -> None:
    records = [warc_record("response", f"https://{host}/1", answer(PAGE), at) for at, host in enumerate(("a", "b"))]
    path = put(tmp_path, "w.warc", b"".join(records))
    assert desk.hand_in(path).is_good
    assert desk.value("select count(*) from captures") == 2
    assert unchanged_again(desk, path).is_good


def mhtml(body: str) -> bytes:
    message = EmailMessage()
    message["From"] = "<Saved by Blink>"
    message["Snapshot-Content-Location"] = "https://mid.ru/ru/1/"
    message["Date"] = "Mon, 1 Jan 2024 10:00:00 +0300"
    message.set_content(body, subtype="html", cte="quoted-printable")
    message.add_related(b"\x89PNG", "image", "png", cid="<a@b>")
    return message.as_bytes()


def test_of_a_saved_page_with_its_parts_the_page_is_taken(tmp_path: Path) -> None:
    path = put(tmp_path, "a.mhtml", mhtml("<p>Слово</p>\n"))
    ((one, data),) = arrived(path, Layout(tmp_path / "data"))
    assert (one.locator, data) == ("a.mhtml!page.html", "<p>Слово</p>\n".encode())
    told = one.told
    assert (told.captured_via, told.captured_basis, told.address) == ("mhtml", "page", "https://mid.ru/ru/1/")
    assert told.captured_at == datetime(2024, 1, 1, 7, tzinfo=UTC)


SINGLE_FILE = b"""<!DOCTYPE html> <html lang=ru><!--
 Page saved with SingleFile
 url: https://mid.ru/ru/1/
 saved date: Mon Jan 01 2024 10:00:00 GMT+0300 (Moscow Standard Time)
--><p>x"""


def test_a_page_that_says_when_it_was_saved_is_believed_where_nobody_else_says_it(desk: Desk, tmp_path: Path) -> None:
    path = put(tmp_path, "a.html", SINGLE_FILE)
    one = SourceFacts("one", format="mid_page_text")
    two = SourceFacts("two", format="mid_page_text", captured_at=datetime(2025, 1, 1, tzinfo=UTC))
    desk.ingest(handed_in_job(one, [path]), handed_in_job(two, [path]))
    rows = desk.query("select captured_at, captured_basis, captured_via from captures order by source_key")
    assert rows == [
        (datetime(2024, 1, 1, 7, tzinfo=UTC), "page", "saved_page"),
        (datetime(2025, 1, 1, tzinfo=UTC), "operator", "saved_page"),
    ]
    saved = b"<!-- saved from url=(0042)https://mid.ru/ru/2/ -->\n<html>"
    ((found, _),) = arrived(put(tmp_path, "b.html", saved), Layout(tmp_path / "data"))
    assert (found.told.address, found.told.captured_at) == ("https://mid.ru/ru/2/", None)


WHOLE = [zipped(MANY), tarred({"a.txt": PAGE}), warc_record("response", "http://x/", answer(PAGE)), mhtml("<p>x</p>")]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(WHOLE), st.integers(0, 5_000), st.binary(max_size=20), st.booleans())
@example(b"PK\3\4", 0, b"", False)
@example(b"\x1f\x8b\x08", 0, b"", True)
def test_any_damage_ends_in_inputs_and_refusals(
    tmp_path: Path, data: bytes, place: int, damage: bytes, is_cut: bool
) -> None:
    place %= len(data)
    damaged = data[:place] + damage + (b"" if is_cut else data[place + len(damage) :])
    for found in (damaged, gzip.compress(damaged, mtime=0), zstandard.compress(damaged)[: len(damaged) - 5]):
        for one, content in arrived(put(tmp_path, "x", found), Layout(tmp_path / "data")):
            assert (one.problem is None) == (content is not None)
