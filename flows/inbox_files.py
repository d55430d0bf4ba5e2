"""What lies in the inbox: which files are new, which must wait, and which source each belongs to.

The inbox is only looked at: nothing in it is moved, changed or deleted. A file is known by its size and times, kept in
a journal in the data folder; without the journal its bytes are hashed again and found unchanged. Doesn't know the
archive.

A file's source is the subfolder that it lies in, `inbox/<source key>/…`, or what the sidecar beside it says:
`page.txt.source.json` speaks for `page.txt`. Neither: the source is `handed_in`. The media of an export or of a saved
page are passed over, and a manifest tells of the files beside it, as in any folder.
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
from extract.model import Claim
from flows.captured_pattern import checked_pattern
from flows.errors import FlowError, InputRefused
from flows.folders import chosen
from flows.input_facts import Input, Refused, Told
from flows.inputs import HANDED_IN, Job, parted, with_channel, with_option
from flows.manifest import NAMES, read_manifest
from flows.said import channel, instant, zone
from warehouse.raw_store import write_safely
from warehouse.staging import SourceFacts

SIDECAR = ".source.json"
UNFINISHED = ".part"
SETTLED_AFTER = timedelta(minutes=1)  # a file that changed later than this may still be being copied
_FACTS = (
    *(
        "format",
        "language",
        "channel",
        "time_zone",
        "encoding",
        "columns",
        "coverage",
        "captured_at",
        "captured_pattern",
    ),
)


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
    """Return a look at each file that may be a document; sidecars, manifests and hidden ones are left out.

    A manifest, like a sidecar, speaks for the files beside it: where it changes, they are new.
    """
    looks = {look.locator: look for look in _walked(inbox, "")}
    sidecars = {locator: look for locator, look in looks.items() if locator.endswith(SIDECAR)}
    manifests = {locator: look for locator, look in looks.items() if locator.rpartition("/")[2] in NAMES}
    names = sorted(looks.keys() - sidecars.keys() - manifests.keys())
    found = chosen(names, {})
    shown = {names[at]: looks[names[at]] for at, _ in found.kept}
    shown |= {name: replace(looks[name], problem=str(error)) for name, error in found.refused}
    return [_spoken_for(look, sidecars, manifests) for _, look in sorted(shown.items())]


def _spoken_for(look: Look, sidecars: dict[str, Look], manifests: dict[str, Look]) -> Look:
    """Return a look with the newest change of what speaks for its file."""
    named = [f"{look.locator}{SIDECAR}", *(f"{folder}{name}" for folder in _folders(look.locator) for name in NAMES)]
    speakers = [some[name].changed_ns for some in (sidecars, manifests) for name in named if name in some]
    return replace(look, sidecar_changed_ns=max(speakers)) if speakers else look


def _folders(locator: str) -> list[str]:
    """Return the folders that a file lies in, the inner ones first, "" for the inbox itself."""
    parts = locator.split("/")[:-1]
    return ["".join(f"{part}/" for part in parts[:depth]) for depth in range(len(parts), -1, -1)]


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
    path = inbox / look.locator
    said: dict[str, Any] = {}
    told: tuple[Told, ...] = (Told(),)
    problem = look.problem
    if look.sidecar_changed_ns is not None and problem is None:
        try:
            said = _said_of(path)
            told = _told_of(inbox, look.locator)
        except (InputRefused, Refused) as error:
            problem = str(error)
    key = said.pop("source", folder if has_folder else HANDED_IN)
    inputs = tuple(Input(f"inbox/{look.locator}", path, problem, told=one) for one in told)
    return _said_job(by_key.get(key) or SourceFacts(key), said, inputs)


def _said_job(source: SourceFacts, said: dict[str, Any], inputs: tuple[Input, ...]) -> Job:
    """Return the job of a file, with what its sidecar says."""
    source, pattern = parted(with_channel(source, said.get("channel")))
    for name, value in said.items():
        if name not in ("channel", "captured_pattern"):
            source = with_option(source, name, value)
    return Job(
        source,
        inputs,
        claim_basis="operator" if "coverage" in said else "none",
        time_basis="operator" if "captured_at" in said else "registry",
        captured_pattern=said.get("captured_pattern") or pattern,
    )


def _said_of(path: Path) -> dict[str, Any]:
    sidecar = path.with_name(path.name + SIDECAR)
    return read_sidecar(sidecar) if sidecar.exists() else {}


def _told_of(inbox: Path, locator: str) -> tuple[Told, ...]:
    """Return what the nearest manifest tells of a file. Raises `Refused` for one that can't be understood."""
    for folder in _folders(locator):
        for name in NAMES:
            manifest = inbox / folder / name
            if manifest.is_file():
                rows = read_manifest(manifest.read_bytes(), name).rows
                return rows.get(locator.removeprefix(folder), (Told(),))
    return (Told(),)


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
    for name, allowed in (("format", sorted(formats())), ("coverage", [claim.value for claim in Claim])):
        if said.get(name, allowed[0]) not in allowed:
            raise InputRefused(f"sidecar {path.name}: {name} is {said[name]!r}; expected one of {', '.join(allowed)}")
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
    if "channel" in said:
        understood["channel"] = channel(where, said["channel"])
    if "captured_pattern" in said:
        checked_pattern(where, said["captured_pattern"], said.get("time_zone"))
    return understood
