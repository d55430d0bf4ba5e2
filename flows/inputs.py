"""What is to be ingested: the files behind a registry row, or those that a person hands in."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from flows.errors import InputRefused
from flows.folders import natural_key, walked
from flows.input_facts import Input, Registered, shown
from warehouse.staging import SourceFacts

__all__ = ["HANDED_IN", "Input", "Job"]
HANDED_IN = "handed_in"  # the source of files that a person hands in and names no source for


@dataclass(frozen=True, slots=True)
class Job:
    """One source and the files that it has now."""

    source: SourceFacts
    inputs: tuple[Input, ...]
    claim_basis: str = "registry"  # who says what the inputs cover: registry, operator or none
    time_basis: str = "registry"  # who says when they were captured: registry or operator
    captured_pattern: str | None = None  # of the times in the names of inputs
    passed_over_count: int = 0  # files in its folders that are styles, scripts or media


def registered_job(source: SourceFacts, registry: Path) -> Job:
    """Return the job of a registry row. Its locator is relative to the registry, a file, a folder or a pattern."""
    locator = source.locator or ""
    base = registry.parent
    facts, pattern = parted(source)
    if any(mark in locator for mark in "*?[") and not os.path.lexists(base / locator):
        return Job(facts, tuple(_matching(base, locator)), captured_pattern=pattern)
    found = walked(base / locator, locator)
    return Job(facts, tuple(found.inputs), captured_pattern=pattern, passed_over_count=found.passed_over_count)


def handed_in_job(source: SourceFacts, paths: list[Path]) -> Job:
    """Return the job of files and folders that a person hands in. Raises `InputRefused` for an unfit source key."""
    if not source.source_key.isprintable() or not source.source_key:
        raise InputRefused(
            f"source {source.source_key!r}: has characters that can't be shown; expected a name on one line; rename it"
        )
    found = [walked(path, Path(os.path.normpath(path)).as_posix()) for path in paths]
    facts, pattern = parted(source)
    return Job(
        facts,
        tuple(one for some in found for one in some.inputs),
        claim_basis="none",
        time_basis="operator" if source.captured_at else "registry",
        captured_pattern=pattern,
        passed_over_count=sum(some.passed_over_count for some in found),
    )


def parted(source: SourceFacts) -> tuple[SourceFacts, str | None]:
    """Return the facts of a source, and the pattern of the times in its inputs' names."""
    if not isinstance(source, Registered):
        return source, None
    facts = {field.name: getattr(source, field.name) for field in fields(SourceFacts)}
    return SourceFacts(**facts), source.captured_pattern


def with_option(source: SourceFacts, name: str, value: Any) -> SourceFacts:
    """Return the source with one of its facts said anew by a person; None says nothing."""
    return source if value is None else replace(source, **{name: value})


def with_channel(source: SourceFacts, said: tuple[str | None, int | None] | None) -> SourceFacts:
    """Return the source with its channel said anew; what is not said stays where it is of the same channel."""
    if said is None:
        return source
    username, channel_id = said
    is_same = username == source.channel if channel_id is None else channel_id == source.channel_id
    if not is_same:
        source = replace(source, channel=None, channel_id=None)
    return with_option(with_option(source, "channel", username), "channel_id", channel_id)


def size_of(jobs: Iterable[Job]) -> int:
    """Return the bytes of all inputs that are there."""
    return sum(_size_of(one.path) for job in jobs for one in job.inputs if one.problem is None)


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # it has gone since it was found; whoever opens it tells of it
        return 0


def _matching(base: Path, pattern: str) -> list[Input]:
    """Return the files that match a pattern, in the natural order of their names."""
    try:
        paths = sorted(
            (path for path in base.glob(pattern) if path.is_file()), key=lambda path: natural_key(path.as_posix())
        )
    except (ValueError, NotImplementedError) as error:  # what pathlib says of a pattern from the root, or of none
        return [Input(pattern, base / pattern, f"a pattern that can't be used ({error})")]
    found = [Input(shown(path.relative_to(base).as_posix()), path) for path in paths]
    return found or [Input(pattern, base / pattern, "no file that matches the pattern", is_missing=True)]


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
