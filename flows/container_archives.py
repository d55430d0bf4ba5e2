"""ZIP and tar: members by their names, of which those are chosen that a folder with them would give."""

import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from extract.model import Reason
from flows.container_compressed import DAMAGE, compression_of, decompressed
from flows.container_limits import MOST_MEMBERS, Allowance, Metered
from flows.container_members import (
    NO_DOCUMENTS,
    Member,
    Readable,
    Unpacking,
    broken_off,
    is_hidden,
    not_a_file,
    unsafe,
    without_dots,
)
from flows.container_salvage import salvaged
from flows.folders import Chosen, chosen
from flows.input_facts import Refused, Told, shown
from flows.manifest import MOST_BYTES, NAMES

_UTF_8_NAME = 0x800
_ENCRYPTED = 0x1
_TAR_DAMAGE = (*DAMAGE, tarfile.TarError, OSError, ValueError, LookupError, OverflowError, TypeError)
_ZIP_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, LookupError, RuntimeError)
_MOST_HEADER_BYTES = 1_000_000  # of what stands in a tar about a member, such as a long name
_ARCHIVED = Told(captured_via="archive")


@dataclass(slots=True)
class _Listed:
    """The members of an archive that may be taken in, and those that may not."""

    names: list[str]
    places: list[int]  # the number of each in the archive
    refused: list[tuple[str, Refused]]
    manifests: dict[str, bytes | Refused]

    def add(self, place: int, name: str, refusal: Refused | None) -> bool:
        """Note a member, and say whether it may be taken in."""
        if is_hidden(name):
            return False
        refusal = unsafe(name) or refusal
        if refusal is not None:
            self.refused.append((name, refusal))
            return False
        self.names.append(name)
        self.places.append(place)
        return True

    def chosen(self, unpacking: Unpacking) -> Chosen:
        """Return which are to be taken in, and count the others."""
        found = chosen(self.names, self.manifests)
        found.refused.extend(self.refused)
        if found.passed_over_count:
            unpacking.passed_over[NO_DOCUMENTS] += found.passed_over_count
        return found


def zip_members(path: Path, unpacking: Unpacking, allowance: Allowance) -> Iterator[Member]:
    """Yield what is in a ZIP. One that has lost its table of contents gives what stands whole at its beginning."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
            names = [_zip_name(info) for info in infos]
            refusals = [_zip_refusal(info) for info in infos]
            yield from _by_place(names, refusals, lambda at: archive.open(infos[at]), unpacking, allowance)
    except (zipfile.BadZipFile, NotImplementedError, UnicodeError) as error:  # zipfile: a later kind of ZIP
        with path.open("rb") as file:
            entries = salvaged(file)
            if not entries:
                raise broken_off(f"a ZIP that can't be read ({error})") from error
            yield from _by_place(
                [_decoded(entry.name) for entry in entries],
                [None] * len(entries),
                lambda at: entries[at].opened(file),
                unpacking,
                allowance,
            )
        raise broken_off("a ZIP that has lost its table of contents") from error


def _zip_name(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & _UTF_8_NAME:
        return info.filename
    return _decoded(info.filename.encode("cp437", "replace"))


def _decoded(name: bytes) -> str:
    """Return a name whose encoding is not told: UTF-8 where it is valid, else the one that the specification names."""
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.decode("cp437")


def _zip_refusal(info: zipfile.ZipInfo) -> Refused | None:
    if info.flag_bits & _ENCRYPTED:
        return Refused(
            Reason.UNREADABLE_INPUT, "an encrypted member", "one without a password", "unpack it and hand in the file"
        )
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) and not stat.S_ISREG(mode):
        return not_a_file("a link" if stat.S_ISLNK(mode) else "no regular file")
    return None


def _by_place(
    names: list[str],
    refusals: list[Refused | None],
    opened: Callable[[int], Any],
    unpacking: Unpacking,
    allowance: Allowance,
) -> Iterator[Member]:
    """Yield the members of an archive in which any can be opened at any time."""
    if len(names) > MOST_MEMBERS:
        allowance.left_members = 0
    listed = _Listed([], [], [], {})
    for at, (name, refusal) in enumerate(zip(names, refusals, strict=True)):
        if listed.add(at, name, refusal) and _is_manifest(name):
            try:
                with opened(at) as stream:
                    listed.manifests[name] = stream.read(MOST_BYTES + 1)
            except _ZIP_DAMAGE as error:
                listed.manifests[name] = _damaged_member(error)
    found = listed.chosen(unpacking)
    yield from (Member(shown(name), refusal=refusal) for name, refusal in found.refused)
    for at, told in found.kept:
        yield _put(listed.names[at], told, partial(opened, listed.places[at]), unpacking, allowance)


def _put(name: str, told: Told, opened: Callable[[], Any], unpacking: Unpacking, allowance: Allowance) -> Member:
    try:
        with opened() as stream:
            return Member(shown(name), unpacking.put(stream, allowance), _archived(told))
    except _ZIP_DAMAGE as error:
        return Member(shown(name), refusal=_damaged_member(error))


def _archived(told: Told) -> Told:
    return told if told.captured_via else replace(told, captured_via=_ARCHIVED.captured_via)


def _damaged_member(error: Exception) -> Refused:
    return Refused(
        Reason.UNREADABLE_INPUT,
        f"a member that can't be unpacked ({error})",
        "a sound one",
        "fetch or copy the container again; its other members were taken in",
    )


def _is_manifest(name: str) -> bool:
    return name.rpartition("/")[2] in NAMES


class _Member(tarfile.TarInfo):
    """A tar's member, refused where what the tar says about one would fill the memory."""

    def _proc_member(self, archive: tarfile.TarFile) -> Any:
        if self.type in _ABOUT_MEMBERS and not 0 <= self.size <= _MOST_HEADER_BYTES:
            raise tarfile.ReadError(f"{self.size:,} bytes about a member")
        return super()._proc_member(archive)  # type: ignore[misc] # the stubs leave it out


_ABOUT_MEMBERS = frozenset(
    {
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
    }
)


@contextmanager
def _opened_tar(path: Path, most_bytes: int) -> Iterator[tuple[tarfile.TarFile, Metered]]:
    with path.open("rb") as file:
        compression = compression_of(file.read(16))
        file.seek(0)
        stream: BinaryIO = decompressed(file, compression) if compression else file
        metered = Metered(stream, most_bytes)
        with tarfile.open(fileobj=metered, mode="r|", tarinfo=_Member, errors="surrogateescape") as archive:
            yield archive, metered


def _infos(archive: tarfile.TarFile, metered: Metered) -> Iterator[tarfile.TarInfo]:
    """Yield the members as they come. Raises `Refused` where the tar is damaged or has no end."""
    while True:
        try:
            info = archive.next()
        except _TAR_DAMAGE as error:
            raise broken_off(f"a tar that is damaged or breaks off ({error})") from error
        archive.members = []  # type: ignore[attr-defined] # the stubs leave it out; else it keeps them all
        if info is None:
            break
        yield info
    if metered.is_at_end and metered.last.strip(b"\0"):  # a whole one ends in blocks of zeros
        raise broken_off("a tar that breaks off")


def tar_members(path: Path, unpacking: Unpacking, allowance: Allowance) -> Iterator[Member]:
    """Yield what is in a tar, compressed or not, in the order in which it stands there.

    It is gone through twice: what is passed over hangs on which files stand beside each other.
    """
    listed = _tar_listed(path, allowance)
    found = listed.chosen(unpacking)
    yield from (Member(shown(name), refusal=refusal) for name, refusal in found.refused)
    wanted: dict[int, list[tuple[str, Told]]] = {}
    for at, told in found.kept:
        wanted.setdefault(listed.places[at], []).append((listed.names[at], told))
    try:
        with _opened_tar(path, allowance.most_bytes) as (archive, metered):
            for place, info in enumerate(_infos(archive, metered)):
                for name, told in wanted.get(place, ())[:1]:
                    stream = archive.extractfile(info)
                    if stream is not None:
                        yield _put_from_tar(name, told, stream, unpacking, allowance)
    except _TAR_DAMAGE as error:
        raise broken_off(f"a tar that is damaged or breaks off ({error})") from error


def _put_from_tar(name: str, told: Told, stream: Readable, unpacking: Unpacking, allowance: Allowance) -> Member:
    return Member(shown(name), unpacking.put(stream, allowance), _archived(told))


def _tar_listed(path: Path, allowance: Allowance) -> _Listed:
    """Return what is in a tar up to where it is damaged; whoever goes through it again comes upon that place."""
    listed = _Listed([], [], [], {})
    try:
        with _opened_tar(path, allowance.most_bytes) as (archive, metered):
            for place, info in enumerate(_infos(archive, metered)):
                if place >= MOST_MEMBERS:
                    break
                name = without_dots(info.name)
                if info.isdir() or not listed.add(place, name, _tar_refusal(info)) or not _is_manifest(name):
                    continue
                stream = archive.extractfile(info)
                listed.manifests[name] = stream.read(MOST_BYTES + 1) if stream is not None else b""
    except (*_TAR_DAMAGE, Refused):
        return listed
    return listed


def _tar_refusal(info: tarfile.TarInfo) -> Refused | None:
    if info.isreg():
        return None
    if info.issym() or info.islnk():
        return not_a_file("a link")
    return not_a_file("a device" if info.isdev() else "no regular file")
