"""A proof is checked by the program in it, alone; altered by one byte anywhere it fails."""

import ast
import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from flows.command.root import ROOT
from tests.conftest import PROJECT, REGISTRY, Desk

DUMP = PROJECT / "seeds" / "documents" / "002_f8ed40bbac4ad26b.txt"
PREVIEW = PROJECT / "tests" / "golden" / "telegram_preview" / "ordinary.html"
PARTS = ["README.txt", "check.py", "text.txt", "record.bin", "bytes.bin", "proof.json"]


def ask(home: Path, *arguments: str) -> Result:
    env = {"MFA_ARCHIVE_HOME": str(home), "MFA_ARCHIVE_SOURCES": str(REGISTRY)}
    return CliRunner().invoke(ROOT, arguments, env=env)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of the seeds, a saved page, and a large dump that repeats a seed's text."""
    folder = tmp_path_factory.mktemp("proved")
    desk = Desk(folder / "data")
    assert desk.ingest_seeds().is_good
    saved = PREVIEW.read_text(encoding="utf-8")
    (folder / "saved.html").write_text(
        f"<!-- saved from url=(0033)https://t.me/s/Example_Ministry -->\n{saved}", encoding="utf-8"
    )
    assert desk.hand_in(folder / "saved.html", "saved").is_good
    posts = [
        "\n".join(
            [
                "Forwarded from Russian MFA 🇷🇺",
                f"📰 Headline number {at} of a long dump",
                *([f"Words {at}. " + "More. " * 80] * 2),
            ]
        )
        for at in range(1_600)
    ]
    (folder / "large.txt").write_text("\n".join(posts), encoding="utf-8")
    assert desk.hand_in(folder / "large.txt", "large", language="en").is_good
    return desk.home


def refs(home: Path, where: str) -> list[str]:
    return [str(ref) for (ref,) in Desk(home).query(f"select ref from versions where {where} order by byte_from")]


@pytest.fixture(scope="module")
def proof(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The proof of a post in a large dump, of whose bytes it holds a part."""
    out = tmp_path_factory.mktemp("proof") / "proof.zip"
    result = ask(home, "prove", refs(home, "source_key = 'large'")[900], "-o", str(out))
    assert result.exit_code == 0, result.output
    return out


@pytest.fixture
def folder(proof: Path, tmp_path: Path) -> Path:
    """The proof, unzipped where nothing else is."""
    zipfile.ZipFile(proof).extractall(tmp_path / "unzipped")
    return tmp_path / "unzipped"


def check(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program without the project: isolated, in a folder where nothing else is."""
    command = [sys.executable, "-I", "-B", str(program), *arguments]
    return subprocess.run(command, cwd=program.parent, env={}, capture_output=True, text=True, check=False, timeout=30)


def test_the_program_checks_the_folder_that_it_is_in(folder: Path, home: Path) -> None:
    done = check(folder / "check.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("It fits: weak:")
    assert Desk(home).value("select lower(hex(head)) from store.append order by append_number desc") in done.stdout


def test_the_program_checks_a_zip_file_too(folder: Path, proof: Path) -> None:
    done = check(folder / "check.py", str(proof))
    assert (done.returncode, done.stderr) == (0, "")


def test_a_head_from_elsewhere_must_be_in_the_chain(folder: Path, home: Path) -> None:
    heads = [line.split()[2] for line in (home / "heads.log").read_text().splitlines()]
    assert check(folder / "check.py", "--head", heads[-1]).returncode == 0
    done = check(folder / "check.py", "--head", heads[-1][::-1])
    assert done.returncode == 1
    assert done.stderr == "FAILS: no append has the head given\n"


def test_of_a_large_export_a_slice_is_given_and_not_the_whole(folder: Path, home: Path) -> None:
    size = Desk(home).value("select max(size_bytes) from captures where source_key = 'large'")
    assert isinstance(size, int)
    assert size > 1_048_576
    assert (folder / "bytes.bin").stat().st_size <= 2 * 65_536
    record = (folder / "record.bin").read_bytes().decode()
    assert "Headline number 900 of" in record
    assert "Headline number 901" not in record
    assert "Words 900." in (folder / "text.txt").read_text(encoding="utf-8")


def altered(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x01]) + data[at + 1 :]


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("place", [0, 0.2, 0.5, 0.8, -1])
def test_one_byte_altered_anywhere_fails(folder: Path, tmp_path: Path, name: str, place: float) -> None:
    whole = shutil.copyfile(folder / "check.py", tmp_path / "check.py")
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(altered(data, int(place * len(data)) if place >= 0 else len(data) - 1))
    done = check(whole, str(folder))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("FAILS: ")
    assert len(done.stderr.splitlines()) == 1


def test_every_value_of_the_proof_counts(folder: Path) -> None:
    """What is altered is written as it should be: each value is bound by a hash or must fit another."""
    text = (folder / "proof.json").read_text(encoding="utf-8")
    proof = json.loads(text)
    passed = []
    for path in paths(proof):
        other = json.loads(text)
        holder = other
        for step in path[:-1]:
            holder = holder[step]
        value = holder[path[-1]]
        holder[path[-1]] = value + 1 if isinstance(value, int) else "x" if value is None else changed(value)
        written = json.dumps(other, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
        (folder / "proof.json").write_text(written, encoding="utf-8")
        if checked_here(folder):
            passed.append(path)
    assert passed == []


def changed(value: str) -> str:
    return ("1" if value[:1] != "1" else "2") + value[1:]


def paths(value: object, before: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    if isinstance(value, dict):
        return [path for name, one in value.items() for path in paths(one, (*before, name))]
    if isinstance(value, list):
        return [path for at, one in enumerate(value) for path in paths(one, (*before, at))]
    return [before]


def checked_here(folder: Path) -> bool:
    """Run the program in this process: as a process of its own it would take a minute for all values."""
    names: dict[str, object] = {"__name__": "check"}
    exec(compile((folder / "check.py").read_text(encoding="utf-8"), "check.py", "exec"), names)  # noqa: S102
    try:
        names["check"](lambda name: (folder / name).read_bytes())  # type: ignore[operator]
    except (names["Fails"], LookupError, ValueError, TypeError):  # type: ignore[misc]
        return False
    return True


@pytest.mark.parametrize(
    "where",
    [
        "extractor = 'mid_page_text'",
        "extractor = 'channel_dump' and source_key <> 'large'",
        "extractor = 'telegram_preview'",
        "source_key = 'large'",
    ],
)
@pytest.mark.parametrize("at", [0, -1])
def test_records_of_every_sort_are_proved(home: Path, tmp_path: Path, where: str, at: int) -> None:
    ref = refs(home, where)[at]
    out = tmp_path / "proof.zip"
    assert ask(home, "prove", ref, "-o", str(out)).exit_code == 0
    zipfile.ZipFile(out).extractall(tmp_path / "unzipped")
    done = check(tmp_path / "unzipped" / "check.py")
    assert done.returncode == 0, done.stderr
    assert f"It fits: {ref}\n" in done.stdout
    row = Desk(home).query("select text, byte_to - byte_from, raw_sha256 from versions where ref = $1", ref)[0]
    assert (tmp_path / "unzipped" / "text.txt").read_text(encoding="utf-8") == row[0]
    assert (tmp_path / "unzipped" / "record.bin").stat().st_size == row[1]
    if where != "source_key = 'large'":
        assert hashlib.sha256((tmp_path / "unzipped" / "bytes.bin").read_bytes()).hexdigest() == row[2]


def test_the_same_archive_gives_the_same_proof(home: Path, proof: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    assert ask(home, "prove", refs(home, "source_key = 'large'")[900], "-o", str(again)).exit_code == 0
    assert again.read_bytes() == proof.read_bytes()


def test_of_a_document_the_current_version_is_proved(home: Path, tmp_path: Path) -> None:
    ref = refs(home, "extractor = 'mid_page_text'")[0]
    out = tmp_path / "proof.zip"
    result = ask(home, "prove", ref.partition("@")[0], "-o", str(out))
    assert result.exit_code == 0
    assert ref in result.stdout
    again = ask(home, "prove", ref, "-o", str(out))
    assert again.exit_code == 1
    assert "File exists" in again.stderr
    assert ask(home, "prove", "no such key").exit_code == 1


def test_what_was_altered_is_not_proved(home: Path, tmp_path: Path) -> None:
    own = shutil.copytree(home, tmp_path / "data")
    ref = refs(own, "extractor = 'mid_page_text'")[0]
    with duckdb.connect(str(own / "archive.duckdb")) as connection:
        connection.execute("update store.capture set locator = 'elsewhere' where append_number = 1")
    result = ask(own, "prove", ref, "-o", str(tmp_path / "proof.zip"))
    assert result.exit_code == 1
    assert "append 1 has another root than its rows give" in result.stderr
    assert not (tmp_path / "proof.zip").exists()


def test_the_program_is_short_and_needs_python_3_9_alone() -> None:
    text = (PROJECT / "warehouse" / "bundle" / "check.py.txt").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 200
    tree = ast.parse(text, feature_version=(3, 9))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported <= set(sys.stdlib_module_names)
    assert not any(isinstance(node, ast.ImportFrom) for node in ast.walk(tree))
