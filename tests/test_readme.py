"""What README says is true: its commands are run, and its lists are those of the code."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml

from extract.formats import formats
from flows import registry
from flows.command.root import ROOT
from flows.input_facts import VIA_MANIFEST, Refused
from flows.manifest import read_manifest
from tests.conftest import PROJECT, Desk

README = (PROJECT / "README.md").read_text(encoding="utf-8")
RUNBOOK = (PROJECT / "flows" / "README.md").read_text(encoding="utf-8")
MASKED = re.compile(r"@?\b[0-9a-f]{8,}\b")
REJECTS = "# exit status 1"  # ends a command of README's examples that shows a rejection


def code_blocks(text: str) -> list[str]:
    return re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def shell_steps() -> list[tuple[str, str]]:
    """Return each command of README's examples with the output that it shows."""
    steps: list[tuple[str, str]] = []
    for block in code_blocks(README):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = step.partition("\n")
            steps.append((command, output))
    return steps


def section(title: str) -> str:
    """Return the part of README below a heading of the second level."""
    return README.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def rows_of(text: str) -> dict[str, list[str]]:
    """Return the rows of the tables in a text that begin with a name in code, by that name."""
    rows = [line.strip("| ").split(" | ") for line in text.split("\n") if line.startswith("| `")]
    return {row[0].strip("`"): row[1:] for row in rows}


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder in which README's commands can be pasted, with an archive of the seeds, and what its ingest printed."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "tmp").mkdir()
    shutil.copytree(PROJECT / "seeds", folder / "seeds")
    (folder / "tests").symlink_to(PROJECT / "tests")
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "mfa-archive").symlink_to(Path(sys.executable).with_name("mfa-archive"))
    ingest = run_in(folder, ".venv/bin/mfa-archive ingest")
    assert ingest.returncode == 0
    return folder, ingest.stdout


@pytest.fixture(scope="module")
def checkout(taken_in: tuple[Path, str]) -> Path:
    return taken_in[0]


def run_in(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    settings = {"MFA_ARCHIVE_HOME": str(folder / "data"), "MFA_ARCHIVE_SOURCES": str(folder / "seeds" / "sources.csv")}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MFA_ARCHIVE_")}
    return subprocess.run(
        ["/bin/bash", "-c", command],
        cwd=folder,
        env=kept | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_commands_of_readme_print_what_it_shows(checkout: Path) -> None:
    steps = shell_steps()
    assert len(steps) >= 4
    for command, expected in steps:
        found = run_in(checkout, command.replace("/tmp/", f"{checkout}/tmp/"))
        assert found.returncode == command.endswith(REJECTS), (command, found.stderr)
        for line in filter(str.strip, expected.split("\n")):
            assert MASKED.sub("…", line) in MASKED.sub("…", found.stdout), command


def test_the_questions_of_readme_can_be_asked(seeded: Desk) -> None:
    questions = [block for block in code_blocks(README) if block.startswith("select")]
    assert questions
    for question in questions:
        assert seeded.query(question)


def test_the_report_of_readme_is_that_of_the_seeds(taken_in: tuple[Path, str]) -> None:
    """The table is shown once, as `make ingest` prints it on a new archive."""
    table = next(block for block in code_blocks(README) if "mid_page_collegium" in block)
    for line in table.split("\n")[:7]:
        assert line in taken_in[1]


def test_every_command_is_in_readme() -> None:
    commands = set(ROOT.list_commands(None))  # type: ignore[arg-type]
    assert commands == set(
        re.findall(r"`(\w+)(?: [^`]*)?`", "".join(re.findall(r"^\| (`.*?) \| ", command_table(), re.MULTILINE)))
    )


def command_table() -> str:
    return section("The command")


def test_every_view_is_in_readme(seeded: Desk) -> None:
    views = {
        str(name)
        for (name,) in seeded.query("select view_name from duckdb_views() where schema_name = 'main' and not internal")
    }
    table = README.split("## What is in it", 1)[1].split("Good to know", 1)[0]
    named = set(
        re.findall(r"`(\w+)`", "".join(line.split("|")[1] for line in table.split("\n") if line.startswith("| `")))
    )
    assert named == views


def test_every_format_is_in_readme_with_what_its_form_lacks() -> None:
    lacking = {name: row[-1] for name, row in rows_of(section("Formats")).items()}
    assert lacking == {name: ", ".join(form.lost_in_form) for name, form in formats().items()}


def test_every_option_of_ingest_is_in_readme() -> None:
    command = ROOT.get_command(click.Context(ROOT), "ingest")
    assert command is not None
    for name in (name for option in command.params for name in option.opts if name.startswith("--")):
        assert f"`{name}" in README, name


def test_every_column_of_a_manifest_and_every_way_that_it_may_name_is_in_readme() -> None:
    rows = rows_of(section("Take in your own files").split("**A manifest**", 1)[1])
    with pytest.raises(Refused) as refusal:
        read_manifest(b"", "manifest.csv")
    assert ", ".join(rows) == refusal.value.expected.rpartition(" with ")[2]
    assert set(re.findall(r"`(\w+)`", rows["via"][0])) == VIA_MANIFEST


def test_every_basis_of_a_time_is_in_readme(seeded: Desk) -> None:
    lists = ("captured_basis", "published_basis")
    listed = {(str(name), str(value)) for name, value in seeded.query("select list, value from terms") if name in lists}
    told = zip(lists, section("Times").split("When it was **published**"), strict=True)
    assert {(name, value) for name, text in told for value in rows_of(text)} == listed


def test_every_setting_is_in_readme() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / "flows").rglob("*.py"))
    assert set(re.findall(r"^\| `(MFA_ARCHIVE_\w+)` \|", README, re.MULTILINE)) == set(
        re.findall(r"\bMFA_ARCHIVE_[A-Z_]+[A-Z]\b", code)
    )


def test_every_column_of_the_registry_is_in_readme() -> None:
    for name in registry.REQUIRED + registry.OPTIONAL:
        assert re.search(rf"\b{name}\b", README), name


def test_every_deployment_is_in_the_runbook() -> None:
    deployments = yaml.safe_load((PROJECT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    for deployment in deployments:
        assert f"/{deployment['name']}`" in RUNBOOK


def test_the_refs_of_readme_are_those_of_the_seeds(seeded: Desk) -> None:
    issued = {str(ref) for (ref,) in seeded.query("select ref from versions")}
    prose = README.split("## What is in it", 1)[1]
    assert set(re.findall(r"weak:[0-9a-f]{16}@[0-9a-f]{8}", prose)) <= issued
