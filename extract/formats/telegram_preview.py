"""Saved pages of Telegram's web preview: `t.me/s/<channel>`, and `t.me/<channel>/<id>?embed=1`.

A page shows about twenty posts of a public channel, or one, each in a block with its key (`data-post`, `data-view`).
Posts that were sent as one set share a block: the first of them bears the text, the others are records of their own
whose words the page doesn't show. Nothing that a page leaves out proves that a post is gone.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType
from typing import BinaryIO

from selectolax.lexbor import LexborNode

from extract.addresses import telegram_post_of
from extract.encoding import mark_length
from extract.errors import (
    ExtractError,
    NoDocument,
    NotFound,
    OtherChannel,
    TooLarge,
    UnknownChannel,
    UnreadableInput,
)
from extract.formats.preview_cut import Context, Head, Item, album_in, codec_in, context_of, head_of, stretches
from extract.formats.preview_media import has_placeholder, is_item, item_id
from extract.formats.preview_post import (
    Shown,
    author_in,
    buttons_in,
    counts_in,
    forward_in,
    is_edited_in,
    media_in,
    published_in,
    reply_in,
    shown_in,
    title_in,
)
from extract.markup import MOST_BYTES, parsed
from extract.model import (
    WORDS_NOT_SHOWN,
    Claim,
    Format,
    Hints,
    Notice,
    Origin,
    Post,
    PublishedBasis,
    Reason,
    Record,
    Rejection,
    Stretch,
)
from extract.notices import SHARED
from extract.posts import PostText, post_record
from extract.telegram import channel_of

NOTICES = MappingProxyType(
    {
        WORDS_NOT_SHOWN: SHARED["words_not_shown"],
        "charset_contradiction": SHARED["charset_contradiction"],
        "odd_characters": SHARED["odd_characters"],
        "markup_line_breaks": "The markup breaks lines within the text, which Telegram doesn't; read as spaces.",
        "more_than_one_text": "The block has more than one text; the first is the post's, the others are furniture.",
        "unclear_date": SHARED["unclear_date"],
        "unknown_service": "An event of the channel in words that are not known; they are kept as printed.",
        "item_without_id": "An attachment of a set doesn't tell of which post it is; it stands with the first one's.",
    }
)

MOST_POST_BYTES = 2 << 20  # Telegram allows 4,096 characters; each an emoji, they take half a megabyte of markup
_EXCERPT = 200
_ERROR = "tgme_widget_message_error"
_POST_NOT_FOUND = re.compile(r"(?i)post(?: ([a-z0-9_]+/[0-9]+))? not found[.!]?")
_MARK = re.compile(r"""<[a-z]+\b[^<>]*?\bclass\s*=\s*["'][^"'<>]*\b(?:tgme|tme)_[a-z_]""")
_OTHER = re.compile(r"""\bclass\s*=\s*["'](?:page_wrap|message default clearfix)""")  # Telegram Desktop's
_QUERY_INPUT = re.compile(r"""<input\b[^<>]*?\bname\s*=\s*["']?q\b[^<>]*>""")
_VALUE = re.compile(r"""\bvalue\s*=\s*(?:"\s*[^"\s][^"]*"|'\s*[^'\s][^']*')""")
_OWN_ADDRESS = re.compile(
    r"""<(?:link\b[^<>]*?\brel\s*=\s*["']?canonical|meta\b[^<>]*?\bproperty\s*=\s*["']?og:url)\b[^<>]*>"""
)
_QUERY = re.compile(r"[?&](?:amp;)?q=[^&\"'\s]")
_EXPECTED = "a page of t.me with posts"
_NO_POSTS = (
    ("tme_no_messages_found", "a preview page without posts, which Telegram also shows when asked too often"),
    (_ERROR, "a page that says why it shows no post, and not that the post isn't found"),
    ("tgme_page", "the page of a channel, a person or an invitation, without posts"),
    ("telegram", "a page of Telegram without posts"),
)
_CHALLENGE = re.compile(r"(?i)cf-chl|just a moment|ddos-guard|checking your browser|captcha|enable javascript")
_TELEGRAM = re.compile(r"(?i)\b(?:t\.me|telegram\.(?:org|me|dog))\b|\btgme_|\btme_")


def claims(head: bytes) -> bool:
    """Tell whether the head of an input is markup with the class names of Telegram's preview."""
    text = _plain(head)
    return text.lstrip()[:1] == "<" and _MARK.search(text) is not None and _OTHER.search(text) is None


def shows(head: bytes) -> Claim:
    """Return SAMPLE for the page of a search; an ordinary page claims nothing, not even that a post between is gone."""
    text = _plain(head)
    asked = _QUERY_INPUT.search(text)
    if asked is not None and _VALUE.search(asked[0]):
        return Claim.SAMPLE
    is_search = any(_QUERY.search(match[0]) for match in _OWN_ADDRESS.finditer(text))
    return Claim.SAMPLE if is_search else Claim.UNKNOWN


def _plain(head: bytes) -> str:
    """Return the ASCII of a head, also of one with two or four bytes for each character, without its mark."""
    return head.replace(b"\0", b"").decode("ascii", "ignore")


def split(stream: BinaryIO, hints: Hints) -> Iterator[Stretch]:
    """Yield a stretch for each post of a page, and one for the rest of a page that breaks off.

    Raises `TooLarge`, `UndecodableInput`, `OtherChannel`, `NoDocument` for a page without posts, of them `NotFound`
    where it says that the post isn't there, and `UnreadableInput` for any other.
    """
    data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise TooLarge(f"a page of more than {MOST_BYTES:,} bytes", "a saved page", "look at the file")
    codec, belied = codec_in(data, hints.encoding)
    has_posts = False
    for stretch in stretches(data, codec, belied):
        if not has_posts:
            _refuse_another_channel(context_of(stretch).channels, hints.expects_channel_id)
        has_posts = True
        yield stretch
    if not has_posts:
        raise _without_posts(data, codec, hints)


def _refuse_another_channel(channels: dict[str, int], expected: int | None) -> None:
    """Raise `OtherChannel` for a page that tells of channels, and not of the one that was asked for."""
    if expected is not None and channels and expected not in channels.values():
        raise _other_channel(*next(iter(channels.items())), expected)


def _other_channel(username: str | None, found: int, expected: int) -> OtherChannel:
    name = "" if username is None else f", which bears the name @{username} now"
    return OtherChannel(
        f"posts of the channel {found}{name}",
        f"those of {expected}, by the registry row or as the archive had it first",
        f"look at it with a browser; if the channel that you want really moved, put {found} as channel_id into the "
        "registry row and run mfa-archive retry",
    )


def _without_posts(data: bytes, codec: str, hints: Hints) -> ExtractError:
    text = _plain(data[:MOST_POST_BYTES])
    is_markup = text.lstrip()[:1] == "<"
    if is_markup and _TELEGRAM.search(text):
        if _ERROR in text and (missing := _missing_post(data, codec, hints)):
            return NotFound(f"Telegram's own words {missing!r}", _EXPECTED, "nothing; it may have been taken down")
        found = next((words for mark, words in _NO_POSTS if mark in text), "a page of Telegram without posts")
        return NoDocument(found, _EXPECTED, "look at the channel and save the page again")
    if is_markup and _CHALLENGE.search(text):
        return NoDocument("the page of a shield", _EXPECTED, "save the page again with a browser")
    found = "a page that is none of Telegram's" if is_markup else "no markup"
    return UnreadableInput(found, _EXPECTED, "declare its format, or save the page again")


def _missing_post(data: bytes, codec: str, hints: Hints) -> str | None:
    """Return the words by which a page says that the post isn't found; None where it says that of a channel, or else.

    What a channel that was closed or renamed shows is no proof of any post, nor what is said of another post than the
    one that was asked for, where that is known.
    """
    tree = parsed(data, None if mark_length(data) else codec)
    said = " ".join(" ".join(node.text(separator=" ") for node in tree.css(f".{_ERROR}")).split())
    found = _POST_NOT_FOUND.fullmatch(said)
    return said[:_EXCERPT] if found and (found[1] is None or _is_asked(found[1].lower(), hints)) else None


def _is_asked(named: str, hints: Hints) -> bool:
    """Say whether a post, as name/number, is the one that was asked for; yes where nothing tells which that was."""
    if hints.address is None:
        return True
    asked = telegram_post_of(hints.address)
    return asked is not None and named in {f"{name}/{asked[1]}" for name in (asked[0], hints.channel)}


def read(stretch: Stretch, hints: Hints) -> tuple[Record | Rejection, ...]:
    """Return the post of a block, the other posts of its set, or a rejection, in the order of their bytes.

    Raises `UnknownChannel`.
    """
    context = context_of(stretch)
    if context.is_rest:
        return (_broken_off(stretch, context.codec),)
    try:
        posts = _posts(stretch, context, hints)
    except UnknownChannel:
        raise
    except ExtractError as error:
        return (_rejection(stretch, context.codec, Reason(error.reason), (error.found, error.expected, error.remedy)),)
    if context.belied is not None:
        belied = Notice("charset_contradiction", context.belied)
        posts = [replace(post, notices=(*post.notices, belied)) for post in posts]
    return tuple(post_record(post, hints) for post in posts)


def _broken_off(stretch: Stretch, codec: str) -> Rejection:
    what = ("a page that breaks off", "a page up to its end", "save the page again")
    return _rejection(stretch, codec, Reason.BROKEN_OFF, what)


def _rejection(stretch: Stretch, codec: str, reason: Reason, what: tuple[str, str, str]) -> Rejection:
    excerpt = stretch.data[: 4 * _EXCERPT].decode(codec, "replace").replace("\0", "\N{SYMBOL FOR NULL}")[:_EXCERPT]
    return Rejection(stretch.byte_from, stretch.byte_to, reason, *what, excerpt)


def _posts(stretch: Stretch, context: Context, hints: Hints) -> list[PostText]:
    """Return the posts of a block in the order of their bytes. Raises `ExtractError` for a block that can't be read."""
    if len(stretch.data) > MOST_POST_BYTES:
        raise TooLarge(f"a post of {len(stretch.data):,} bytes", f"at most {MOST_POST_BYTES:,}", "look at the page")
    declared = None if context.codec == "utf-8" else context.codec
    block = parsed(stretch.data, declared).css_first(".tgme_widget_message")
    if block is None:
        raise UnreadableInput("a block without a post", "a post of a preview page", "look at the page")
    head = head_of({name: value or "" for name, value in block.attributes.items()})
    if head.message_id is None:
        raise _MissingId
    channel_id, is_paired = _channel(head, context, hints)
    shown = shown_in(block)
    whole = _whole_post(shown, block, head, channel_id)
    if not is_paired and whole.post is not None:
        whole = replace(whole, post=replace(whole.post, username=None))
    return _parts(whole, shown, stretch, context.codec)


class _MissingId(ExtractError):
    """A post whose id can't be read."""

    reason = "missing_id"

    def __init__(self) -> None:
        super().__init__("a post without a readable `data-post`", "name/number in it", "save the page again")


def _channel(head: Head, context: Context, hints: Hints) -> tuple[int, bool]:
    """Return the channel's id and whether the page itself tells it. Raises `OtherChannel` and `UnknownChannel`.

    A hint counts for posts of the channel that it names; whoever gives a number alone names it for all.
    """
    found = head.channel_id
    if found is None and head.username is not None:
        found = context.channels.get(head.username)
    if found is not None and hints.expects_channel_id not in (None, found):
        raise _other_channel(head.username, found, hints.expects_channel_id)
    if found is not None:
        return found, True
    is_meant = head.username is None or hints.channel in (None, head.username)
    hinted = hints.channel_id if is_meant else None
    return channel_of(None, replace(hints, channel=head.username or hints.channel, channel_id=hinted)), False


def _whole_post(shown: Shown, block: LexborNode, head: Head, channel_id: int) -> PostText:
    """Post of a block as if it stood there alone, with all attachments, in no place yet."""
    published_at, printed = published_in(shown, block)
    unclear = () if published_at is not None else (Notice("unclear_date", printed[:_EXCERPT]),)
    forwarded_from, origin = forward_in(shown.found)
    media, poll = media_in(shown.holders)
    return PostText(
        byte_from=0,
        byte_to=0,
        text=shown.text,
        forwarded_from=forwarded_from,
        has_media_placeholder=shown.has_media_placeholder,
        furniture=shown.furniture,
        notices=(*shown.notices, *unclear),
        post=Post(
            channel_id=channel_id,
            message_id=head.message_id or 0,
            kind=shown.kind,
            username=head.username,
            channel_title=title_in(shown.found),
            author=author_in(shown.found),
            is_edited=is_edited_in(shown.found),
            reply_to=reply_in(shown.found, head, channel_id),
            origin=origin,
            service=shown.service,
            buttons=buttons_in(shown.found),
        ),
        published_at=published_at,
        published_basis=None if published_at is None else PublishedBasis.STATED_OFFSET,
        links=shown.links,
        media=media,
        poll=poll,
        counts=counts_in(shown.found),
        carries_paragraphs=True,
    )


def _parts(whole: PostText, shown: Shown, stretch: Stretch, codec: str) -> list[PostText]:
    """Part a block into the posts of its set, in the order of their bytes; mostly there is one."""
    post, holders = whole.post, shown.holders or ()
    if post is None or whole.media is None:
        return [_placed(whole, stretch, 0, len(stretch.data))]
    ids = [item_id(holder) for holder in holders]
    others = frozenset(number for number in ids if number not in (None, 0, post.message_id) and number is not None)
    album = album_in(stretch.data, codec, others)
    found = {item.message_id for item in album.items}
    own = _own_post(whole, holders, ids, found)
    parts = [_placed(own, stretch, album.byte_from, album.byte_to)]
    for item in album.items:
        number = ids.index(item.message_id)
        one = replace(whole, media=(whole.media[number],), has_media_placeholder=has_placeholder(holders[number]))
        parts.append(_placed(_item_post(one, item, own), stretch, item.byte_from, item.byte_to))
    return sorted(parts, key=lambda part: part.byte_from)


def _own_post(whole: PostText, holders: tuple[LexborNode, ...], ids: list[int | None], found: set[int]) -> PostText:
    """Post that bears the text of a set, with the attachments that belong to no other post of it."""
    post, media = whole.post, whole.media or ()
    if post is None or not found:
        return whole
    own = [number for number, one in enumerate(ids) if one not in found]
    stray = [number for number in own if ids[number] != post.message_id and is_item(holders[number])]
    notices = (*whole.notices, Notice("item_without_id", str(len(stray)))) if stray else whole.notices
    return replace(
        whole,
        media=tuple(media[number] for number in own),
        has_media_placeholder=any(has_placeholder(holders[number]) for number in own),
        notices=notices,
        post=replace(post, album=f"first:{min(post.message_id, *found)}"),
    )


def _item_post(one: PostText, item: Item, own: PostText) -> PostText:
    """Post of a set that the page shows by its attachment alone."""
    first, post = own.post, one.post
    if first is None or post is None:
        return one
    notice = Notice(WORDS_NOT_SHOWN, f"an item of an album: the page shows its text, if any, with {first.message_id}")
    return replace(
        one,
        text="",
        furniture=(),
        notices=(notice,),
        links=None,
        poll=None,
        counts=None,
        post=Post(
            channel_id=post.channel_id,
            message_id=item.message_id,
            username=post.username,
            channel_title=post.channel_title,
            album=first.album,
            # Each post of a set that was forwarded has an origin of its own, in the same channel.
            origin=None if post.origin is None else Origin(post.origin.channel_id, post.origin.username),
        ),
    )


def _placed(post: PostText, stretch: Stretch, byte_from: int, byte_to: int) -> PostText:
    return replace(post, byte_from=stretch.byte_from + byte_from, byte_to=stretch.byte_from + byte_to)


FORMAT = Format(
    name="telegram_preview",
    extractor_version=2,
    form="saved page of the web preview of a channel",
    lost_in_form=(
        "time of the last edit",
        "date of a forwarded post's original",
        "exact views",
        "forwards",
        "replies",
        "votes of a poll",
        "files",
        "custom emoji",
        "texts of the further posts of an album",
        "posts that the page leaves out",
    ),
    is_ordered=False,
    claims=claims,
    split=split,
    read=read,
    shows=shows,
)
