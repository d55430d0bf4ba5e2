"""Options of which several commands say what an input is; a value that can't be is wrong use."""

import codecs
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import click

from extract.formats import formats
from extract.model import Claim
from flows.errors import RegistryRefused
from flows.said import channel, instant, zone

_LANGUAGE = re.compile("[a-z]{2,3}")
_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])
_Value = TypeVar("_Value")


def _checked(check: Callable[[str], _Value]) -> Callable[[click.Context, click.Parameter, str | None], _Value | None]:
    def callback(_: click.Context, __: click.Parameter, value: str | None) -> _Value | None:
        if value is None:
            return None
        try:
            return check(value)
        except (RegistryRefused, LookupError) as error:
            raise click.BadParameter(str(error)) from error

    return callback


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise click.BadParameter(f"{value!r} is no ISO 639 code; expected two or three letters, such as en or ru")
    return value


def _encoding(value: str) -> str:
    codecs.lookup(value)
    return value


def _instant(value: str) -> datetime:
    return instant("captured at", value)


def _zone(value: str) -> str:
    return zone("time zone", value)


def _channel(value: str) -> tuple[str | None, int | None]:
    return channel("channel", value)


FORMAT = click.option(
    "--format", "format", type=click.Choice(sorted(formats())), help="Default: the one format that claims the file."
)
TIME_ZONE = click.option(
    "--time-zone",
    callback=_checked(_zone),
    help="In which the source prints dates, or an export its times. Pages without it: Europe/Moscow.",
)
ENCODING = click.option(
    "--encoding", callback=_checked(_encoding), help="Of the text, where nothing in the file tells, e.g. windows-1251."
)
LANGUAGE = click.option("--language", callback=_checked(_language), help="Of the texts, ISO 639, e.g. en.")
CAPTURED_AT = click.option(
    "--captured-at",
    callback=_checked(_instant),
    help="When the file was taken from the site or channel, with a zone: 2026-11-22T10:00:00+03:00.",
)
CHANNEL = click.option(
    "--channel",
    callback=_checked(_channel),
    help="Whose posts they are: @username, t.me address, number, or both as mid_rus=1101170442.",
)
COLUMNS = click.option("--columns", help='What a table\'s columns are, e.g. "id=message_id, text=body".')
CAPTURED_PATTERN = click.option(
    "--captured-pattern",
    help="Time of capture in the names of files, e.g. %Y-%m-%d_%H%M, in --time-zone; a final Z or %z: as it says.",
)
COVERAGE = click.option(
    "--coverage",
    type=click.Choice([claim.value for claim in Claim]),
    help="What the files show: all of the source between their first and last id, a sample, or nobody knows.",
)


def fact_options(command: _Decorated) -> _Decorated:
    """Give a command the options that say how a file is to be read."""
    return FORMAT(TIME_ZONE(ENCODING(LANGUAGE(command))))


def intake_options(command: _Decorated) -> _Decorated:
    """Give a command the options that say what files are and when they were captured."""
    return CHANNEL(CAPTURED_AT(CAPTURED_PATTERN(COVERAGE(COLUMNS(command)))))
