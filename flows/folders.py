"""What of a folder, or of a container that holds one, is to be taken in, and in which order.

Telegram Desktop's exports and saved pages bring along styles, scripts and media, which are no documents: they are
passed over and counted. Knows nothing of what is in the files but a manifest.
"""

import os
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from extract.model import Reason
from flows.input_facts import Input, Refused, Told, refused, shown, unreadable
from flows.manifest import MOST_BYTES, NAMES, Manifest, read_manifest

_EXPORT = re.compile(r"messages[0-9]*\.html|result\.json")
_ACCOUNT = "export_results.html"  # stands at the top of an export of a whole account, chats of all sorts below it
_DIGITS = re.compile(r"([0-9]+)")
_END = (0, "")  # of a name without its suffix; below every number
# Files of these kinds are never documents.
_NO_DOCUMENTS = frozenset(
    {
        *("css", "js", "mjs", "map", "woff", "woff2", "ttf", "otf", "eot"),
        *("jpg", "jpeg", "jfif", "png", "gif", "webp", "bmp", "ico", "svg", "avif", "heic", "tif", "tiff", "psd"),
        *("mp4", "mov", "webm", "mkv", "avi", "m4v", "mpg", "mpeg", "3gp", "flv"),
        *("mp3", "ogg", "oga", "opus", "wav", "m4a", "aac", "flac", "weba", "tgs"),
    }
)
_ACCOUNT_REFUSED = Refused(
    Reason.UNREADABLE_INPUT,
    f"an export of a whole account ({_ACCOUNT}), whose pages don't tell private chats from channels",
    "an export of one channel, or a whole account's result.json",
    "hand in the folder of the channel alone, or export as JSON",
)


@dataclass(slots=True)
class Chosen:
    """What of some files is to be taken in."""

    kept: list[tuple[int, Told]] = field(default_factory=list)  # a file's number and what a manifest tells of it
    passed_over_count: int = 0
    refused: list[tuple[str, Refused]] = field(default_factory=list)  # a name and why


@dataclass(frozen=True, slots=True)
class Walked:
    """What lies at a path."""

    inputs: list[Input]
    passed_over_count: int = 0


def natural_key(name: str) -> tuple[tuple[object, ...], ...]:
    """Return by what a path is sorted: `messages.html`, `messages2.html`, `messages10.html`."""
    return tuple(_part_key(part) for part in name.split("/"))


def _part_key(part: str) -> tuple[object, ...]:
    stem, dot, suffix = part.rpartition(".")
    pieces = _DIGITS.split(stem if dot else part)
    numbered = (_number_key(piece) if at % 2 else piece for at, piece in enumerate(pieces))
    return (*numbered, _END, suffix if dot else "", part)


def _number_key(digits: str) -> tuple[int, str]:
    bare = digits.lstrip("0")
    return 1 + len(bare), bare


def chosen(names: Sequence[str], manifests: Mapping[str, bytes | Refused]) -> Chosen:
    """Return which files are to be taken in, in natural order. `manifests` holds the bytes of those among the names."""
    found = Chosen()
    alive = dict.fromkeys(sorted(range(len(names)), key=lambda at: natural_key(names[at])))
    _refuse_accounts(names, alive, found)
    told = _apply_manifests(names, alive, manifests, found)
    exports = {_folder(names[at]) for at in alive if _EXPORT.fullmatch(_file(names[at]))}
    pages = {name.rpartition(".")[0] for name in names if name.lower().endswith((".html", ".htm"))}
    for at in alive:
        if at in told:
            found.kept.extend((at, one) for one in told[at])
        elif _is_passed_over(names[at], exports, pages):
            found.passed_over_count += 1
        else:
            found.kept.append((at, Told()))
    return found


def _refuse_accounts(names: Sequence[str], alive: dict[int, None], found: Chosen) -> None:
    for name in [name for name in names if _file(name) == _ACCOUNT]:
        _drop_below(names, alive, _folder(name))
        found.refused.append((name, _ACCOUNT_REFUSED))


def _drop_below(names: Sequence[str], alive: dict[int, None], folder: str) -> None:
    for at in [at for at in alive if names[at].startswith(folder)]:
        del alive[at]


def _apply_manifests(
    names: Sequence[str], alive: dict[int, None], manifests: Mapping[str, bytes | Refused], found: Chosen
) -> dict[int, tuple[Told, ...]]:
    """Return what manifests tell of files, an outer one more than an inner; the manifests themselves are no inputs."""
    told: dict[int, tuple[Told, ...]] = {}
    places = {names[at]: at for at in alive}
    for name in sorted(manifests, key=lambda name: -name.count("/")):
        if name not in places:
            continue
        alive.pop(places[name], None)
        try:
            manifest = _manifest(name, manifests)
        except Refused as error:
            _drop_below(names, alive, _folder(name))
            found.refused.append((name, error))
            continue
        for path, rows in manifest.rows.items():
            at = places.get(_folder(name) + path)
            if at is None or at not in alive:
                found.refused.append((_folder(name) + path, _missing(name)))
            else:
                told[at] = rows
        found.refused.extend((f"{name}: {path}", _climbing()) for path in manifest.climbing)
    return told


def _manifest(name: str, manifests: Mapping[str, bytes | Refused]) -> Manifest:
    both = [_folder(name) + one for one in NAMES]
    if all(one in manifests for one in both):
        raise Refused(
            Reason.UNREADABLE_INPUT, f"two manifests, {' and '.join(NAMES)}", "one manifest", "take one of them away"
        )
    data = manifests[name]
    if isinstance(data, Refused):
        raise data
    return read_manifest(data, _file(name))


def _missing(name: str) -> Refused:
    return Refused(
        Reason.MISSING_INPUT, "no such file", f"the file that {_file(name)} names", "put it there, or take out its row"
    )


def _climbing() -> Refused:
    return Refused(
        Reason.UNREADABLE_INPUT,
        "a path that leads out of the manifest's folder",
        "a path below it, with slashes",
        "correct the row",
    )


def _is_passed_over(name: str, exports: set[str], pages: set[str]) -> bool:
    parts = name.split("/")
    above = ["", *("/".join(parts[:depth]) + "/" for depth in range(1, len(parts)))]
    for folder in above:
        if folder in exports:
            return folder != above[-1] or not _EXPORT.fullmatch(parts[-1])
        bare = folder.removesuffix("/")
        if bare.endswith("_files") and bare.removesuffix("_files") in pages:
            return True
    return _file(name).rpartition(".")[2].lower() in _NO_DOCUMENTS


def _folder(name: str) -> str:
    """Return the folder of a name with its slash, "" for the top."""
    return name[: name.rfind("/") + 1]


def _file(name: str) -> str:
    return name[name.rfind("/") + 1 :]


def walked(path: Path, locator: str) -> Walked:
    """Return what of a path is to be taken in: the file itself, or a folder's, hidden ones left out.

    What can't be read is an input with a problem.
    """
    inputs = _below(path, locator)
    if len(inputs) == 1 and inputs[0].locator == shown(locator):
        return Walked(inputs)
    names = [one.locator.removeprefix(f"{shown(locator)}/") for one in inputs]
    manifests = {
        name: _bytes_of(one.path)
        for name, one in zip(names, inputs, strict=True)
        if _file(name) in NAMES and one.problem is None
    }
    found = chosen(names, manifests)
    kept = [replace(inputs[at], told=told) for at, told in found.kept]
    kept.extend(refused(shown(f"{locator}/{name}"), path / name, error) for name, error in found.refused)
    if not kept:
        problem = "a folder of nothing but styles, scripts and media"
        kept.append(Input(shown(locator), path, problem, is_missing=True))
    return Walked(kept, found.passed_over_count)


def _bytes_of(path: Path) -> bytes | Refused:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        found = error.strerror or str(error)
        return Refused(Reason.UNREADABLE_INPUT, found, "a manifest that can be read", "make it readable")


def _below(path: Path, locator: str, above: frozenset[tuple[int, int]] = frozenset()) -> list[Input]:
    """Return every file at or below a path.

    `above` names the folders that lead here: a link back to one of them is not followed.
    """
    found = Input(shown(locator), path)
    try:
        status = path.stat()
        if not stat.S_ISDIR(status.st_mode):
            return [replace(found, problem=_odd_kind(status.st_mode))]
        names = sorted(os.listdir(path))  # noqa: PTH208 -- a list of names is what is wanted
    except (FileNotFoundError, NotADirectoryError):
        return [replace(found, problem="no such file", is_missing=True)]
    except OSError as error:
        return [unreadable(found, error)]
    here = (status.st_dev, status.st_ino)
    if here in above:
        return [replace(found, problem="a link that leads back to a folder above it")]
    inputs: list[Input] = []
    for name in names:
        if not name.startswith("."):
            inputs.extend(_below(path / name, f"{locator}/{name}", above | {here}))
    return inputs or [replace(found, problem="an empty folder", is_missing=True)]


def _odd_kind(mode: int) -> str | None:
    """Return what is there instead of a file. It is not opened: a pipe may never end, or never begin."""
    if stat.S_ISREG(mode):
        return None
    if stat.S_ISFIFO(mode):
        return "a named pipe"
    return "a socket" if stat.S_ISSOCK(mode) else "a device"
