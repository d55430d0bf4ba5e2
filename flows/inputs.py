"""What is to be ingested: the files behind a registry row, or those that a person hands in."""

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flows.errors import InputRefused
from warehouse.staging import SourceFacts

HANDED_IN = "handed_in"  # the source of files that a person hands in and names no source for


@dataclass(frozen=True, slots=True)
class Input:
    """One file."""

    locator: str  # as the registry or the person gives it
    path: Path
    problem: str | None = None  # why there is nothing to open
    is_missing: bool = False  # nothing is there; otherwise the problem lies in what is there


@dataclass(frozen=True, slots=True)
class Job:
    """One source and the files that it has now."""

    source: SourceFacts
    inputs: tuple[Input, ...]
    claim_basis: str = "registry"  # who says what the inputs cover: registry or none
    time_basis: str = "registry"  # who says when they were captured: registry or operator


def registered_job(source: SourceFacts, registry: Path) -> Job:
    """Return the job of a registry row. Its locator is relative to the registry, a file, a folder or a pattern."""
    locator = source.locator or ""
    base = registry.parent
    if any(mark in locator for mark in "*?[") and not os.path.lexists(base / locator):
        return Job(source, tuple(_matching(base, locator)))
    return Job(source, tuple(_walked(base / locator, locator)))


def handed_in_job(source: SourceFacts, paths: list[Path]) -> Job:
    """Return the job of files and folders that a person hands in. Raises `InputRefused` for an unfit source key."""
    if not source.source_key.isprintable() or not source.source_key:
        raise InputRefused(
            f"source {source.source_key!r}: has characters that can't be shown; expected a name on one line; rename it"
        )
    inputs = [found for path in paths for found in _walked(path, Path(os.path.normpath(path)).as_posix())]
    basis = "operator" if source.captured_at else "registry"
    return Job(source, tuple(inputs), claim_basis="none", time_basis=basis)


def with_option(source: SourceFacts, name: str, value: Any) -> SourceFacts:
    """Return the source with one of its facts said anew by a person; None says nothing."""
    return source if value is None else replace(source, **{name: value})


def size_of(jobs: Iterable[Job]) -> int:
    """Return the bytes of all inputs that are there."""
    return sum(_size_of(one.path) for job in jobs for one in job.inputs if one.problem is None)


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # it has gone since it was found; whoever opens it tells of it
        return 0


def unreadable(one: Input, error: OSError) -> Input:
    """Return an input with what the system says of it."""
    return replace(one, problem=error.strerror or str(error), is_missing=isinstance(error, FileNotFoundError))


def _matching(base: Path, pattern: str) -> list[Input]:
    """Return the files that match a pattern, in the order of their names."""
    try:
        paths = sorted(path for path in base.glob(pattern) if path.is_file())
    except (ValueError, NotImplementedError) as error:  # what pathlib says of a pattern from the root, or of none
        return [Input(pattern, base / pattern, f"a pattern that can't be used ({error})")]
    found = [Input(_shown(path.relative_to(base).as_posix()), path) for path in paths]
    return found or [Input(pattern, base / pattern, "no file that matches the pattern", is_missing=True)]


def _walked(path: Path, locator: str, above: frozenset[tuple[int, int]] = frozenset()) -> list[Input]:
    """Return the files at a path, a folder's in the order of their names, hidden ones left out.

    `above` names the folders that lead here: a link back to one of them is not followed.
    """
    found = Input(_shown(locator), path)
    try:
        status = path.stat()
        if not stat.S_ISDIR(status.st_mode):
            return [replace(found, problem=_odd_kind(status.st_mode))]
        entries = sorted(path.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return [replace(found, problem="no such file", is_missing=True)]
    except OSError as error:
        return [unreadable(found, error)]
    here = (status.st_dev, status.st_ino)
    if here in above:
        return [replace(found, problem="a link that leads back to a folder above it")]
    inputs: list[Input] = []
    for entry in entries:
        if not entry.name.startswith("."):
            inputs.extend(_walked(entry, f"{locator}/{entry.name}", above | {here}))
    return inputs or [replace(found, problem="an empty folder", is_missing=True)]


def _odd_kind(mode: int) -> str | None:
    """Return what is there instead of a file. It is not opened: a pipe may never end, or never begin."""
    if stat.S_ISREG(mode):
        return None
    if stat.S_ISFIFO(mode):
        return "a named pipe"
    return "a socket" if stat.S_ISSOCK(mode) else "a device"


def _shown(locator: str) -> str:
    """Return a locator as text: bytes of a file's name that are no UTF-8 become escapes."""
    return os.fsencode(locator).decode("utf-8", "backslashreplace")


def pick(sources: list[SourceFacts], keys: tuple[str, ...]) -> list[SourceFacts]:
    """Return the sources with these keys. Raises `InputRefused` for a key that the registry lacks."""
    by_key = {source.source_key: source for source in sources}
    for key in keys:
        if key not in by_key:
            raise InputRefused(
                f"source {key!r} is not in the registry; expected one of {', '.join(sorted(by_key))}; "
                "mfa-archive ingest PATH --source KEY takes files for a source without a row"
            )
    return [by_key[key] for key in keys]
