"""What is to be ingested: the files behind a registry row, or those that a person hands in."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from flows.errors import InputRefused
from warehouse.staging import SourceFacts

HANDED_IN = "handed_in"  # the source of files that a person hands in and names no source for


@dataclass(frozen=True, slots=True)
class Input:
    """One file."""

    locator: str  # as the registry or the person gives it
    path: Path
    problem: str | None = None  # why there is nothing to open


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
    if any(mark in locator for mark in "*?["):
        paths = sorted(path for path in base.glob(locator) if path.is_file())
        found = [Input(path.relative_to(base).as_posix(), path) for path in paths]
        return Job(source, tuple(found or [Input(locator, base / locator, "no file matches the pattern")]))
    return Job(source, tuple(_walked(base / locator, locator)))


def handed_in_job(source: SourceFacts, paths: list[Path]) -> Job:
    """Return the job of files and folders that a person hands in."""
    inputs = [found for path in paths for found in _walked(path, Path(os.path.normpath(path)).as_posix())]
    basis = "operator" if source.captured_at else "registry"
    return Job(source, tuple(inputs), claim_basis="none", time_basis=basis)


def with_option(source: SourceFacts, name: str, value: object) -> SourceFacts:
    """Return the source with one of its facts said anew by a person; None says nothing."""
    return source if value is None else replace(source, **{name: value})


def _walked(path: Path, locator: str) -> list[Input]:
    """Return the files at a path, a folder's in the order of their names, hidden ones left out."""
    try:
        if not path.is_dir():
            return [Input(locator, path, None if path.exists() else "no such file")]
        entries = sorted(path.iterdir())
    except OSError as error:
        return [Input(locator, path, error.strerror or str(error))]
    inputs: list[Input] = []
    for entry in entries:
        if not entry.name.startswith("."):
            inputs.extend(_walked(entry, f"{locator}/{entry.name}"))
    return inputs or [Input(locator, path, "the folder is empty")]


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
