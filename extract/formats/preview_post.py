"""A post as its block of a preview page shows it.

Knows the marks of one block and nothing of where it stands.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from selectolax.lexbor import LexborNode

from extract.addresses import telegram_post_of
from extract.formats.preview_cut import Head
from extract.formats.preview_media import BUTTON, HOLDERS, LABEL, has_placeholder, holders_in, media_of, poll_of
from extract.formats.preview_text import Marked, first, label_of, labels_of, marked, text_of
from extract.model import (
    WORDS_NOT_SHOWN,
    Counts,
    Link,
    Media,
    Notice,
    Origin,
    Poll,
    PostKind,
    Service,
)
from extract.telegram import username_of, without_odd_characters

_WIDGET = "tgme_widget_message_"
_REPLY = f"{_WIDGET}reply"
_LINK_PREVIEW = f"{_WIDGET}link_preview"
# A post with custom emoji has its content twice: as it is, and, hidden by the style sheet, as words for old programs.
_SHOWN = "media_supported_cont"
_HIDDEN = "media_not_supported_cont"
_TEXT = "js-message_text"
_OLD_TEXT = f"{_WIDGET}text"
_OPEN: frozenset[str] = frozenset()
_CLOSED = HOLDERS | {_REPLY, _LINK_PREVIEW, _HIDDEN, _TEXT, _OLD_TEXT, f"{_WIDGET}user", f"{_WIDGET}bubble_tail"}
_SERVICE_LABEL = "Service message"
_FORWARDED = re.compile(r"Forwarded from\s*")
_EDITED = re.compile(r"\bedited\b")
_COUNT = re.compile(r"([0-9]{1,3}(?:[,\s][0-9]{3}){1,2}|[0-9]{1,9})(?:\.([0-9]{1,6}))?\s?([KMB])?")
_SCALES = {"K": 10**3, "M": 10**6, "B": 10**9}
_PERSON = re.compile(r"(?i)(?:https?:)?//(?:t\.me|telegram\.(?:me|dog))/(?:s/)?([A-Za-z0-9_]{4,32})/?(?:\?.*)?")
_FOLLOWED = re.compile(r"(?i)(?:https?|tg):")
_ACTIONS = (
    (re.compile(r"Channel created"), "create_channel"),
    (re.compile(r"(?s)Channel name was changed to «(?P<detail>.*)»"), "edit_group_title"),
    (re.compile(r"Channel photo (?:updated|changed)"), "edit_group_photo"),
    (re.compile(r"Channel photo (?:removed|deleted)"), "delete_group_photo"),
    (re.compile(r"(?s).*\bpinned (?:«.*»|an? .*)"), "pin_message"),
    (re.compile(r"(?:Live stream|Video chat|Voice chat) scheduled\b.*"), "group_call_scheduled"),
    (re.compile(r"(?:Live stream|Video chat|Voice chat) (?:started|finished|ended)\b.*"), "group_call"),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a block shows of its post."""

    kind: PostKind
    text: str
    notices: tuple[Notice, ...]
    links: tuple[Link, ...] | None
    holders: tuple[LexborNode, ...] | None  # of attachments; None where it can't be told what they are
    has_media_placeholder: bool
    furniture: tuple[str, ...]
    service: Service | None
    found: Marked


def shown_in(block: LexborNode) -> Shown:
    """Return what the block of a post shows."""
    found = marked(block, _CLOSED)
    texts = found.get(_TEXT) or found.get(_OLD_TEXT) or []
    holders = tuple(holders_in(found))
    labels = _labels(found)
    printed, links, notices = text_of(texts[0]) if texts else ("", (), ())
    furniture = tuple(_furniture(found, labels, texts[1:]))
    has_placeholder_words = bool(labels) or any(map(has_placeholder, holders))
    if "service_message" in (block.attributes.get("class") or "").split() or _SERVICE_LABEL in labels:
        return _service(found, printed or _SERVICE_LABEL, texts, furniture)
    if labels and not texts and not holders:
        notices = (Notice(WORDS_NOT_SHOWN, labels[0]),)
        return Shown(PostKind.UNSUPPORTED, "", notices, None, None, True, furniture, None, found)  # noqa: FBT003
    if texts[1:]:
        notices = (*notices, Notice("more_than_one_text", str(len(texts))))
    known = None if labels and not holders else holders
    return Shown(PostKind.MESSAGE, printed, notices, links, known, has_placeholder_words, furniture, None, found)


def _labels(found: Marked) -> list[str]:
    """Words that stand for what the page can't show, but those within an attachment and those that nobody sees."""
    labels = labels_of(found.get(LABEL, ()))
    if _SHOWN not in found:
        for fallback in found.get(_HIDDEN, ()):
            labels.extend(labels_of(marked(fallback, _OPEN).get(LABEL, ())))
    return labels


def _service(found: Marked, printed: str, texts: list[LexborNode], furniture: tuple[str, ...]) -> Shown:
    for pattern, action in _ACTIONS:
        match = pattern.fullmatch(printed)
        if match is not None:
            detail = match.groupdict().get("detail")
            if action == "pin_message":
                detail = _pinned(texts)
            service = Service(action, detail, printed)
            return Shown(PostKind.SERVICE, "", (), None, None, False, furniture, service, found)  # noqa: FBT003
    notices = (Notice("unknown_service", printed[:200]),)
    service = Service(None, None, printed)
    return Shown(PostKind.SERVICE, "", notices, None, None, False, furniture, service, found)  # noqa: FBT003


def _pinned(texts: list[LexborNode]) -> str | None:
    """Id of the pinned message, where the words link to it."""
    for text in texts:
        for link in text.css("a[href]"):
            post = telegram_post_of(link.attributes.get("href") or "")
            if post is not None:
                return str(post[1])
    return None


def _furniture(found: Marked, labels: list[str], more_texts: list[LexborNode]) -> Iterator[str]:
    yield from labels_of(found.get(f"{_WIDGET}forwarded_from_author", ()))
    yield from labels_of(found.get(f"{_WIDGET}via_bot", ()))
    for reply in found.get(_REPLY, ()):
        quote = marked(reply, _OPEN)
        yield from labels_of(quote.get("js-message_reply_text") or quote.get(f"{_WIDGET}metatext") or ())
    yield from labels
    yield from labels_of(found.get(BUTTON, ()))
    yield from labels_of(more_texts)
    for preview in found.get(_LINK_PREVIEW, ()):
        parts = marked(preview, _OPEN)
        yield from labels_of([*parts.get("link_preview_site_name", ()), *parts.get("link_preview_title", ())])


def media_in(holders: tuple[LexborNode, ...] | None) -> tuple[tuple[Media, ...] | None, Poll | None]:
    """Return attachments, and what the poll among them asks."""
    if holders is None:
        return None, None
    poll = next((poll for poll in map(poll_of, holders) if poll is not None), None)
    return tuple(media_of(holder) for holder in holders), poll


def published_in(shown: Shown, block: LexborNode) -> tuple[datetime | None, str]:
    """Return the instant of publication, None where none is stated with its offset, and the date as printed."""
    date = first(shown.found, f"{_WIDGET}date") or block
    time = date.css_first("time[datetime]")
    printed = (None if time is None else time.attributes.get("datetime")) or ""
    try:
        stated = datetime.fromisoformat(printed.strip())
        return (None if stated.tzinfo is None else stated.astimezone(UTC)), printed
    except (ValueError, OverflowError):
        return None, printed


def is_edited_in(found: Marked) -> bool | None:
    """Say whether the post bears the mark of an edit; None where the place of the mark is missing."""
    meta = first(found, f"{_WIDGET}meta")
    if meta is None:
        return None
    child = meta.first_child
    while child is not None:  # a signature beside the mark may hold any word
        if child.tag == "-text" and _EDITED.search(child.text_content or ""):
            return True
        child = child.next
    return False


def author_in(found: Marked) -> str | None:
    """Return the signature."""
    return label_of(first(found, f"{_WIDGET}from_author"))


def title_in(found: Marked) -> str | None:
    """Return the channel's title."""
    return label_of(first(found, f"{_WIDGET}owner_name"))


def forward_in(found: Marked) -> tuple[str | None, Origin | None]:
    """Return the name of the channel or person that a post was forwarded from, and what the link on it tells."""
    name = first(found, f"{_WIDGET}forwarded_from_name")
    if name is None:
        whole = label_of(first(found, f"{_WIDGET}forwarded_from"))
        return (_FORWARDED.sub("", whole, count=1) or None) if whole else None, None
    return label_of(name), _origin(name.attributes.get("href") or "")


def _origin(address: str) -> Origin | None:
    post = telegram_post_of(address)
    if post is not None:
        place, message_id = post
        if isinstance(place, int):
            return Origin(channel_id=place, message_id=message_id)
        return Origin(username=place, message_id=message_id)
    match = _PERSON.fullmatch(address)
    username = None if match is None else username_of(match[1])
    return None if username is None else Origin(username=username)


def reply_in(found: Marked, head: Head, channel_id: int) -> int | None:
    """Return the id of the message that a post answers, where that stands in the same channel."""
    reply = first(found, _REPLY)
    post = None if reply is None else telegram_post_of(reply.attributes.get("href") or "")
    return post[1] if post is not None and post[0] in (head.username, channel_id) else None


def buttons_in(found: Marked) -> tuple[Link, ...]:
    """Return the buttons under a post; one that leads nowhere has no address, though the page links it to the post."""
    return tuple(Link(label_of(button) or "", _followed(button)) for button in found.get(f"{_WIDGET}inline_button", ()))


def _followed(button: LexborNode) -> str:
    attributes = button.attributes
    address = attributes.get("href") or ""
    is_address = "url_button" in (attributes.get("class") or "").split() and _FOLLOWED.match(address)
    return without_odd_characters(address)[0] if is_address else ""


def counts_in(found: Marked) -> Counts | None:
    """Return views, voters and reactions as the page rounds them; None where it shows none of them."""
    views = count_of(label_of(first(found, f"{_WIDGET}views")))
    voters = count_of(label_of(first(found, f"{_WIDGET}voters")))
    reactions = tuple(_reactions(found)) if "tgme_reaction" in found else None
    if views is None and voters is None and reactions is None:
        return None
    return Counts(
        views=None if views is None else views[0],
        views_are_rounded=views is not None and views[1],
        reactions=reactions,
        poll_voters=None if voters is None else voters[0],
    )


def count_of(printed: str | None) -> tuple[int, bool] | None:
    """Return a count such as 853, "1 204" or 4.85K, and whether it is rounded; None for anything else."""
    match = _COUNT.fullmatch(printed or "")
    if match is None or (match[2] and not match[3]):
        return None
    whole = "".join(sign for sign in match[1] if sign.isdigit())
    return int(Decimal(f"{whole}.{match[2] or 0}") * _SCALES.get(match[3], 1)), match[3] is not None


def _reactions(found: Marked) -> Iterator[tuple[str, int]]:
    for reaction in found["tgme_reaction"]:
        count = count_of(_own_words(reaction))
        if count is not None:
            yield _reaction_name(reaction), count[0]


def _own_words(node: LexborNode) -> str:
    """Words right below an element, without those of the elements in it."""
    pieces: list[str] = []
    child = node.first_child
    while child is not None:
        if child.tag == "-text":
            pieces.append(child.text_content or "")
        child = child.next
    return "".join(pieces).strip()


def _reaction_name(reaction: LexborNode) -> str:
    if "tgme_reaction_paid" in (reaction.attributes.get("class") or "").split():
        return "paid"
    sign = label_of(reaction.css_first("b"))
    custom = reaction.css_first("tg-emoji")
    if sign is None and custom is not None:
        return f"custom_emoji:{custom.attributes.get('emoji-id') or ''}"
    return sign or ""
