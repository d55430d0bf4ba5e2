"""Taking words out of an archive, and looking whether they are out, for the tests of withholding."""

from collections.abc import Iterable
from pathlib import Path

import zstandard
from click.testing import CliRunner, Result

from flows.command.root import ROOT
from flows.pipeline import append_staged, close_run, opened_run
from flows.reports import RunReport
from flows.withholding import withhold
from tests.conftest import REGISTRY, Desk
from warehouse.archive import opened_for_writing
from warehouse.checks import run_checks
from warehouse.withholding import Asked, planned


def take_out(desk: Desk, key: str, document_key: str) -> RunReport:
    asked = Asked(key, document_key, "an archivist", "a private number")
    return withhold(desk.run("withhold"), asked).report


def take_out_together(desk: Desk, refs: Iterable[tuple[object, ...]]) -> RunReport:
    """Withhold the words of several refs, each with its document, in one run."""
    run = desk.run("withhold")
    asked = [Asked(str(ref), str(key), "an archivist", "a private number") for ref, key in refs]
    with opened_run(run, []):
        with run.archive() as connection:
            rows = [row for one in asked for row in planned(connection, one).rows]
        run.open_batch().note(*rows)
        append_staged(run)
        return close_run(run)


def files_with(home: Path, word: str) -> list[str]:
    """Return the files below a folder in whose bytes a word stands, also where they are compressed."""
    return [str(path.relative_to(home)) for path in home.rglob("*") if path.is_file() and word.encode() in plain(path)]


def plain(path: Path) -> bytes:
    data = path.read_bytes()
    if path.suffix != ".zst":
        return data
    return zstandard.ZstdDecompressor().decompressobj().decompress(data) if data else b""


def broken_rules(desk: Desk) -> list[str]:
    with opened_for_writing(desk.layout, desk.run("check").writing) as connection:
        return [rule.rule for rule in run_checks(connection, desk.layout) if rule.broken_count]


def ask(desk: Desk, *arguments: str) -> Result:
    env = {"MFA_ARCHIVE_HOME": str(desk.home), "MFA_ARCHIVE_SOURCES": str(REGISTRY)}
    return CliRunner().invoke(ROOT, arguments, env=env)
