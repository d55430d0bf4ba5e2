"""Rows for programs: JSON and CSV, exact and one after another; and text made safe for a terminal."""

import csv
import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click
import orjson

BATCH_ROWS = 1_000
# Control characters but tab and line feed, line separators, bidirectional overrides and isolates, lone surrogates.
_ACTS_ON_TERMINALS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LARGEST_INTEGER = 2**63 - 1  # the largest that every JSON reader of 64 bits takes
_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])


class Form(StrEnum):
    """In which form rows are written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows under distinct names."""

    names: tuple[str, ...]
    values: Iterable[Sequence[Any]]

    def objects(self) -> Iterator[dict[str, Any]]:
        """Return each row as a mapping."""
        for row in self.values:
            yield dict(zip(self.names, row, strict=True))


def rows_of(cursor: Any) -> Rows:
    """Return what a cursor yields, fetched as it is asked for. A name that stands twice gets a number."""
    return Rows(_distinct([column[0] for column in cursor.description or ()]), _fetched(cursor))


def rows_of_objects(objects: Iterable[Mapping[str, Any]], names: Sequence[str]) -> Rows:
    """Return mappings as rows under these names."""
    return Rows(tuple(names), (tuple(one[name] for name in names) for one in objects))


def _fetched(cursor: Any) -> Iterator[Sequence[Any]]:
    while batch := cursor.fetchmany(BATCH_ROWS):
        yield from batch


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    found: list[str] = []
    for name in names:
        number, free = 2, name
        while free in found:
            number, free = number + 1, f"{name}_{number}"
        found.append(free)
    return tuple(found)


def form_options(command: _Decorated) -> _Decorated:
    """Give a command --json and --csv; its parameter is `form`."""
    as_csv = flag("form", Form.CSV, "Write CSV with a header line (RFC 4180).", Form.TABLE)
    as_json = flag("form", Form.JSON, "Write a JSON array of objects.", Form.TABLE)
    decorated: _Decorated = as_json(as_csv(command))
    return decorated


def flag(name: str, value: StrEnum, text: str, default: StrEnum | None = None) -> Callable[[Any], Any]:
    """Give a command the option --VALUE, which sets the parameter of that name; two values of one are refused."""

    def choose(ctx: click.Context, _: click.Parameter, is_given: bool) -> None:  # noqa: FBT001 -- click's signature
        chosen = ctx.params.setdefault(name, default)
        if is_given and chosen not in (default, value):
            raise click.UsageError(f"--{chosen} and --{value} are two forms; expected one of them")
        if is_given:
            ctx.params[name] = value

    return click.option(f"--{value}", f"is_{value}", is_flag=True, expose_value=False, callback=choose, help=text)


def file_option(name: str, parameter: str, text: str) -> Callable[[Any], Any]:
    """Give a command the option to write to a file instead, see `write_file`."""
    path = click.Path(dir_okay=False, allow_dash=True)
    return click.option(name, parameter, metavar="FILE", type=path, help=f"{text} `-` is standard output.")


def write_file(path: str, data: bytes, more: str = "") -> None:
    """Write a file as a whole and say so; under the name `-` it is written to standard output and nothing is said."""
    from warehouse.raw_store import write_safely  # noqa: PLC0415 -- few commands write files

    if path == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    else:
        write_safely(Path(path), data)
        click.echo(f"written: {visible(path)}{more}")


def write_rows(rows: Rows, form: Form) -> None:
    """Write rows to standard output as JSON or CSV."""
    out = sys.stdout.buffer
    if form is Form.JSON:
        _write_json(rows, out)
    else:
        _write_csv(rows, out)
    out.flush()


def _write_json(rows: Rows, out: BinaryIO) -> None:
    before = b"["
    for row in rows.objects():
        out.write(before + b"\n" + as_json(row))
        before = b","
    out.write(b"\n]\n" if before == b"," else b"[]\n")


def _write_csv(rows: Rows, out: BinaryIO) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(rows.names)
    for row in rows.values:
        writer.writerow([_cell(value) for value in row])
        if text.tell() > 1 << 16:
            _empty_into(text, out)
    _empty_into(text, out)


def _empty_into(text: io.StringIO, out: BinaryIO) -> None:
    out.write(text.getvalue().encode("utf-8", "surrogatepass"))
    text.seek(0)
    text.truncate()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return as_json(value).decode().strip('"') if not isinstance(value, list | dict | tuple) else as_json(value).decode()


def as_json(value: Any) -> bytes:
    """Return a value as JSON on one line: instants and dates in ISO 8601, bytes in hexadecimal, numbers exact."""
    options = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS
    try:
        return orjson.dumps(value, default=_other, option=options)
    except TypeError:  # an integer of more than 64 bits, as sum() gives, or text that is no Unicode
        return orjson.dumps(_without_large(value), default=_other, option=options)


def _other(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value)) if value.is_finite() else None
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return str(value)


def _without_large(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _without_large(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_large(one) for one in value]
    if isinstance(value, int) and abs(value) > _LARGEST_INTEGER:
        return orjson.Fragment(str(value))
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def visible(text: str) -> str:
    """Return text in which nothing acts on a terminal: what would is written as an escape, but tabs and line feeds."""
    return _ACTS_ON_TERMINALS.sub(_escape, text)


def on_one_line(text: str) -> str:
    """Return a message as one safe line."""
    return visible(" ".join(text.split("\n")))


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"


def readable(value: Any) -> str:
    """Return a value for a person's eyes, safe for a terminal."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(readable(one) for one in value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"
    if isinstance(value, bool | bytes | dict):
        return visible(as_json(value).decode().strip('"'))
    return visible(str(value))
