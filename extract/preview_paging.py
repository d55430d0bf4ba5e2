"""Which posts a page of a channel's preview shows, so that a reader can go on to older ones.

A page asked with `?before=N` shows the newest posts below N, so that all from its lowest to N - 1 are on it, as far as
the preview shows them. Nothing here says that a post which is not on it is gone.
"""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from selectolax.lexbor import LexborNode

from extract.errors import UndecodableInput
from extract.formats.preview_cut import head_of
from extract.markup import parsed

_POSTS = ".tgme_widget_message[data-post]"


class Instead(StrEnum):
    """What a page shows in place of posts, by its mark. Neither proves anything: who asks too often gets both too."""

    NO_POSTS = ".tme_no_messages_found"  # its own words that there are none
    CONTACT = ".tgme_page"  # of a channel that is closed, without a preview or renamed, and of any other name


@dataclass(frozen=True, slots=True)
class Shown:
    """The posts of one page, or what it shows in their place."""

    ids: tuple[int, ...]  # ascending; of a set of posts at least the first
    channel_id: int | None  # bare and positive
    username: str | None  # in lower case
    instead: Instead | None = None


NOTHING = Shown((), None, None)


def shown_in(data: bytes) -> Shown:
    """Return what a page shows; nothing for bytes that are no such page."""
    try:
        tree = parsed(data, None)
    except UndecodableInput:
        return NOTHING
    heads = [head_of(_attributes(node)) for node in tree.css(_POSTS)]
    # A post of another channel on it, wherever that comes from, says nothing of which posts of this one it shows.
    named = Counter(head.username or head.channel_id for head in heads).most_common(1)
    heads = [head for head in heads if (head.username or head.channel_id) == named[0][0]]
    ids = {head.message_id for head in heads if head.message_id is not None}
    return Shown(
        ids=tuple(sorted(ids)),
        channel_id=next((head.channel_id for head in heads if head.channel_id is not None), None),
        username=next((head.username for head in heads if head.username is not None), None),
        instead=None if ids else next((one for one in Instead if tree.css_first(one.value) is not None), None),
    )


def _attributes(node: LexborNode) -> dict[str, str]:
    return {name: value or "" for name, value in node.attributes.items()}
