"""Which column of a table is what: declared by a person, known by the layout of a tool, or only to be confirmed.

Nothing here is taken in because it looks right. The header of a tool says which tool it was; any other table needs the
word of a person, who is given that word ready to be pasted.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from extract.errors import UnconfirmedColumns, UnreadableInput


class Field(StrEnum):
    """What a column may be: the words of a declaration."""

    ID = "id"  # of the message, or an address that ends with it, or "channel-id"
    TEXT = "text"
    DATE = "date"
    CHANNEL = "channel"  # username, or id
    CHANNEL_ID = "channel_id"
    CHANNEL_TITLE = "channel_title"
    EDITED = "edited"  # when, or whether
    FORWARDED_FROM = "forwarded_from"  # the name, as printed
    FORWARDED_FROM_USERNAME = "forwarded_from_username"
    FORWARDED_FROM_ID = "forwarded_from_id"
    FORWARDED_FROM_PEER = "forwarded_from_peer"  # PeerChannel or PeerUser
    FORWARDED_MESSAGE_ID = "forwarded_message_id"
    FORWARDED_DATE = "forwarded_date"
    REPLY_TO = "reply_to"
    ALBUM = "album"
    VIEWS = "views"
    FORWARDS = "forwards"
    REPLIES = "replies"
    REACTIONS = "reactions"
    AUTHOR = "author"
    URL = "url"
    SERVICE = "service"  # whether, or which
    SERVICE_DETAIL = "service_detail"
    DELETED = "deleted"  # when, or whether
    FIRST_SEEN = "first_seen"
    MEDIA = "media"
    POLL = "poll"
    PREVIEW = "preview"  # site and title of a link's preview
    TABLE = "table"  # of a database
    # Of pages.
    TITLE = "title"
    TIME = "time"
    NUMBER = "number"  # the ministry's own number of a document
    LANGUAGE = "language"
    LANGUAGES = "languages"  # in which the document is there


@dataclass(frozen=True, slots=True)
class Layout:
    """What the columns of one kind of table are, and what such tables keep of a text."""

    name: str
    columns: Mapping[Field, tuple[str, ...]]  # of several names the first that is there
    required: frozenset[str]  # names that show that it is this layout
    forbidden: frozenset[str] = frozenset()
    carries_paragraphs: bool = False
    carries_punctuation: bool = False
    is_utc: bool = False  # dates without an offset are UTC, by the tool's own definition

    def fits(self, names: Iterable[str]) -> bool:
        """Say whether a table with these columns is of this layout."""
        found = set(names)
        return self.required <= found and not self.forbidden & found


def layout(name: str, columns: str, required: str, forbidden: str = "", **carries: bool) -> Layout:
    """Return a layout written as `field=column|other_column …`, with the names that must and must not be there."""
    pairs = (pair.split("=") for pair in columns.split())
    return Layout(
        name,
        {Field(field): tuple(names.split("|")) for field, names in pairs},
        frozenset(required.split()),
        frozenset(forbidden.split()),
        **carries,
    )


DECLARED = "declared"
# By these a table tells when somebody first saw or fetched a row. That is a claim, no time of a capture of ours.
_FIRST_SEEN = re.compile(
    r"(?:first)?seen(?:at|on)?|(?:scraped?|crawled|fetched|downloaded|retrieved|collected|archived|captured)"
    r"(?:at|on|date|time)?"
)
# Usual names, letters and digits only, the likelier first; they only make a proposal.
_USUAL = {
    Field.ID: "messageid msgid postid id tgid telegramid number msg url link messageurl messagelink msglink posturl "
    "postlink permalink",
    Field.TEXT: "text message messagetext msgtext posttext body content caption fulltext rawtext description",
    Field.DATE: "date datetime timestamp publishedat published postedat postdate messagedate msgdate createdat "
    "created time when pubdate unixtime dateunixtime",
    Field.CHANNEL_ID: "channelid chatid peerid",
    Field.CHANNEL: "channel channelusername chatusername channelname chan chat username",
    Field.EDITED: "edited editdate editedat lastedit edittimestamp isedited",
    Field.FORWARDED_FROM: "forwardedfrom fwdfrom forwardfrom forwardedfromname forwardname",
    Field.REPLY_TO: "replyto replytomsgid replytomessageid replytoid",
    Field.VIEWS: "views viewcount viewscount numviews",
    Field.FORWARDS: "forwards forwardcount forwardscount shares",
    Field.REPLIES: "replies replycount repliescount comments",
    Field.ALBUM: "groupedid mediagroupid album",
    Field.DELETED: "deleted isdeleted deletedat",
    Field.TITLE: "title headline heading",
    Field.NUMBER: "internalid documentnumber docnumber",
    Field.LANGUAGES: "translations languages",
}
POST_NEEDS = (Field.ID, Field.TEXT)
PAGE_NEEDS = (Field.ID, Field.TITLE, Field.TEXT)
_PAGE_ONLY = frozenset({Field.TITLE, Field.NUMBER, Field.LANGUAGES})
_OF_PAGES = _PAGE_ONLY | {Field.ID, Field.TEXT, Field.DATE}


def plain(name: str) -> str:
    """Return a column's name without what only its writing is: `messageId` and `message_id` are the same."""
    return re.sub(r"[\W_]+", "", name).lower()


def first_seen_column(names: Iterable[str]) -> str | None:
    """Return the column that tells when a row was first seen, by its name."""
    return next((name for name in names if _FIRST_SEEN.fullmatch(plain(name))), None)


def declared_columns(declared: str) -> dict[Field, str]:
    """Return the columns that a person declares as "id=message_id, text=body".

    A name with a comma in it is quoted with its word: `"text=Message, full"`. Raises `UnreadableInput`.
    """
    columns: dict[Field, str] = {}
    for item in next(csv.reader([declared.replace("\n", " ")], skipinitialspace=True), []):
        word, sign, name = (part.strip() for part in item.partition("="))
        if not word and not sign:
            continue
        if word not in set(Field) or not name:
            raise UnreadableInput(
                f"the declared columns {declared!r}, in which {item.strip()!r} is none",
                "field=column, parted by commas; fields are " + ", ".join(Field),
                "correct --columns, or the column `columns` of the registry",
            )
        if Field(word) in columns:
            raise UnreadableInput(
                f"the declared columns {declared!r}, in which {word!r} stands twice",
                "each field once",
                "correct --columns, or the column `columns` of the registry",
            )
        columns[Field(word)] = name
    return columns


def resolved_declaration(declared: str, names: tuple[str, ...], needs: tuple[Field, ...]) -> dict[Field, str]:
    """Return the declared columns by the names that the table itself has for them.

    Raises `UnreadableInput` where one of them isn't there, stands there twice, or a needed one isn't declared.
    """
    columns = declared_columns(declared)
    columns.pop(Field.TABLE, None)
    missing = [need for need in needs if need not in columns]
    if Field.ID in missing and Field.URL in columns:
        missing.remove(Field.ID)
    if missing:
        raise UnreadableInput(
            f"the declared columns {declared!r} without {' and '.join(missing)}",
            "at least " + ", ".join(f"{need}=…" for need in needs),
            "correct --columns, or the column `columns` of the registry",
        )
    return {field: _named(name, names, declared) for field, name in columns.items()}


def _named(name: str, names: tuple[str, ...], declared: str) -> str:
    same = [one for one in names if one == name] or [one for one in names if one.lower() == name.lower()]
    if len(same) == 1:
        return same[0]
    found = f"two columns {name!r}" if same else f"no column {name!r}"
    raise UnreadableInput(
        f"{found} in a table of {_listed(names)}",
        f"the columns that are declared: {declared}",
        "correct --columns, or the column `columns` of the registry",
    )


def known_layout(layouts: Iterable[Layout], names: tuple[str, ...]) -> Layout | None:
    """Return the layout of a tool by the table's columns."""
    return next((one for one in layouts if len(set(names)) == len(names) and one.fits(names)), None)


def layout_columns(known: Layout, names: tuple[str, ...]) -> dict[Field, str]:
    """Return the columns of a known layout; one that may have several names is `name|name`."""
    there = set(names)
    return {
        field: "|".join([one for one in columns if one in there] or columns) for field, columns in known.columns.items()
    }


def proposed_columns(names: Iterable[str]) -> dict[Field, str]:
    """Return what the columns may be by the usual names; each column is proposed once."""
    left = {plain(name): name for name in names if "." not in name}
    proposed: dict[Field, str] = {}
    for field, usual in _USUAL.items():
        found = next((word for word in usual.split() if word in left), None)
        if found is not None:
            proposed[field] = left.pop(found)
    return proposed


def unconfirmed(
    names: tuple[str, ...], needs: tuple[Field, ...], table: str | None = None
) -> UnconfirmedColumns | UnreadableInput:
    """Return the error of a table that no layout knows: the proposal to be confirmed, or that there is none."""
    is_page = needs == PAGE_NEEDS
    proposed = {
        field: name
        for field, name in proposed_columns(names).items()
        if (field in _OF_PAGES if is_page else field not in _PAGE_ONLY)
    }
    missing = [need for need in needs if need not in proposed]
    if missing:
        return UnreadableInput(
            f"a table of {_listed(names)}",
            f"a column that may be the {' and the '.join(missing)} of a {'page' if is_page else 'post'}",
            f"if one of them is, say so with --columns '{', '.join(f'{need}=…' for need in needs)}'",
        )
    pairs = [*([] if table is None else [(Field.TABLE, table)]), *proposed.items()]
    words = ", ".join(_pasted(f"{field}={name}") for field, name in pairs)
    return UnconfirmedColumns(
        f"a table of {_listed(names)}",
        "columns of a known tool, or columns that somebody has named",
        f"if these are right, run again with --columns '{words}', or put that in the column `columns` of the registry",
    )


def _pasted(pair: str) -> str:
    return f'"{pair}"' if "," in pair else pair


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(name[:60] for name in names[:40])
    return f"the columns {shown}{' …' if len(names) > 40 else ''}"
