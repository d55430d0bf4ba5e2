"""The wheel works without the checkout."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.conftest import PROJECT


def test_the_wheel_ingests_and_answers_from_another_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path / "dist")]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, timeout=60)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    installed, elsewhere = tmp_path / "installed", tmp_path / "elsewhere"
    zipfile.ZipFile(wheel).extractall(installed)
    shutil.copytree(PROJECT / "seeds", elsewhere / "seeds")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MFA_ARCHIVE_")}
    script = (
        f"import sys; sys.path.insert(0, {str(installed)!r}); import flows.command; "
        f"assert flows.__file__.startswith({str(installed)!r}); flows.command.main()"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-P", "-c", script, *arguments],
            cwd=elsewhere,
            env=kept,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for arguments in (["ingest"], ["sql", "--csv", "select count(*) as n from documents"])
    ]
    assert "33 documents in 33 versions" in outputs[0]
    assert outputs[1].split() == ["n", "33"]
    assert (elsewhere / "data" / "archive.duckdb").exists()
