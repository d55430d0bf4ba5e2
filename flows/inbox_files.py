"""What lies in the inbox: which files are new, which must wait, and which source each belongs to.

The inbox is only looked at: nothing in it is moved, changed or deleted. A file is known by its size and times, kept in
a journal in the data folder; without the journal its bytes are hashed again and found unchanged. Doesn't know the
archive.

A file's source is the subfolder that it lies in, `inbox/<source key>/…`, or what the sidecar beside it says:
`page.txt.source.json` speaks for `page.txt`. Neither: the source is `handed_in`.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from extract.formats import formats
from flows.errors import FlowError, InputRefused
from flows.inputs import HANDED_IN, Input, Job, with_option
from flows.registry import instant, zone
from warehouse.raw_store import write_safely
from warehouse.staging import SourceFacts

SIDECAR = ".source.json"
UNFINISHED = ".part"
SETTLED_AFTER = timedelta(minutes=1)  # a file that changed later than this may still be being copied
_FACTS = ("format", "language", "channel", "time_zone", "encoding", "captured_at")


@dataclass(frozen=True, slots=True)
class Look:
    """One file as it lay there; two equal looks are one and the same file, unchanged."""

    locator: str  # relative to the inbox, with slashes
    size_bytes: int
    modified_ns: int
    # The file system's own time of the last change: it tells a file that was made readable since, or that was replaced
    # by one with the same size and a copied modification time.
    changed_ns: int
    sidecar_changed_ns: int | None = None
    problem: str | None = None  # why there is nothing to open

    @property
    def changed_at(self) -> datetime:
        """The instant of the last change of the file or of its sidecar."""
        newest = max(self.changed_ns, self.sidecar_changed_ns or 0)
        return datetime.fromtimestamp(newest / 1e9, UTC)


@dataclass(frozen=True, slots=True)
class Round:
    """What one look at the inbox gives."""

    new: tuple[Look, ...]
    waiting: tuple[Look, ...]  # for the next round
    known: tuple[Look, ...]


def look_into(inbox: Path, journal: Iterable[Look], now: datetime) -> Round:
    """Return what is new, what waits and what is known in the inbox, each in the order of the locators."""
    known = set(journal)
    new: list[Look] = []
    waiting: list[Look] = []
    seen: list[Look] = []
    for look in _looks(inbox):
        if look.locator.lower().endswith(UNFINISHED):
            waiting.append(look)
        elif look in known:
            seen.append(look)
        elif now - look.changed_at < SETTLED_AFTER:
            waiting.append(look)
        else:
            new.append(look)
    return Round(tuple(new), tuple(waiting), tuple(seen))


def _looks(inbox: Path) -> list[Look]:
    """Return a look at each file, sidecars and hidden ones left out."""
    looks = {look.locator: look for look in _walked(inbox, "")}
    sidecars = {locator: look for locator, look in looks.items() if locator.endswith(SIDECAR)}
    return [
        replace(look, sidecar_changed_ns=sidecars[f"{locator}{SIDECAR}"].changed_ns)
        if f"{locator}{SIDECAR}" in sidecars
        else look
        for locator, look in sorted(looks.items())
        if locator not in sidecars
    ]


def _walked(folder: Path, prefix: str) -> Iterator[Look]:
    """Return looks at the files below a folder. Links to folders are not followed: they may lead round in a circle."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        if prefix:  # of the inbox itself the flow has spoken already
            yield _look(prefix, folder.stat(), error.strerror or str(error))
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        locator = prefix + os.fsencode(entry.name).decode("utf-8", "backslashreplace")
        if entry.is_dir(follow_symlinks=False) and locator == prefix + entry.name:
            yield from _walked(Path(entry.path), f"{locator}/")
            continue
        try:
            status = entry.stat()
        except FileNotFoundError:  # taken away since the folder was read, or a link that leads nowhere
            continue
        except OSError as error:
            yield _look(locator, entry.stat(follow_symlinks=False), error.strerror or str(error))
            continue
        if stat.S_ISREG(status.st_mode):
            is_text = locator == prefix + entry.name
            yield _look(locator, status, None if is_text else "its name is not UTF-8: rename it")


def _look(locator: str, status: os.stat_result, problem: str | None = None) -> Look:
    return Look(locator, status.st_size, status.st_mtime_ns, status.st_ctime_ns, problem=problem)


def read_journal(path: Path) -> list[Look]:
    """Return the looks of earlier rounds. A journal that is not there, or can't be understood, is an empty one."""
    try:
        return [Look(**orjson.loads(line)) for line in path.read_bytes().splitlines()]
    except (FileNotFoundError, orjson.JSONDecodeError, TypeError):
        return []


def write_journal(path: Path, looks: Iterable[Look]) -> None:
    """Keep the looks of this round for the next, whole or not at all."""
    lines = [orjson.dumps(asdict(look)) for look in sorted(looks, key=lambda look: look.locator)]
    write_safely(path, b"".join(line + b"\n" for line in lines))


def jobs_of(inbox: Path, looks: Iterable[Look], registered: Iterable[SourceFacts]) -> list[tuple[Look, Job]]:
    """Return the job of each file. A file whose sidecar can't be understood has a job that says so.

    One job for each file: the counts that a registry row allows hold for a file then, whoever dropped others with it.
    """
    by_key = {source.source_key: source for source in registered}
    return [(look, _job(inbox, look, by_key)) for look in looks]


def _job(inbox: Path, look: Look, by_key: dict[str, SourceFacts]) -> Job:
    folder, has_folder, _ = look.locator.partition("/")
    key = folder if has_folder else HANDED_IN
    path = inbox / look.locator
    said: dict[str, Any] = {}
    problem = look.problem
    if look.sidecar_changed_ns is not None:
        try:
            said = read_sidecar(path.with_name(path.name + SIDECAR))
        except InputRefused as error:
            problem = str(error)
    key = said.pop("source", key)
    source = by_key.get(key) or SourceFacts(key)
    for name, value in said.items():
        source = with_option(source, name, value)
    time_basis = "operator" if "captured_at" in said else "registry"
    return Job(source, (Input(f"inbox/{look.locator}", path, problem),), claim_basis="none", time_basis=time_basis)


def read_sidecar(path: Path) -> dict[str, Any]:
    """Return what a sidecar says of its file. Raises `InputRefused` for what can't be understood."""
    try:
        said = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise InputRefused(f"sidecar {path.name}: can't be read ({error}); expected a JSON object; mend it") from error
    known = ("source", *_FACTS)
    if not isinstance(said, dict) or not all(isinstance(value, str) and value for value in said.values()):
        raise InputRefused(f"sidecar {path.name}: expected a JSON object with a text for each of {', '.join(known)}")
    for name in said:
        if name not in known:
            raise InputRefused(f"sidecar {path.name}: key {name!r} is not known; expected only {', '.join(known)}")
    if said.get("format", next(iter(formats()))) not in formats():
        raise InputRefused(
            f"sidecar {path.name}: format is {said['format']!r}; expected one of {', '.join(sorted(formats()))}"
        )
    try:
        return {**said, **_understood(f"sidecar {path.name}", said)}
    except FlowError as error:
        raise InputRefused(str(error)) from error


def _understood(where: str, said: dict[str, str]) -> dict[str, Any]:
    understood: dict[str, Any] = {}
    if "time_zone" in said:
        understood["time_zone"] = zone(where, said["time_zone"])
    if "captured_at" in said:
        understood["captured_at"] = instant(where, said["captured_at"])
    return understood
