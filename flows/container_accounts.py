"""The channels of a Telegram account's export, each as an input of its own; private chats are counted and never kept.

Nothing of a chat that was not asked for is written anywhere, not even as an excerpt.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from extract.accounts import ChatSlice, chats_in, is_account_stream
from extract.model import Reason
from flows.container_limits import COPIED_BYTES, Allowance
from flows.container_members import Member, Unpacking, broken_off
from flows.input_facts import Refused, Told

_PUBLIC, _PRIVATE = "public_channel", "private_channel"
# Within a text its quotation marks would be escaped: it begins another chat.
_ANOTHER_CHAT = re.compile(rb'"type"\s*:\s*"(?:personal|bot|private|public|saved|replies|verification)_?[a-z_]*"')
_OVERLAP_BYTES = 200


def is_account(head: bytes, path: Path) -> bool:
    """Say whether an input is the export of a whole account."""
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return False
    with path.open("rb") as file:
        return is_account_stream(file)


def account_members(path: Path, channel_id: int | None, unpacking: Unpacking, allowance: Allowance) -> Iterator[Member]:
    """Yield the channel with that number, public or private; without a number all that are public."""
    is_whole = True
    with path.open("rb") as places, path.open("rb") as file:
        for chat in chats_in(places):
            is_whole = chat.is_whole
            if not _is_wanted(chat, channel_id):
                is_other = chat.type == _PUBLIC
                unpacking.passed_over["channels that were not asked for" if is_other else "private chats"] += 1
                continue
            name = f"chat:{chat.channel_id}"
            if not chat.is_whole and _holds_another(file, chat):
                yield Member(name, refusal=broken_off("a channel whose end can't be told from the next chat"))
                continue
            file.seek(chat.byte_from)
            stream = _Part(file, chat.byte_to - chat.byte_from)
            yield Member(name, unpacking.put(stream, allowance), Told())
    if not is_whole:
        raise broken_off("an export of an account that breaks off")


def _is_wanted(chat: ChatSlice, channel_id: int | None) -> bool:
    if channel_id is None:
        return chat.type == _PUBLIC and chat.channel_id is not None
    return chat.type in (_PUBLIC, _PRIVATE) and chat.channel_id == channel_id


def _holds_another(file: BinaryIO, chat: ChatSlice) -> bool:
    """Say whether a chat without an end holds the beginning of the next one."""
    file.seek(chat.byte_from)
    stream = _Part(file, chat.byte_to - chat.byte_from)
    count, held = 0, b""
    while data := stream.read(COPIED_BYTES):
        window = held + data
        found = list(_ANOTHER_CHAT.finditer(window))
        count += len(found)
        held = window[max(found[-1].end() if found else 0, len(window) - _OVERLAP_BYTES) :]
        if count > 1:  # its own is one
            return True
    return False


class _Part(io.RawIOBase):
    """So many bytes of a file from where it stands."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        super().__init__()
        self._file = file
        self._left = size

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes, none at the end."""
        data = self._file.read(min(size, self._left) if size >= 0 else self._left)
        self._left -= len(data)
        return data


def nothing_wanted() -> Refused:
    """Return the refusal of an account's export in which no channel is asked for."""
    return Refused(
        Reason.MISSING_INPUT,
        "an export of a whole account without a channel to be taken in",
        "a public channel, or a private one that --channel names by its number",
        "name it with --channel; private chats are never taken in",
    )
