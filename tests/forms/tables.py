"""Posts as rows: CSV of 4CAT, of telegram-tracker and of nobody known, SQLite of tg-archive and of telegram-export."""

import csv
import io
import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from zoneinfo import ZoneInfo

from tests.forms.made import (
    CHANNEL_ID,
    OTHER_ID,
    OTHER_TITLE,
    OTHER_USERNAME,
    TITLE,
    USERNAME,
    Attached,
    MadePost,
)

DECLARED = "id=msg, text=body, date=when, views=seen by"
_SERVER = ZoneInfo("Europe/Amsterdam")


def without_services(posts: Iterable[MadePost]) -> list[MadePost]:
    """Return the posts that such tables hold."""
    return [post for post in posts if post.new_title is None]


def _csv(header: str, rows: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return out.getvalue().encode()


def four_cat(posts: Sequence[MadePost], views: int = 4853) -> bytes:
    """Return a CSV of 4CAT, which names the channel and has no number of it."""
    header = (
        "id,thread_id,chat,author,author_username,author_name,author_is_bot,body,reply_to,views,timestamp,"
        "unix_timestamp,timestamp_edited,unix_timestamp_edited,author_forwarded_from_name,"
        "author_forwarded_from_username,timestamp_forwarded_from,unix_timestamp_forwarded_from,attachment_type,"
        "attachment_data,attachment_filename"
    )
    return _csv(header, (_four_cat_row(post, views) for post in without_services(posts)))


def _four_cat_row(post: MadePost, views: int) -> list[object]:
    name = USERNAME.lower()
    edited, origin = post.edited_at, post.origin
    kind = "" if post.attached is None else post.attached.value
    data = ""
    if post.attached in (Attached.VIDEO, Attached.DOCUMENT):
        kind = "document"
    if post.poll is not None:
        question, options = post.poll
        answers = [{"answer": option, "votes": 3} for option in options]
        kind, data = "poll", json.dumps({"question": question, "voters": 9, "answers": answers})
    return [
        f"{name}-{post.number}",
        name,
        name,
        CHANNEL_ID,
        name,
        "",
        "no",
        post.text,
        post.reply_to or "",
        views,
        f"{post.at.astimezone(_SERVER):%Y-%m-%d %H:%M:%S}",
        int(post.at.timestamp()),
        "" if edited is None else f"{edited.astimezone(_SERVER):%Y-%m-%d %H:%M:%S}",
        "" if edited is None else int(edited.timestamp()),
        "" if origin is None else OTHER_TITLE,
        "" if origin is None else OTHER_USERNAME,
        "" if origin is None else f"{origin.at.astimezone(_SERVER):%Y-%m-%d %H:%M:%S}",
        "" if origin is None else int(origin.at.timestamp()),
        kind,
        data,
        "",
    ]


def declared_table(posts: Sequence[MadePost], views: int = 4853) -> bytes:
    """Return a CSV with columns that a person must declare, see `DECLARED`."""
    rows = ((post.number, post.text, post.at.isoformat(), views) for post in without_services(posts))
    return _csv("msg,body,when,seen by", rows)


def telegram_tracker(posts: Sequence[MadePost]) -> bytes:
    """Return a CSV of telegram-tracker, which has the channel's number beside its username."""
    header = (
        "signature,channel_id,channel_name,msg_id,message,cleaned_message,date,msg_link,msg_from_peer,msg_from_id,"
        "views,number_replies,number_forwards,is_forward,forward_msg_from_peer_type,forward_msg_from_peer_id,"
        "forward_msg_from_peer_name,forward_msg_date,forward_msg_date_string,forward_msg_link,is_reply,"
        "reply_to_msg_id,reply_msg_link,contains_media,media_type,has_url,url,domain,url_title,url_description"
    )
    return _csv(header, (_tracker_row(post) for post in without_services(posts)))


def _tracker_row(post: MadePost) -> list[object]:
    origin = post.origin
    forward: list[object] = [0, "", "", "", "", "", ""]
    if origin is not None:
        day, link = f"{origin.at:%Y-%m-%d}", f"https://t.me/{OTHER_USERNAME}/{origin.message_id}"
        forward = [1, "PeerChannel", OTHER_ID, OTHER_USERNAME, f"{origin.at:%Y-%m-%d %H:%M:%S}", day, link]
    media = {None: "", Attached.PHOTO: "MessageMediaPhoto"}.get(post.attached, "MessageMediaDocument")
    media = "MessageMediaPoll" if post.poll is not None else media
    reply = post.reply_to
    name, folded = USERNAME.lower(), " ".join(post.text.split())
    head = ["s", CHANNEL_ID, name, post.number, post.text, folded, f"{post.at:%Y-%m-%d %H:%M:%S}+00:00"]
    link = f"https://t.me/{name}/{post.number}"
    answers = [0, "", ""] if reply is None else [1, f"{reply}.0", f"https://t.me/{name}/{reply}"]
    return [*head, link, "", "", 4853, 0, 7, *forward, *answers, int(bool(media)), media, 0, "", "", "", ""]


def tg_archive(posts: Sequence[MadePost]) -> bytes:
    """Return a database of tg-archive, which holds one channel and doesn't say which."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(
            """
            create table messages (id integer not null primary key, type text not null, date timestamp not null,
                edit_date timestamp, content text, reply_to integer, user_id integer, media_id integer);
            create table users (id integer not null primary key, username text, first_name text, last_name text,
                tags text, avatar text);
            create table media (id integer not null primary key, type text, url text, title text, description text,
                thumb text);
            """
        )
        for post in without_services(posts):
            edited = None if post.edited_at is None else f"{post.edited_at:%Y-%m-%d %H:%M:%S}"
            media = post.number if post.attached is not None or post.poll is not None else None
            row = (post.number, "message", f"{post.at:%Y-%m-%d %H:%M:%S}", edited, post.text, post.reply_to, 5, media)
            database.execute("insert into messages values (?, ?, ?, ?, ?, ?, ?, ?)", row)
            if post.poll is not None:
                question, options = post.poll
                answers = json.dumps([{"label": option, "count": 3, "correct": False} for option in options])
                database.execute("insert into media values (?, 'poll', null, ?, ?, null)", (media, question, answers))
            elif media is not None:
                database.execute("insert into media values (?, 'photo', 'a.jpg', 'a.jpg', null, null)", (media,))
        database.commit()
        return database.serialize()


def telegram_export(posts: Sequence[MadePost]) -> bytes:
    """Return a database of telegram-export."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(
            """
            create table Forward (ID integer primary key autoincrement, OriginalDate int not null, FromID int,
                ChannelPost int, PostAuthor text);
            create table Media (ID integer primary key autoincrement, Name text, MimeType text, Size int,
                ThumbnailID int, Type text, LocalID int, VolumeID int, Secret int, Extra text);
            create table Channel (ID int not null, DateUpdated int not null, About text, Title text not null,
                Username text, PictureID int, PinMessageID int, primary key (ID, DateUpdated)) without rowid;
            create table Message (ID int not null, ContextID int not null, Date int not null, FromID int, Message text,
                ReplyMessageID int, ForwardID int, PostAuthor text, ViewCount int, MediaID int, Formatting text,
                ServiceAction text, primary key (ID, ContextID)) without rowid;
            """
        )
        context = -1_000_000_000_000 - CHANNEL_ID
        database.execute("insert into Channel values (?, 1, '', ?, ?, null, null)", (context, TITLE, USERNAME))
        for post in posts:
            database.execute(
                "insert into Message values (?, ?, ?, null, ?, ?, ?, null, 4853, ?, null, ?)",
                (post.number, context, int(post.at.timestamp()), *_export_row(database, post)),
            )
        database.commit()
        return database.serialize()


def _export_row(database: sqlite3.Connection, post: MadePost) -> tuple[object, ...]:
    if post.new_title is not None:
        return (json.dumps({"title": post.new_title}), None, None, None, "chat.edittitle")
    forward = media = None
    if post.origin is not None:
        at = int(post.origin.at.timestamp())
        inserted = "insert into Forward (OriginalDate, FromID, ChannelPost) values (?, ?, ?)"
        forward = database.execute(inserted, (at, OTHER_ID, post.origin.message_id)).lastrowid
    if post.attached is not None:
        kind = "photo" if post.attached is Attached.PHOTO else "document"
        media = database.execute("insert into Media (Name, Type) values ('a', ?)", (kind,)).lastrowid
    return (post.text, post.reply_to, forward, media, None)
