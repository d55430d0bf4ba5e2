"""One archive for all questions: the seeds, one edited copy, and a dump that tries to act on the terminal."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flows.command.root import ROOT

PROJECT = Path(__file__).resolve().parents[2]
DUMP = PROJECT / "seeds" / "documents" / "002_f8ed40bbac4ad26b.txt"
SCRIPT = Path(sys.executable).with_name("mfa-archive")
HOSTILE = (
    "Forwarded from Russian MFA 🇷🇺\n"
    "📰 A headline \x1b[31mthat paints\x1b[0m and \u202eturns\u202c the terminal\n"
    "💬 Its text rings \x07 the bell.\n"
)
Ask = Callable[..., Result]


def environment(home: Path) -> dict[str, str]:
    """Return the settings of an archive of one's own."""
    return {
        "MFA_ARCHIVE_HOME": str(home),
        "MFA_ARCHIVE_SOURCES": str(PROJECT / "seeds" / "sources.csv"),
        "MFA_ARCHIVE_LOCK_WAIT_S": "5",
    }


def asker(home: Path) -> Ask:
    """Return a function that runs the command on an archive, as from a pipe."""

    def ask(*arguments: str, stdin: bytes | None = None) -> Result:
        return CliRunner().invoke(ROOT, arguments, input=stdin, env=environment(home), prog_name="mfa-archive")

    return ask


def edited_dump(folder: Path) -> Path:
    """Write a copy of a seed in which one word of one post is another, in the post and in its repeat."""
    text = DUMP.read_text(encoding="utf-8")
    path = folder / "edited.txt"
    path.write_text(
        text.replace("our special gratitude to Cambodia", "our deep gratitude to Cambodia"), encoding="utf-8"
    )
    return path


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an archive to ask, not to write to."""
    folder = tmp_path_factory.mktemp("asked")
    ask = asker(folder / "data")
    hostile = folder / "hostile.txt"
    hostile.write_text(HOSTILE, encoding="utf-8")
    edited = edited_dump(folder)
    for arguments in (
        (),
        (str(edited), "--source", "channel_dump_asean", "--captured-at", "2026-01-02T03:04:05+03:00"),
        (str(hostile), "--format", "channel_dump"),
    ):
        result = ask("ingest", *arguments)
        assert result.exit_code == 0, result.output
    return folder / "data"


@pytest.fixture
def ask(home: Path) -> Ask:
    """Ask the shared archive."""
    return asker(home)


@pytest.fixture(scope="session")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Ask an archive in which posts and a page were changed, see `changing`."""
    from tests.command.changing import changed_archive  # noqa: PLC0415 -- it is made with what stands here

    return asker(changed_archive(tmp_path_factory.mktemp("changed")))


@pytest.fixture
def own(tmp_path: Path) -> Ask:
    """Give the command on an archive of the test's own, which is not there yet."""
    return asker(tmp_path / "data")


def script(home: Path, *arguments: str, more: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a process of its own."""
    env = {"PATH": os.environ["PATH"], **environment(home), **(more or {})}
    return subprocess.run([SCRIPT, *arguments], env=env, capture_output=True, text=True, check=False, timeout=60)
