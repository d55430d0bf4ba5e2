"""The command as a process: exit statuses, one-line errors, pipes, and what it imports."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.command.conftest import SCRIPT, environment, script

AT_ONCE = [
    "status",
    "list",
    "views",
    "check",
    "sql --json 'select 1'",
    "history weak:339ace8e0215e0eb",
    "show weak:339ace8e0215e0eb",
]


def test_the_version_is_told_without_an_archive(tmp_path: Path) -> None:
    done = script(tmp_path, "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("mfa-archive 0.")


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("status",), 0),
        (("show", "no such key"), 1),
        (("sql", "drop view documents"), 1),
        (("unknown",), 2),
        (("list", "--limit", "many"), 2),
        (("list", "--kind", "poem"), 2),
        (("sql",), 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_the_exit_status_tells_good_from_failed_from_wrong_use(
    home: Path, arguments: tuple[str, ...], status: int
) -> None:
    done = script(home, *arguments)
    assert done.returncode == status
    if status:
        assert done.stdout == ""
        assert done.stderr.startswith("mfa-archive: ")
        assert len(done.stderr.splitlines()) == 1


def test_debug_shows_where_an_error_was_raised(home: Path) -> None:
    done = script(home, "--debug", "show", "no such key")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_an_archive_that_is_no_database_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "archive.duckdb").write_bytes(b"not a database at all")
    done = script(tmp_path, "status")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "not a DuckDB file" in done.stderr


def test_a_folder_that_may_not_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "archive.duckdb").mkdir()
    done = script(tmp_path, "status")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert str(tmp_path) in done.stderr


def test_a_setting_that_cannot_be_understood_is_one_line(home: Path) -> None:
    done = script(home, "status", more={"MFA_ARCHIVE_LOCK_WAIT_S": "soon"})
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "MFA_ARCHIVE_LOCK_WAIT_S" in done.stderr


@pytest.mark.parametrize("form", ["--csv", "--json", "--table-by-default"])
def test_a_reader_that_has_enough_is_left_in_peace(home: Path, form: str) -> None:
    options = [form] if form != "--table-by-default" else []
    env = {"PATH": os.environ["PATH"], **environment(home)}
    query = "select range, repeat('x', 100) as wide from range(100000)"
    with subprocess.Popen(
        [SCRIPT, "sql", query, *options], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        process.wait(30)


def test_a_terminal_that_knows_only_ascii_gets_escapes(home: Path) -> None:
    done = script(home, "list", more={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr
    assert "\\u" in done.stdout or "\\U" in done.stdout


def test_a_question_imports_neither_prefect_nor_pyarrow(home: Path) -> None:
    """One process answers them one after the other, and ends with the first that imports what takes so long."""
    code = (
        "import shlex, sys\n"
        "from flows.command import main\n"
        "for line in sys.argv[1:]:\n"
        "    sys.argv = ['mfa-archive', *shlex.split(line)]\n"
        "    try:\n        main()\n"
        "    except SystemExit as end:\n        assert not end.code, line\n"
        "    imported = {'prefect', 'pyarrow', 'pandas', 'numpy'} & set(sys.modules)\n"
        "    assert not imported, (line, imported)\n"
        "print('all asked')\n"
    )
    env = {"PATH": os.environ["PATH"], **environment(home)}
    command = [sys.executable, "-c", code, *AT_ONCE]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("all asked\n")


def wait_until_open(pid: int, path: Path) -> None:
    """Wait until a process has opened a file, and a little longer: it asks its question then."""
    deadline = time.monotonic() + 60
    while not any(one.resolve() == path.resolve() for one in Path(f"/proc/{pid}/fd").iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.3)


@pytest.mark.parametrize(("sign", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_is_one_line_and_a_status_of_its_own(home: Path, sign: signal.Signals, status: int) -> None:
    # A test runner may ignore interrupts, and its children would with it.
    code = (
        "import signal, sys\n"
        "from flows.command import main\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "main()\n"
    )
    endless = "select count(*) from range(10000000000) as a, range(1000) as b where a.range % 7 = b.range % 5"
    command = [sys.executable, "-c", code, "sql", endless]
    env = {"PATH": os.environ["PATH"], **environment(home)}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        wait_until_open(process.pid, home / "archive.duckdb")
        process.send_signal(sign)
        try:
            shown, complaint = process.communicate(timeout=120)
        finally:
            process.kill()
    assert process.returncode == status
    assert shown == b""
    assert complaint.decode().strip().startswith("mfa-archive: interrupted")
    assert "Traceback" not in complaint.decode()
