"""What can't be read is told on one line, kept, and stops nothing else."""

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.inputs import Job, handed_in_job, registered_job
from flows.reports import RunReport
from tests.conftest import PROJECT, Desk
from warehouse.raw_store import opened
from warehouse.staging import SourceFacts

Write = Callable[..., Path]

HEAD = "A title of a press release that is long enough\n\n  • en-GB1 ru-RU1\n\n"
CYRILLIC = "Заголовок сообщения для печати\n\n  • en-GB1 ru-RU1\n\nТекст сообщения.\n"
POSTS = "".join(
    f"Forwarded from Russian MFA\n{head}\nThe body – with a dash.\nThe body – with a dash.\n"
    for head in ("First headline of a post", "Second headline of a post", "Third headline of a post")
)
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0"


def problems(report: RunReport) -> list[str]:
    """Return all that a run complains of, each shown to be one line that says what was expected and what to do."""
    told = [*report.problems, *(line for source in report.sources for line in source.problems)]
    for line in told:
        assert line.isprintable(), line
        assert "; expected " in line, line
        assert line.count("; ") >= 2, line
        assert "Traceback" not in line, line
    assert not report.is_good
    return told


def refused(desk: Desk, folder: Path, *jobs: Job) -> list[str]:
    """Ingest bad jobs beside a good one, twice, and return the complaints of the first run."""
    good = folder / "good.txt"
    good.write_text(f"{HEAD}Words that are read.\n", encoding="utf-8")
    beside = handed_in_job(SourceFacts("beside"), [good])
    told = problems(desk.ingest(*jobs, beside))
    assert desk.value("select count(*) from documents where source_key = 'beside'") == 1
    assert desk.value("select count(*) from rejections") >= 1  # type: ignore[operator] # an int
    assert desk.query("select read_count - appended_count - unchanged_count - rejected_count from runs") == [(0,)]
    before = desk.counts()
    again = desk.ingest(*jobs, beside)
    assert len(problems(again)) == len(told)
    assert desk.counts() == before | {"run": before["run"] + 1, "run_end": before["run_end"] + 1}
    counted = "select distinct read_count, appended_count, rejected_count from runs order by appended_count desc"
    assert [row[2] for row in desk.query(counted)] == [desk.value("select max(rejected_count) from runs")] * 2
    return told


def kept(desk: Desk, raw_sha256: object) -> bytes:
    with opened(desk.layout.raw, bytes.fromhex(str(raw_sha256))) as stream:
        return stream.read()


# Bytes, format, reason, and what the message names as found.
CASES = [
    (b"", None, "undecodable", "an empty input"),
    (b"", "channel_dump", "undecodable", "an empty input"),
    (bytes(5000), None, "undecodable", "nothing but zeros"),
    (PNG, "mid_page_text", "undecodable", "a PNG image"),
    (b"7z\xbc\xaf\x27\x1c" + bytes(range(99)), None, "undecodable", "a 7z archive"),
    (f"{HEAD}Слово".encode()[:-1], "mid_page_text", "undecodable", "in the middle of a character"),
    (CYRILLIC.encode("windows-1251"), "mid_page_text", "undecodable", "bytes that are no utf-8 at byte 0"),
    (CYRILLIC.encode("windows-1251"), None, "undecodable", "bytes that are no utf-8"),
    (CYRILLIC.encode("utf-16-le"), "mid_page_text", "undecodable", "NUL"),
    (f"{HEAD}A surrogate: ".encode() + b"\xed\xa0\x80\n", "mid_page_text", "undecodable", "no utf-8"),
    (f"\ufeff{HEAD}x\ud800y".encode("utf-16-le", "surrogatepass"), "mid_page_text", "undecodable", "utf-16-le"),
    (b"  \n  \xe2\x80\xa2 en-GB1 ru-RU1\n\nText only.\n", "mid_page_text", "missing_title", ""),
    (b"Just a line.\nAnd another one.\n", "channel_dump", "not_this_format", "text that begins"),
    (b"Just a line.\nAnd another one.\n", None, "unknown_format", "text that no format claims"),
]


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, list[str]]:
    """An archive into which each case was taken twice, as a source of its own, and the complaints of the first run."""
    folder = tmp_path_factory.mktemp("cases")
    desk = Desk(folder / "data")
    jobs: list[Job] = []
    for number, (data, format_name, _, _) in enumerate(CASES):
        path = folder / f"case {number}.txt"
        path.write_bytes(data)
        jobs.append(handed_in_job(SourceFacts(f"bad {number}", format=format_name), [path]))
    return desk, refused(desk, folder, *jobs)


@pytest.mark.parametrize("number", range(len(CASES)))
def test_an_input_that_is_no_text_of_its_format_is_rejected_and_its_bytes_are_kept(
    two_runs: tuple[Desk, list[str]], number: int
) -> None:
    desk, told = two_runs
    data, _, reason, found = CASES[number]
    (line,) = [line for line in told if f"/case {number}.txt" in line]
    assert f"{reason}: " in line
    assert found in line
    rows = desk.query("select reason, raw_sha256 from rejections where source_key = ?", f"bad {number}")
    assert [row[0] for row in rows] == [reason]
    assert kept(desk, rows[0][1]) == data
    outcome = desk.query("select outcome, record_count from captures where source_key = ?", f"bad {number}")
    assert outcome == [("failed", 0)]


def test_a_dump_that_breaks_off_in_a_character_gives_its_whole_posts_and_is_partial(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "cut.txt"
    data = POSTS.encode()
    path.write_bytes(data[: data.rindex("–".encode()) + 1])
    told = refused(desk, tmp_path, handed_in_job(SourceFacts("bad", format="channel_dump"), [path]))
    assert ["broken_off" in line for line in told] == [True]
    assert desk.query("select outcome, record_count from captures where source_key = 'bad'") == [("partial", 2)]
    assert desk.value("select count(*) from posts") == 2
    (row,) = desk.query("select reason, raw_sha256, byte_from, byte_to from rejections")
    assert (row[0], row[3]) == ("broken_off", path.stat().st_size)
    assert kept(desk, row[1])[row[2] : row[3]].startswith(b"Forwarded from")  # type: ignore[misc]


def test_a_post_with_a_lone_surrogate_is_rejected_and_the_others_are_read(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "surrogate.txt"
    path.write_bytes(POSTS.encode().replace(b"Second headline", b"Second \xed\xa0\x80 headline"))
    told = refused(desk, tmp_path, handed_in_job(SourceFacts("bad", format="channel_dump"), [path]))
    assert ["undecodable" in line for line in told] == [True]
    assert desk.value("select count(*) from posts") == 2


@pytest.mark.parametrize(
    ("encoding", "data"),
    [(None, f"\ufeff{CYRILLIC}".encode("utf-16-le")), ("windows-1251", CYRILLIC.encode("windows-1251"))],
)
def test_text_whose_encoding_is_certain_is_read(desk: Desk, tmp_path: Path, encoding: str | None, data: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    assert desk.hand_in(path, format="mid_page_text", encoding=encoding).is_good
    assert desk.query("select title, text from documents") == [("Заголовок сообщения для печати", "Текст сообщения.")]
    assert kept(desk, desk.value("select raw_sha256 from captures")) == data


def test_what_is_not_there_is_rejected_and_taken_in_once_it_is(desk: Desk, page: Write, tmp_path: Path) -> None:
    missing = tmp_path / "missing.txt"
    (tmp_path / "dangling.txt").symlink_to(missing)
    (tmp_path / "empty").mkdir()
    paths = [missing, tmp_path / "dangling.txt", tmp_path / "empty", tmp_path / "beside.txt" / "below_a_file.txt"]
    (tmp_path / "beside.txt").write_text(f"{HEAD}A file.\n", encoding="utf-8")
    told = refused(desk, tmp_path, handed_in_job(SourceFacts("bad"), paths))
    assert ["missing_input" in line for line in told] == [True] * 4
    assert desk.query("select distinct reason, raw_sha256 from rejections") == [("missing_input", None)]
    page("missing.txt", "Now it is there.")
    assert desk.hand_in(missing, "bad").is_good
    assert desk.value("select count(*) from documents where source_key = 'bad'") == 1


def test_what_is_no_file_is_rejected_without_waiting_for_it(desk: Desk, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with socket.socket(socket.AF_UNIX) as listener:
        (tmp_path / "s").mkdir()
        os.chdir(tmp_path / "s")  # the path of a socket must be short
        listener.bind("socket")
        paths = [tmp_path / name for name in ("pipe", "loop", "s/socket")] + [Path("/dev/zero"), Path("/proc/self/mem")]
        told = refused(desk, tmp_path, handed_in_job(SourceFacts("bad"), paths))
    assert ["unreadable_input" in line for line in told] == [True] * 5
    for found in ("a named pipe", "Too many levels of symbolic links", "a socket", "a device", "Input/output error"):
        assert any(found in line for line in told), found


UNPRIVILEGED = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]


def test_a_folder_and_a_file_that_may_not_be_read_are_rejected_and_the_others_are_taken_in(
    desk: Desk, page: Write, tmp_path: Path
) -> None:
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("nothing is unreadable for root, and setpriv is not there to give up that right")
    for name in ("in/a.txt", "in/secret.txt", "in/folder/b.txt"):
        page(name, f"The words of {name}.")
    (tmp_path / "in" / "secret.txt").chmod(0)
    (tmp_path / "in" / "folder").chmod(0)
    code = f"""
from pathlib import Path
from tests.conftest import Desk
print(Desk(Path({str(desk.home)!r})).hand_in(Path({str(tmp_path / "in")!r})))
"""
    prefix = UNPRIVILEGED if os.geteuid() == 0 else []
    done = subprocess.run(
        [*prefix, sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False, timeout=60
    )
    (tmp_path / "in" / "folder").chmod(0o700)
    assert (done.returncode, done.stderr) == (0, "")
    assert desk.query("select replace(locator, ?, ''), reason, found from rejections order by 1", str(tmp_path)) == [
        ("/in/folder", "unreadable_input", "Permission denied"),
        ("/in/secret.txt", "unreadable_input", "Permission denied"),
    ]
    assert desk.query("select text from documents") == [("The words of in/a.txt.",)]


def test_odd_names_of_files_are_only_names(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    names = [b"line\nbreak.txt", b"quote'\";--.txt", b"not utf-8 \xff.txt", "кириллица".encode(), b"[a]*.txt", b"\t"]
    for number, name in enumerate(names):
        with open(os.fsencode(folder) + b"/" + name, "wb") as file:  # noqa: PTH123 -- a path is text, this name is none
            file.write(f"Title number {number} of a press release\n\n  • en-GB1 ru-RU1\n\nWords.\n".encode())
    with open(os.fsencode(folder) + b"/bad \xfe\n.txt", "wb"):  # noqa: PTH123 -- likewise
        pass
    report = desk.hand_in(folder)
    assert report.sources[0].appended_count == len(names)
    assert len(problems(report)) == 1
    locators = {str(row[0]).removeprefix(f"{folder}/") for row in desk.query("select locator from captures")}
    assert {"line\nbreak.txt", "not utf-8 \\xff.txt", "quote'\";--.txt", "bad \\xfe\n.txt"} < locators
    again = desk.hand_in(folder)
    assert (again.sources[0].unchanged_count, again.sources[0].rejected_count) == (len(names), 1)
    assert desk.value("select count(*) from captures") == len(names) + 1


def test_links_that_lead_round_in_a_circle_are_followed_once(desk: Desk, page: Write, tmp_path: Path) -> None:
    page("in/deep/a.txt", "Words.")
    (tmp_path / "in" / "deep" / "up").symlink_to(tmp_path / "in")
    told = refused(desk, tmp_path, handed_in_job(SourceFacts("bad"), [tmp_path / "in"]))
    assert ["a link that leads back" in line for line in told] == [True]
    assert desk.value("select count(*) from captures where source_key = 'bad'") == 1


def test_an_empty_file_in_a_folder_leaves_the_others_alone(desk: Desk, page: Write, tmp_path: Path) -> None:
    for name in ("in/a.txt", "in/c.txt"):
        page(name, "Words.", title=f"Press release number {name} on a meeting of some importance")
    for name in ("b.txt", "d.txt"):  # twice the same bytes, nothing
        (tmp_path / "in" / name).touch()
    told = refused(desk, tmp_path, handed_in_job(SourceFacts("bad"), [tmp_path / "in"]))
    assert len(told) == 2
    assert desk.value("select count(*) from documents where source_key = 'bad'") == 2
    # The bytes are one, so their reading and its rejection are; each look at them says so.
    assert desk.value("select count(*) from rejections") == 1
    assert desk.value("select count(*) from captures where outcome = 'failed'") == 2


def test_a_file_that_grows_while_it_is_read_is_kept_as_it_was_at_one_moment(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "growing.txt"
    path.write_text(POSTS, encoding="utf-8")
    is_over = threading.Event()

    def grow() -> None:
        number = 0
        while not is_over.wait(0.001) and number < 500:
            number += 1
            with path.open("a", encoding="utf-8") as file:
                file.write(f"Forwarded from Russian MFA\nA post added as number {number}\nIts body.\nIts body.\n")

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        desk.hand_in(path, format="channel_dump")
    finally:
        is_over.set()
        writer.join()
    desk.hand_in(path, format="channel_dump")
    captures = desk.query("select raw_sha256, size_bytes from captures order by recorded_at")
    assert [len(kept(desk, raw)) for raw, _ in captures] == [size for _, size in captures]
    assert kept(desk, captures[-1][0]) == path.read_bytes()
    assert path.read_bytes().startswith(kept(desk, captures[0][0]))


def test_a_failed_input_beside_a_long_one_takes_none_of_its_parts(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second part of the first input was once taken for the first part of the second."""
    monkeypatch.setattr("flows.reading.CHUNK_BYTES", 50)
    first, second = tmp_path / "1.txt", tmp_path / "2.txt"
    first.write_text(POSTS, encoding="utf-8")
    second.write_text("Neither headers nor repeats.\n", encoding="utf-8")
    told = refused(desk, tmp_path, handed_in_job(SourceFacts("bad", format="channel_dump"), [first, second]))
    assert len(told) == 1
    assert desk.value("select count(*) from posts") == 3


def test_the_pattern_of_a_locator_is_no_trap(desk: Desk, page: Write, tmp_path: Path) -> None:
    page("a[1].txt", "A file whose name looks like a pattern.")
    registry = tmp_path / "sources.csv"
    found = {
        "none*.txt": "no file that matches",
        "/abs*": "can't be used",
        "a**b": "can't be used",
        "x" * 300: "File name too long",
    }
    report = desk.ingest(
        *(registered_job(SourceFacts(pattern, locator=pattern), registry) for pattern in ("a[1].txt", "a[[]*.txt")),
        *(registered_job(SourceFacts(pattern, locator=pattern), registry) for pattern in found),
    )
    problems(report)
    assert not report.problems
    assert [source.source_key for source in report.sources if not source.problems] == ["a[1].txt", "a[[]*.txt"]
    for source in report.sources[2:]:
        assert [found[source.source_key] in line for line in source.problems] == [True]
