"""Inputs that may not be kept: they are refused before a byte of them reaches the data folder."""

from typing import BinaryIO

from extract.errors import ExtractError
from extract.formats import claimants
from extract.model import Reason
from extract.private import HEAD_BYTES, refuse_private
from flows.input_facts import Input, Refused, refused, unreadable
from flows.taking import hints_of
from warehouse.staging import SourceFacts


def never_kept(stream: BinaryIO, one: Input, source: SourceFacts) -> Input | None:
    """Return the refusal of an input with private chats, None for any other; it is read from its beginning.

    What it looks like counts whatever format a person names for it.
    """
    try:
        names = {*claimants(stream.read(HEAD_BYTES)), source.format or ""}
        stream.seek(0)
        refuse_private(stream, names, hints_of(source, one.told))
        stream.seek(0)
    except ExtractError as error:
        reason = Refused(Reason(error.reason), error.found, error.expected, error.remedy)
        return refused(one.locator, one.path, reason)
    except OSError as error:
        return unreadable(one, error)
    return None
