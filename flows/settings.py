"""The settings, read from the environment once and handed down as a value."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flows.errors import SettingRefused
from flows.fetching.settings import FetchSettings, fetch_settings_from
from warehouse.layout import Layout

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the archive is, how patient its writers are, and how hosts are asked."""

    home: Path  # MFA_ARCHIVE_HOME: the data folder
    sources: Path  # MFA_ARCHIVE_SOURCES: the registry of sources
    inbox: Path  # MFA_ARCHIVE_INBOX: where people drop files
    lock_wait_s: float  # MFA_ARCHIVE_LOCK_WAIT_S: how long to wait for another process that writes
    fetching: FetchSettings

    @property
    def layout(self) -> Layout:
        """The places in the data folder."""
        return Layout(self.home)


def settings_from(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings. A relative path is relative to the current folder; the defaults, to the project.

    An installed package has no project around it: its defaults are relative to the current folder.
    """
    env = os.environ if environment is None else environment
    base = PROJECT if (PROJECT / "seeds" / "sources.csv").exists() else Path.cwd()
    home = Path(env.get("MFA_ARCHIVE_HOME") or base / "data").expanduser().absolute()
    if "?" in str(home) or not str(home).isprintable():
        raise SettingRefused(
            f"MFA_ARCHIVE_HOME: found {str(home)!r}; expected a path in UTF-8 without a question mark, after which "
            "DuckDB takes the rest for something else; choose another one"
        )
    return Settings(
        home=home,
        sources=Path(env.get("MFA_ARCHIVE_SOURCES") or base / "seeds" / "sources.csv").expanduser().absolute(),
        inbox=Path(env.get("MFA_ARCHIVE_INBOX") or home.parent / "inbox").expanduser().absolute(),
        lock_wait_s=_seconds(env, "MFA_ARCHIVE_LOCK_WAIT_S", 60.0),
        fetching=fetch_settings_from(env),
    )


def _seconds(env: Mapping[str, str], name: str, default: float) -> float:
    value = env.get(name, "")
    if not value:
        return default
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise SettingRefused(f"{name}: found {value!r}; expected a number of seconds, 0 or more; for example 60")
    return seconds
