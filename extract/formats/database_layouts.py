"""Which tables of a database hold posts, and what their rows are: those of known tools, and declared ones."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from extract.errors import TooLarge, UnreadableInput
from extract.formats.database_tables import MOST_BYTES, Tables
from extract.formats.table_columns import (
    POST_NEEDS,
    Field,
    declared_columns,
    first_seen_column,
    proposed_columns,
    resolved_declaration,
    unconfirmed,
)
from extract.formats.table_posts import Plan
from extract.model import Hints
from extract.telegram import bare_channel_id

Values = dict[str, object]


@dataclass(frozen=True, slots=True)
class DatabaseRows:
    """The rows of the posts, and what they are."""

    plan: Plan
    rows: Iterator[Values]


@dataclass(frozen=True, slots=True)
class _Tool:
    """A tool by the tables that it makes."""

    name: str
    tables: Mapping[str, frozenset[str]]  # its table of posts and others that it needs, with columns that must be there
    columns: Mapping[Field, str]
    rows: Callable[[Tables, Hints], Iterator[Values]]

    def fits(self, tables: Tables) -> bool:
        return all(needed <= set(tables.columns.get(table, ())) for table, needed in self.tables.items())


def chosen_rows(tables: Tables, hints: Hints) -> DatabaseRows:
    """Return the rows of the posts of a database.

    Raises `UnreadableInput` for one that has none or has private chats, `UnconfirmedColumns` for an unknown one.
    """
    if hints.columns is not None:
        return _declared(tables, hints.columns)
    tool = next((one for one in _TOOLS if one.fits(tables)), None)
    if tool is None:
        raise _unknown(tables)
    plan = Plan(tool.columns, tool.name, carries_paragraphs=True, carries_punctuation=True, is_utc=True)
    return DatabaseRows(plan, tool.rows(tables, hints))


def _declared(tables: Tables, declared: str) -> DatabaseRows:
    named = declared_columns(declared)
    wanted = named.pop(Field.TABLE, None)
    holders = [table for table, names in tables.columns.items() if set(named.values()) <= set(names)]
    if wanted is None and len(holders) == 1:
        wanted = holders[0]
    if wanted not in tables.columns:
        raise UnreadableInput(
            f"a database of {_listed(tables)}, and {'no table ' + repr(wanted) if wanted else 'no table is named'}",
            f"the columns that are declared: {declared}",
            "name the table in --columns, or in the column `columns` of the registry, with table=…",
        )
    names = tables.columns[wanted]
    columns = resolved_declaration(declared, names, POST_NEEDS)
    seen = None if Field.FIRST_SEEN in columns else first_seen_column(names)
    return DatabaseRows(Plan(columns, first_seen=seen), tables.rows(wanted))


def _unknown(tables: Tables) -> Exception:
    for table, names in tables.columns.items():
        proposed = proposed_columns(names)
        if all(need in proposed for need in POST_NEEDS):
            return unconfirmed(names, POST_NEEDS, table)
    return UnreadableInput(
        f"a database of {_listed(tables)}",
        "a table of posts, of tg-archive, telegram-export or telegram-scraper",
        "if one of them holds posts, say so with --columns 'table=…, id=…, text=…'",
    )


def _listed(tables: Tables) -> str:
    shown = ", ".join(name[:60] for name in list(tables.columns)[:40])
    return f"the tables {shown}" if shown else "no tables"


def _by_id(tables: Tables, table: str, key: str) -> dict[object, Values]:
    return {row.get(key): row for row in tables.rows(table)}


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def _json(value: object) -> Any:
    try:
        return orjson.loads(value) if isinstance(value, bytes) else None
    except orjson.JSONDecodeError:
        return None


# tg-archive. What it keeps as a photo may be any file, so that only the kinds of polls and previews are certain.


def _tg_archive_rows(tables: Tables, _: Hints) -> Iterator[Values]:
    media = {
        key: row for key, row in _by_id(tables, "media", "id").items() if _text(row.get("type")) in ("poll", "webpage")
    }
    for row in tables.rows("messages"):
        kept = {key: row[key] for key in ("id", "type", "date", "edit_date", "content", "reply_to")}
        yield kept | _tg_archive_media(media.get(row["media_id"]))


def _tg_archive_media(media: Values | None) -> Values:
    if media is None:
        return {}
    title = _text(media.get("title"))
    if _text(media["type"]) == "webpage":
        return {"media": "webpage", "preview": title}
    options = _json(media.get("description"))
    answers = [
        {"answer": one.get("label"), "votes": one.get("count")} for one in options or [] if isinstance(one, dict)
    ]
    return {"media": "poll", "poll": {"question": title, "answers": answers}}


# telegram-export.

_TELEGRAM_EXPORT = re.compile(rb'CREATE TABLE\s++"?Message"?\s*+\([^)]*?ContextID', re.IGNORECASE)
_PUBLIC = "messages of public channels, or of the channel that --channel names by its number"
_TAKE_OUT = "take the channel's rows into a database of its own; private chats may not be kept"


def _telegram_export_rows(tables: Tables, hints: Hints) -> Iterator[Values]:
    channels = {row["ID"]: row for row in tables.rows("Channel")}
    _refuse_private_chats(tables, channels, hints)
    forwards = _by_id(tables, "Forward", "ID") if "Forward" in tables.columns else {}
    media = _by_id(tables, "Media", "ID") if "Media" in tables.columns else {}
    for row in tables.rows("Message"):
        channel = channels.get(row["ContextID"], {})
        yield (
            {
                key: row.get(key)
                for key in ("ID", "ContextID", "Date", "Message", "ReplyMessageID", "PostAuthor", "ViewCount")
            }
            | {"Title": channel.get("Title"), "Username": channel.get("Username")}
            | _forward(forwards.get(row.get("ForwardID")))
            | _export_media(row, media.get(row.get("MediaID")))
            | _export_service(row)
        )


def refuse_private_chats(data: bytes, hints: Hints) -> None:
    """Raise `ExtractError` for a database of telegram-export unless all chats in it may be kept; any other passes."""
    if _TELEGRAM_EXPORT.search(data) is None:
        return
    if len(data) > MOST_BYTES:
        raise TooLarge(f"a database of more than {MOST_BYTES:,} bytes", "a smaller one", _TAKE_OUT)
    with Tables(data) as tables:
        if "ContextID" not in tables.columns.get("Message", ()):
            return
        channels = {row.get("ID"): row for row in tables.rows("Channel")} if "Channel" in tables.columns else {}
        _refuse_private_chats(tables, channels, hints)
        if tables.fault is not None:
            raise UnreadableInput(
                f"a database of which nobody can tell whose chats it holds ({tables.fault})", _PUBLIC, _TAKE_OUT
            )


def _refuse_private_chats(tables: Tables, channels: Mapping[object, Values], hints: Hints) -> None:
    """Raise `UnreadableInput` where messages are of other chats than public channels or the one that is asked for."""
    asked = hints.channel_id
    private = {
        context
        for row in tables.rows("Message")
        if (context := row["ContextID"]) not in channels
        or not (channels[context].get("Username") or bare_channel_id(context) == asked)
    }
    if private:
        raise UnreadableInput(
            f"a database with messages of chats that are no public channels ({len(private)})",
            _PUBLIC,
            _TAKE_OUT,
        )


def _forward(forward: Values | None) -> Values:
    if forward is None:
        return {}
    # FromID is a person's where there is no post of a channel.
    peer = "PeerUser" if forward.get("ChannelPost") is None else "PeerChannel"
    kept = {key: forward.get(key) for key in ("OriginalDate", "FromID", "ChannelPost")}
    return {**kept, "peer": peer}


def _export_media(row: Values, media: Values | None) -> Values:
    # It keeps no row of media that it doesn't know, polls among them, so that none proves nothing.
    if row.get("MediaID") is None:
        return {}
    kind = _text(None if media is None else media.get("Type"))
    shown = {"preview": _text(media.get("Name"))} if media is not None and kind == "webpage" else {}
    return {"media": kind or "unknown", **shown}


def _export_service(row: Values) -> Values:
    action = _text(row.get("ServiceAction"))
    if not action:
        return {}
    told = _json(row.get("Message"))
    detail = told.get("title") if isinstance(told, dict) else None
    return {"service": action, "detail": detail if isinstance(detail, str) else None}


def _scraper_rows(tables: Tables, _: Hints) -> Iterator[Values]:
    """Rows without the names of those who sent them."""
    left_out = ("id", "sender_id", "first_name", "last_name", "username", "media_path")
    for row in tables.rows("messages"):
        yield {key: value for key, value in row.items() if key not in left_out}


def _columns(columns: str) -> dict[Field, str]:
    return {Field(field): name for field, name in (pair.split("=") for pair in columns.split())}


_TOOLS = (
    _Tool(
        "tg_archive",
        {
            "messages": frozenset({"id", "type", "date", "edit_date", "content", "reply_to", "user_id", "media_id"}),
            "media": frozenset({"id", "type"}),
        },
        _columns(
            "id=id text=content date=date edited=edit_date reply_to=reply_to service=type media=media poll=poll "
            "preview=preview"
        ),
        _tg_archive_rows,
    ),
    _Tool(
        "telegram_export",
        {
            "Message": frozenset({"ID", "ContextID", "Date", "Message"}),
            "Channel": frozenset({"ID", "Title", "Username"}),
        },
        _columns(
            "id=ID channel_id=ContextID channel=Username channel_title=Title text=Message date=Date "
            "reply_to=ReplyMessageID author=PostAuthor views=ViewCount forwarded_date=OriginalDate "
            "forwarded_from_id=FromID forwarded_message_id=ChannelPost forwarded_from_peer=peer media=media "
            "preview=preview service=service service_detail=detail"
        ),
        _telegram_export_rows,
    ),
    _Tool(
        "telegram_scraper",
        {"messages": frozenset({"message_id", "date", "sender_id", "message", "media_type"})},
        _columns(
            "id=message_id text=message date=date reply_to=reply_to views=views forwards=forwards author=post_author "
            "reactions=reactions media=media_type"
        ),
        _scraper_rows,
    ),
)
