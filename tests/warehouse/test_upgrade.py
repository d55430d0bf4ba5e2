"""An archive that any earlier version made is brought up to this one, and says the same.

`archives/` holds one small archive of each version in the changelog, with what its views said of it then.
"""

import io
import json
import re
import tarfile
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


def unpacked(version: str, folder: Path) -> tuple[Desk, dict[str, Any]]:
    """Return an archive as a version left it, and what it said."""
    data = zstandard.ZstdDecompressor().stream_reader(io.BytesIO((ARCHIVES / f"{version}.tar.zst").read_bytes())).read()
    with tarfile.open(fileobj=io.BytesIO(data)) as packed:
        packed.extractall(folder, filter="data")
    desk = Desk(folder)
    desk.clock.now = desk.clock.now.replace(year=2027)
    return desk, json.loads((ARCHIVES / f"{version}.json").read_text())


def test_every_version_of_the_changelog_but_the_newest_has_its_archive() -> None:
    headings = re.findall(r"^## (\d+\.\d+\.\d+)", (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[1:] == VERSIONS[::-1]


@pytest.mark.parametrize("version", VERSIONS)
def test_an_older_archive_is_brought_up_to_this_version_and_says_the_same(version: str, tmp_path: Path) -> None:
    desk, said = unpacked(version, tmp_path)
    assert desk.ingest().is_good
    assert [list(row) for row in desk.query(SAID)] == said["versions"]
    assert desk.query(HEADS)[-1] == (said["head"],)
    assert desk.value("select count(*) from captures") == said["captures"]
    assert desk.value("select count(*) from rejections") == said["rejections"]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_refs_of_an_older_archive_still_lead_to_their_bytes_after_a_rebuild(version: str, tmp_path: Path) -> None:
    desk, said = unpacked(version, tmp_path)
    assert desk.ingest().is_good
    issued = "select ref, lower(hex(raw_sha256)), byte_from, byte_to from store.ref order by 1, 2, 3"
    before = desk.query(issued)
    assert {row[0] for row in before} >= {version[2] for version in said["versions"]}
    rebuild(desk.run("rebuild"))
    assert set(desk.query(issued)) >= set(before)
