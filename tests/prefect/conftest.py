"""Settings for tests that import Prefect, which reads them and makes its folder as it is imported."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_HOME = tempfile.mkdtemp(prefix="mfa-archive-prefect-")
os.environ.update(
    PREFECT_HOME=_HOME,
    PREFECT_SERVER_ANALYTICS_ENABLED="false",
    DO_NOT_TRACK="1",
    PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL="CRITICAL",
    PREFECT_LOGGING_TO_API_ENABLED="false",
    # As in flows/prefect_env.py: two seconds of start-up for block types that no flow here uses.
    PREFECT_API_BLOCKS_REGISTER_ON_START="false",
    PREFECT_SERVER_MEMOIZE_BLOCK_AUTO_REGISTRATION="false",
)
os.environ.pop("PREFECT_API_URL", None)

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session", autouse=True)
def _prefect_home() -> Iterator[None]:
    """Remove Prefect's folder at the end."""
    yield
    shutil.rmtree(_HOME, ignore_errors=True)


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """Copy the seeds."""
    return Path(shutil.copytree(PROJECT / "seeds", tmp_path / "seeds"))
