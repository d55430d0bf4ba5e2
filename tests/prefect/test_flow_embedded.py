"""`python -m flows.ingest`, as `make ingest` runs it: with a server of its own, and no noise."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows.prefect_env import to_set

_OWN = ("PATH", "LANG", "LC_ALL")


def run(home: Path, sources: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: os.environ[name] for name in _OWN if name in os.environ}
    environment |= {"MFA_ARCHIVE_HOME": str(home), "MFA_ARCHIVE_SOURCES": str(sources), "HOME": str(home.parent)}
    command = [sys.executable, "-m", "flows.ingest", *arguments]
    return subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=150, check=False
    )


def test_two_runs_tell_their_progress_and_report_and_nothing_else(tmp_path: Path, seeds: Path) -> None:
    home = tmp_path / "data"
    first = run(home, seeds / "sources.csv")
    lines = first.stderr.splitlines()
    assert first.returncode == 0, first.stderr
    assert lines[0] == "starting Prefect's server, which takes a little longer the first time"
    assert lines[-2:] == ["appending", "publishing"]
    assert {line.split(":")[0] for line in lines[1:-2]} == {
        "mid_page_collegium",
        "mid_page_asean_2016",
        "channel_dump_asean",
        "mid_page_asean_2020",
        "channel_dump_sco",
    }
    assert "33 documents in 33 versions" in first.stdout
    second = run(home, seeds / "sources.csv")
    assert (second.returncode, second.stderr.splitlines()[0]) == (0, "starting Prefect's server")
    assert "reading" not in second.stderr
    counts = [line.split() for line in second.stdout.splitlines()[2:7]]
    assert [(appended, unchanged) for _, _, _, appended, unchanged, _ in counts] == [
        ("0", "1"),
        ("0", "1"),
        ("0", "10"),
        ("0", "1"),
        ("0", "20"),
    ]
    told = first.stdout + first.stderr + second.stdout + second.stderr
    assert not [word for word in ("Traceback", "arning", "INFO", "http://") if word in told]
    assert (home / "prefect" / "prefect.db").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "seeds"]


def test_what_is_wrong_with_the_registry_is_one_line_before_any_server_is_started(tmp_path: Path) -> None:
    ended = run(tmp_path / "data", tmp_path / "none.csv")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"mfa-archive: {tmp_path / 'none.csv'}: not there; expected the registry of sources; "
        "set MFA_ARCHIVE_SOURCES to its place\n"
    )
    assert not (tmp_path / "data").exists()


def test_prefects_data_stay_in_the_data_folder_unless_the_person_said_otherwise(tmp_path: Path) -> None:
    assert to_set(tmp_path, {}, is_debug=False)["PREFECT_HOME"] == str(tmp_path / "prefect")
    assert "PREFECT_HOME" not in to_set(tmp_path, {"PREFECT_HOME": "/elsewhere"}, is_debug=False)
    assert "PREFECT_HOME" not in to_set(tmp_path, {"PREFECT_API_URL": "http://server/api"}, is_debug=False)


@pytest.mark.parametrize("name", ["PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "PREFECT_SERVER_ANALYTICS_ENABLED"])
def test_what_the_person_set_stays(tmp_path: Path, name: str) -> None:
    assert name in to_set(tmp_path, {}, is_debug=False)
    assert name not in to_set(tmp_path, {name: "x"}, is_debug=False)


def test_a_named_server_gets_the_logs_and_debug_shows_them(tmp_path: Path) -> None:
    named = to_set(tmp_path, {"PREFECT_API_URL": "http://server/api"}, is_debug=False)
    assert "PREFECT_LOGGING_TO_API_ENABLED" not in named
    assert "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL" not in to_set(tmp_path, {}, is_debug=True)
