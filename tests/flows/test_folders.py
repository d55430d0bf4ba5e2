"""What of a folder is taken in: documents in natural order, with what a manifest or their names tell of them."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
import zstandard

from flows.captured_pattern import checked_pattern, told_by_name
from flows.errors import RegistryRefused
from flows.folders import natural_key, walked
from flows.inbox_files import jobs_of, look_into
from flows.input_facts import Refused
from flows.inputs import handed_in_job
from flows.manifest import read_manifest
from flows.reports import RunReport
from tests.conftest import Desk
from tests.flows.test_bad_input import problems
from tests.flows.test_containers import PAGE, locators, page, put, unchanged_again, zipped
from warehouse.staging import SourceFacts


def names(folder: Path) -> list[str]:
    return [one.locator.removeprefix("in/") for one in walked(folder, "in").inputs if one.problem is None]


def test_files_stand_in_the_order_in_which_people_count() -> None:
    given = ["messages10.html", "messages2.html", "messages.html", "a/2.txt", "a/10.txt", "messages02.html", "a0", "a"]
    assert sorted(given, key=natural_key) == [
        *("a", "a/2.txt", "a/10.txt", "a0", "messages.html", "messages02.html", "messages2.html", "messages10.html"),
    ]


@pytest.mark.parametrize("name", ["1" * 9_999, "", "٣", "a.b.c", "0", "00", "a0.txt", "a.txt", "\x00", "1a1", "a1"])
def test_any_name_can_be_sorted(name: str) -> None:
    assert len(sorted([name, "a", "a0", "1", "0a", "a.txt", f"{name}/x"], key=natural_key)) == 7


def test_of_an_export_only_the_messages_are_taken_in(tmp_path: Path) -> None:
    for name in ("messages.html", "messages2.html", "photos/1.jpg", "css/style.css", "files/page.html", "extra.html"):
        put(tmp_path, name, b"x")
    found = walked(tmp_path, "in")
    assert [one.locator for one in found.inputs] == ["in/messages.html", "in/messages2.html"]
    assert found.passed_over_count == 4
    put(tmp_path / "two" / "deep", "result.json", b"{}")
    put(tmp_path / "two", "page.html", b"x")
    assert names(tmp_path / "two") == ["deep/result.json", "page.html"]


def test_the_parts_of_a_saved_page_are_passed_over_and_told_in_one_line(desk: Desk, tmp_path: Path) -> None:
    put(tmp_path, "in/a.txt", PAGE)
    for name in ("a_files/frame.html", "a_files/logo.svg", "style.CSS"):
        put(tmp_path, f"in/{name}", b"x")
    put(tmp_path, "in/a.html", PAGE)
    report = desk.hand_in(tmp_path / "in")
    assert report.is_good
    assert report.sources[0].notes == ["hand: passed over files that are styles, scripts or media: 3"]
    assert locators(desk, tmp_path) == ["in/a.html", "in/a.txt"]


def test_the_export_of_an_account_as_pages_is_refused_whole(desk: Desk, tmp_path: Path) -> None:
    for name in ("export_results.html", "chats/chat_01/messages.html", "lists/chats.html"):
        put(tmp_path, f"in/{name}", b"<p>private words</p>")
    told = problems(desk.hand_in(tmp_path / "in"))
    assert ["a whole account" in line for line in told] == [True]
    assert not list((desk.layout.raw / "blobs").rglob("*.zst"))


MANIFEST = """path,url,captured_at,via,note
a.txt,https://mid.ru/ru/1/,2024-01-01T10:00:00+03:00,browser,by hand
sub/b.txt,,2024-01-02T10:00:00Z,pigeon,
style.css,,,,
"""


def test_a_manifest_tells_of_the_files_that_it_names(desk: Desk, tmp_path: Path) -> None:
    for name in ("a.txt", "sub/b.txt", "c.txt", "style.css"):
        put(tmp_path, f"in/{name}", page(f"Words of {name}", f"A title of a press release on {name}"))
    put(tmp_path, "in/manifest.csv", MANIFEST.encode())
    assert desk.hand_in(tmp_path / "in", captured_at=datetime(2025, 1, 1, tzinfo=UTC)).is_good
    rows = desk.query(
        "select parse_filename(locator), captured_at, captured_basis, captured_via from captures order by 1"
    )
    operator = datetime(2025, 1, 1, tzinfo=UTC)
    assert rows == [
        ("a.txt", datetime(2024, 1, 1, 7, tzinfo=UTC), "manifest", "browser"),
        ("b.txt", datetime(2024, 1, 2, 10, tzinfo=UTC), "manifest", "file"),
        ("c.txt", operator, "operator", "file"),
        ("style.css", operator, "operator", "file"),
    ]
    log = next(desk.layout.raw.rglob("captures/*/*.jsonl")).read_bytes()
    assert b'"note":"via pigeon"' in log
    assert b'"address":"https://mid.ru/ru/1/"' in log


def test_a_manifest_in_a_container_and_in_lines_of_json_tells_the_same(desk: Desk, tmp_path: Path) -> None:
    row = {"path": "a.txt", "captured_at": "2024-01-01T10:00:00Z"}
    data = zipped({"in/a.txt": PAGE, "in/manifest.jsonl": json.dumps(row).encode()})
    path = put(tmp_path, "a.zip", data)
    assert desk.hand_in(path).is_good
    rows = desk.query("select captured_at, captured_basis, captured_via from captures")
    assert rows == [(datetime(2024, 1, 1, 10, tzinfo=UTC), "manifest", "archive")]
    unchanged_again(desk, path)


def test_a_row_whose_file_is_missing_or_lies_elsewhere_is_refused_and_the_others_go_on(
    desk: Desk, tmp_path: Path
) -> None:
    put(tmp_path, "in/a.txt", PAGE)
    put(tmp_path, "in/manifest.csv", b"path\na.txt\nb.txt\n../c.txt\n/etc/passwd\n")
    told = problems(desk.hand_in(tmp_path / "in"))
    where = [line.removeprefix(f"{tmp_path}/in/").partition("_input")[0] for line in told]
    assert sorted(where) == [
        "b.txt: missing",
        "manifest.csv: ../c.txt: unreadable",
        "manifest.csv: /etc/passwd: unreadable",
    ]
    assert locators(desk, tmp_path) == ["in/a.txt"]
    unchanged_again(desk, tmp_path / "in")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("manifest.csv", b""),
        ("manifest.csv", b"file,url\na.txt,\n"),
        ("manifest.csv", b"path\n\xff\n"),
        ("manifest.csv", b"path,captured_at\na.txt,yesterday\n"),
        ("manifest.csv", b"path,captured_at\na.txt,2024-01-01T10:00:00\n"),
        ("manifest.csv", b'path\n"a.txt\n'),
        ("manifest.csv", b"path,url\n,x\n"),
        ("manifest.jsonl", b"{}\n"),
        ("manifest.jsonl", b"[1]\n"),
        ("manifest.jsonl", b'{"path": 1}\n'),
        ("manifest.jsonl", b"{\n"),
    ],
)
def test_a_folder_whose_manifest_can_not_be_understood_is_refused(tmp_path: Path, name: str, data: bytes) -> None:
    put(tmp_path, "a.txt", PAGE)
    put(tmp_path, name, data)
    (one,) = walked(tmp_path, "in").inputs
    assert one.locator == f"in/{name}"
    assert "a manifest that can't be understood" in (one.problem or "")
    with pytest.raises(Refused):
        read_manifest(data, name)


def test_two_manifests_refuse_their_folder_only(tmp_path: Path) -> None:
    for name in ("x/manifest.csv", "x/manifest.jsonl", "x/a.txt", "b.txt"):
        put(tmp_path, name, b"path\n")
    found = walked(tmp_path, "in").inputs
    assert [one.locator for one in found if one.problem is None] == ["in/b.txt"]


def test_the_time_of_capture_may_stand_in_the_names_of_files(desk: Desk, tmp_path: Path) -> None:
    put(tmp_path, "in/page_2024-01-01_1000.txt", PAGE)
    put(
        tmp_path, "in/other.zip", zipped({"2024-01-02_1000.txt": page("Other.", "Another title, which is long enough")})
    )
    put(tmp_path, "in/none.txt", page("None.", "A third title of a press release, long enough"))
    job = handed_in_job(SourceFacts("hand", time_zone="Europe/Moscow"), [tmp_path / "in"])
    assert desk.ingest(replace(job, captured_pattern="%Y-%m-%d_%H%M")).is_good
    rows = desk.query("select captured_at, captured_basis from captures order by 1 nulls last")
    assert rows == [
        (datetime(2024, 1, 1, 7, tzinfo=UTC), "file_name"),
        (datetime(2024, 1, 2, 7, tzinfo=UTC), "file_name"),
        (None, "unknown"),
    ]


@pytest.mark.parametrize(
    ("pattern", "name", "moment"),
    [
        ("%Y%m%d%H%M%SZ", "x-20240101100000Z.html", datetime(2024, 1, 1, 10, tzinfo=UTC)),
        ("%Y%m%dT%H%M%z", "20240101T1000+0300", datetime(2024, 1, 1, 7, tzinfo=UTC)),
        ("%Y-%j %H", "2024-001 10", datetime(2024, 1, 1, 7, tzinfo=UTC)),
        ("%Y-%m-%d_%H%M", "2024-13-45_1000", None),
        ("%Y-%m-%d_%H%M", "12024-01-01_1000", None),
    ],
)
def test_a_pattern_is_searched_in_a_name(pattern: str, name: str, moment: datetime | None) -> None:
    assert told_by_name(name, checked_pattern("x", pattern, "Europe/Moscow"), "Europe/Moscow").captured_at == moment


@pytest.mark.parametrize("pattern", ["", "%Y", "%Y-%m-%d", "%Y-%m-%d_%H%", "%Y%Y-%m-%d %H", "%c", "%Y-%B-%d %H", "%H"])
def test_a_pattern_that_gives_no_instant_is_refused(pattern: str) -> None:
    with pytest.raises(RegistryRefused):
        checked_pattern("x", pattern, "Europe/Moscow")
    with pytest.raises(RegistryRefused, match="tells no time zone"):
        checked_pattern("x", "%Y-%m-%d_%H%M", None)


def chat(kind: str, number: int, words: str) -> dict[str, object]:
    message = {"id": 1, "type": "message", "date": "2024-01-01T10:00:00", "date_unixtime": "1704103200", "text": words}
    return {"name": f"chat {number}", "type": kind, "id": number, "messages": [message | {"text_entities": []}]}


ACCOUNT = {
    "about": "Here is the data you requested.",
    "personal_information": {"first_name": "SECRET-person"},
    "contacts": {"about": "x", "list": [{"first_name": "SECRET-contact"}]},
    "chats": {
        "about": "x",
        "list": [
            chat("personal_chat", 7, "SECRET-friend"),
            chat("public_channel", 1101170442, "PUBLIC-words"),
            chat("private_group", 8, "SECRET-group"),
            chat("private_channel", 99, "SECRET-channel"),
            chat("public_channel", 55, "OTHER-words"),
        ],
    },
    "left_chats": {"about": "x", "list": [chat("saved_messages", 5, "SECRET-notes")]},
}


def held(home: Path) -> bytes:
    """Return every byte of a data folder, blobs unpacked."""
    parts = [path.read_bytes() for path in home.rglob("*") if path.is_file() and path.suffix != ".zst"]
    unpacker = zstandard.ZstdDecompressor()
    parts.extend(unpacker.stream_reader(path.read_bytes()).read() for path in home.rglob("*.zst"))
    return b"".join(parts)


@dataclass(frozen=True, slots=True)
class Case:
    """How an account is written."""

    indent: int | None
    is_packed: bool
    cut: float | None

    def data(self, mark: str) -> bytes:
        """Return the bytes, in which all words are of this case alone."""
        text = json.dumps(ACCOUNT, indent=self.indent).replace("SECRET-", f"SECRET-{mark}-")
        data = text.replace("PUBLIC-", f"PUBLIC-{mark}-").encode()
        return data[: int(len(data) * self.cut)] if self.cut else data


ACCOUNTS = {
    f"{number:02}": Case(*case) for number, case in enumerate(product((1, None), (False, True), (None, 0.5, 0.8, 0.95)))
}


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, bytes, RunReport]:
    """An archive to which each account was handed in as a source of its own, its bytes, and what was told."""
    folder = tmp_path_factory.mktemp("accounts")
    jobs = []
    for mark, case in ACCOUNTS.items():
        data = case.data(mark)
        path = (
            put(folder, f"{mark}.zip", zipped({"result.json": data}))
            if case.is_packed
            else put(folder, f"{mark}/result.json", data)
        )
        jobs.append(handed_in_job(SourceFacts(f"account-{mark}"), [path]))
    desk = Desk(folder / "data")
    report = desk.ingest(*jobs)
    return desk, held(desk.home), report


@pytest.mark.parametrize(("mark", "case"), ACCOUNTS.items(), ids=map(str, ACCOUNTS.values()))
def test_of_an_account_only_public_channels_are_ever_written(
    accounts: tuple[Desk, bytes, RunReport], mark: str, case: Case
) -> None:
    desk, whole, report = accounts
    assert f"SECRET-{mark}-".encode() not in whole
    assert f"PUBLIC-{mark}-words".encode() in whole
    rows = desk.query("select locator from captures where source_key = ?", f"account-{mark}")
    found = [str(locator).rpartition("/")[2] for (locator,) in rows if "1101170442" in str(locator)]
    assert found == [f"{mark}.zip!result.json!chat:1101170442" if case.is_packed else "result.json!chat:1101170442"]
    if case.cut is None:
        (source,) = (one for one in report.sources if one.source_key == f"account-{mark}")
        assert f"account-{mark}: passed over private chats: 4" in source.notes


def test_nothing_that_is_private_is_ever_written(accounts: tuple[Desk, bytes, RunReport]) -> None:
    assert b"SECRET" not in accounts[1]


def test_of_an_account_a_private_channel_is_taken_in_where_a_person_gives_its_number(
    desk: Desk, tmp_path: Path
) -> None:
    path = put(tmp_path, "result.json", json.dumps(ACCOUNT, indent=1).encode())
    report = desk.hand_in(path, channel_id=99)
    assert locators(desk, tmp_path) == ["result.json!chat:99"]
    assert "hand: passed over channels that were not asked for: 2" in report.sources[0].notes
    assert b"SECRET-friend" not in held(desk.home)
    told = problems(desk.hand_in(path, "none", channel_id=12345))
    assert "an export of a whole account without a channel to be taken in" in "".join(told)


def test_the_inbox_looks_at_the_documents_of_an_export_and_of_a_manifest_only(tmp_path: Path) -> None:
    for name in ("src/messages.html", "src/photos/1.jpg", "b/a.txt", "b/x.css", "b/c.zip"):
        put(tmp_path, name, b"x")
    put(tmp_path, "b/manifest.csv", b"path,captured_at\na.txt,2024-01-01T10:00:00Z\n")
    later = datetime(2100, 1, 1, tzinfo=UTC)
    found = look_into(tmp_path, [], later)
    jobs = {look.locator: job for look, job in jobs_of(tmp_path, found.new, [])}
    assert list(jobs) == ["b/a.txt", "b/c.zip", "src/messages.html"]
    assert jobs["b/a.txt"].inputs[0].told.captured_at == datetime(2024, 1, 1, 10, tzinfo=UTC)
    put(tmp_path, "b/manifest.csv", b"path,captured_at\na.txt,2024-01-02T10:00:00Z\n")
    assert [look.locator for look in look_into(tmp_path, found.new, later).new] == ["b/a.txt", "b/c.zip"]
