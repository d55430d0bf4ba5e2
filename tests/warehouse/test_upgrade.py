"""An archive that any earlier version made is brought up to this one, and says the same.

`archives/` holds one small archive of each version in the changelog, with what its views said of it then.
"""

import io
import json
import re
import tarfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import zstandard

from flows.rebuild import rebuild
from tests.conftest import PROJECT, Desk

ARCHIVES = Path(__file__).parent / "archives"
VERSIONS = [path.name.removesuffix(".tar.zst") for path in sorted(ARCHIVES.glob("*.tar.zst"))]
SAID = "select document_key, version_number, ref, cause, text_sha256 from versions order by 1, 2"
HEADS = "select lower(hex(head)) from store.append order by append_number"


Upgraded = Callable[[str], tuple[Desk, dict[str, Any]]]


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Upgraded:
    """Return an archive as a version left it, brought up to this one, and what it said. No test writes to it."""

    @cache
    def upgrade(version: str) -> tuple[Desk, dict[str, Any]]:
        packed = (ARCHIVES / f"{version}.tar.zst").read_bytes()
        data = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(packed)).read()
        desk = Desk(tmp_path_factory.mktemp(version))
        with tarfile.open(fileobj=io.BytesIO(data)) as files:
            files.extractall(desk.home, filter="data")
        desk.clock.now = desk.clock.now.replace(year=2027)
        assert desk.ingest().is_good
        return desk, json.loads((ARCHIVES / f"{version}.json").read_text())

    return upgrade


def test_every_version_of_the_changelog_but_the_newest_has_its_archive() -> None:
    headings = re.findall(r"^## (\d+\.\d+\.\d+)", (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[1:] == VERSIONS[::-1]


@pytest.mark.parametrize("version", VERSIONS)
def test_an_older_archive_is_brought_up_to_this_version_and_says_the_same(version: str, upgraded: Upgraded) -> None:
    desk, said = upgraded(version)
    assert [list(row) for row in desk.query(SAID)] == said["versions"]
    assert desk.query(HEADS)[-1] == (said["head"],)
    assert desk.value("select count(*) from captures") == said["captures"]
    assert desk.value("select count(*) from rejections") == said["rejections"]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_refs_of_an_older_archive_still_lead_to_their_bytes_after_a_rebuild(
    version: str, upgraded: Upgraded, tmp_path: Path
) -> None:
    archive, said = upgraded(version)
    desk = archive.copied(tmp_path)
    issued = "select ref, lower(hex(raw_sha256)), byte_from, byte_to from store.ref order by 1, 2, 3"
    before = desk.query(issued)
    assert {row[0] for row in before} >= {version[2] for version in said["versions"]}
    rebuild(desk.run("rebuild"))
    assert set(desk.query(issued)) >= set(before)
