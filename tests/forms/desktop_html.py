"""Posts as Telegram Desktop exports them to HTML: messages.html, messages2.html and so on."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from tests.forms.desktop_json import USUAL, Exporter
from tests.forms.made import (
    OTHER_TITLE,
    Attached,
    MadePost,
    Mark,
    Piece,
)

PART = 30  # messages in a file of the export; 1,000 in real ones
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;", "\u00a0": "&nbsp;", "\n": "<br>"}


def written(text: str) -> str:
    """Return a text as markup."""
    return "".join(_ENTITIES.get(sign, sign) for sign in text)


def desktop_html(posts: Sequence[MadePost], exporter: Exporter = USUAL) -> dict[str, bytes]:
    """Return the files of an export, by their names."""
    parts = [posts[start : start + PART] for start in range(0, len(posts), PART)]
    names = ["messages.html", *(f"messages{number}.html" for number in range(2, len(parts) + 1))]
    return {
        name: _part(part, exporter, after) for name, part, after in zip(names, parts, [*names[1:], None], strict=True)
    }


def _part(posts: Sequence[MadePost], exporter: Exporter, after: str | None) -> bytes:
    more = (
        "" if after is None else f'     <a class="pagination block_link" href="{after}">\nNext messages\n     </a>\n\n'
    )
    return (
        '<!DOCTYPE html>\n<html>\n\n <head>\n\n  <meta charset="utf-8"/>\n<title>Exported Data</title>\n'
        '  <link href="css/style.css" rel="stylesheet"/>\n\n </head>\n\n <body onload="CheckLocation();">\n\n'
        '  <div class="page_wrap">\n\n   <div class="page_header">\n\n    <div class="content">\n\n'
        f'     <div class="text bold">\n{written(exporter.title or "")} \n     </div>\n\n    </div>\n\n   </div>\n\n'
        '   <div class="page_body chat_page">\n\n    <div class="history">\n\n'
        f"{''.join(_rows(posts, exporter))}{more}    </div>\n\n   </div>\n\n  </div>\n\n </body>\n\n</html>\n"
    ).encode()


def _rows(posts: Sequence[MadePost], exporter: Exporter) -> Iterator[str]:
    day = None
    for number, post in enumerate(posts, 1):
        local = post.at.astimezone(ZoneInfo(exporter.zone))
        if local.date() != day:
            day = local.date()
            yield _service(f"message-{number}", f"{local.day} {local:%B %Y}")
        if post.new_title is not None:
            yield _service(f"message{post.number}", f"Channel title changed to &laquo;{written(post.new_title)}&raquo;")
        else:
            yield _default(post, exporter)


def _service(identifier: str, words: str) -> str:
    return (
        f'     <div class="message service" id="{identifier}">\n\n      <div class="body details">\n{words}\n'
        "      </div>\n\n     </div>\n\n"
    )


def _printed(at: datetime, zone: str) -> str:
    """Return a date with the label of the zone's standard offset, which is what the exporter prints in summer too."""
    local = at.astimezone(ZoneInfo(zone))
    standard = (local.utcoffset() or timedelta()) - (local.dst() or timedelta())
    minutes = round(standard.total_seconds() / 60)
    sign = "+" if minutes >= 0 else "-"
    return f"{local:%d.%m.%Y %H:%M:%S} UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _default(post: MadePost, exporter: Exporter) -> str:
    content = _desktop_media(post, exporter) + _desktop_text(post)
    if post.origin is not None:
        at = _printed(post.origin.at, exporter.zone)
        name = f'{OTHER_TITLE} <span class="date details" title="{at}"> {at}</span>'
        content = (
            f'       <div class="forwarded body">\n\n        <div class="from_name">\n{name}\n        </div>\n\n'
            f"{content}       </div>\n\n"
        )
    if post.reply_to is not None:
        to = f'<a href="#go_to_message{post.reply_to}" onclick="return GoToMessage({post.reply_to})">this message</a>'
        content = f'       <div class="reply_to details">\nIn reply to {to}\n       </div>\n\n{content}'
    printed = _printed(post.at, exporter.zone)
    return (
        f'     <div class="message default clearfix" id="message{post.number}">\n\n'
        '      <div class="pull_left userpic_wrap">\n\n       <div class="userpic userpic4">\n\n'
        '        <div class="initials">\nM\n        </div>\n\n       </div>\n\n      </div>\n\n'
        '      <div class="body">\n\n'
        f'       <div class="pull_right date details" title="{printed}">\n{printed[11:16]}\n       </div>\n\n'
        f'       <div class="from_name">\n{written(exporter.title or "")} \n       </div>\n\n'
        f"{content}{_liked(exporter.likes)}      </div>\n\n     </div>\n\n"
    )


def _liked(likes: int) -> str:
    return (
        (
            '       <span class="reactions">\n\n        <span class="reaction">\n\n         <span class="emoji">\n👍\n'
            f'         </span>\n\n         <span class="count">\n{likes}\n         </span>\n\n        </span>\n\n'
            "       </span>\n\n"
        )
        if likes
        else ""
    )


def _desktop_text(post: MadePost) -> str:
    words = "".join(map(_desktop_piece, post.pieces))
    return f'       <div class="text">\n{words}\n       </div>\n\n' if words else ""


def _desktop_piece(piece: Piece) -> str:
    words = written(piece.text)
    if piece.mark is Mark.BOLD:
        return f"<strong>{words}</strong>"
    if piece.mark is Mark.ITALIC:
        return f"<em>{words}</em>"
    if piece.mark is Mark.HASHTAG:
        return f'<a href="" onclick="return ShowHashtag(&quot;{words[1:]}&quot;)">{words}</a>'
    if piece.mark is Mark.MENTION:
        return f'<a href="" onclick="return ShowMentionName()">{words}</a>'
    if piece.mark is Mark.CUSTOM_EMOJI:
        return words
    address = {Mark.TEXT_LINK: piece.address, Mark.LINK: piece.text, Mark.EMAIL: f"mailto:{piece.text}"}
    return f'<a href="{escape(address[piece.mark])}">{words}</a>' if piece.mark in address else words


def _desktop_media(post: MadePost, exporter: Exporter) -> str:
    if post.poll is not None:
        question, options = post.poll
        answers = "".join(
            f'\n         <div class="answer">\n- {written(option)}\n         </div>\n' for option in options
        )
        media = (
            '        <div class="media_poll">\n\n         <div class="question bold">\n'
            f'{written(question)}\n         </div>\n\n         <div class="details">\nAnonymous poll\n'
            f"         </div>\n"
            f'{answers}\n         <div class="total details">\n0 votes\n         </div>\n\n        </div>\n'
        )
    elif post.attached is None:
        return ""
    elif post.attached is Attached.PHOTO and exporter.has_files:
        media = f'        <a class="photo_wrap clearfix pull_left" href="photos/{post.number}.jpg"></a>\n'
    else:
        kind, title, status = {
            Attached.PHOTO: ("photo", "Photo", "1280×853, 177.0 KB"),
            Attached.VIDEO: ("video", "Video file", "00:27, 2.0 MB"),
            Attached.DOCUMENT: ("file", written(post.file_name or ""), "4.0 KB"),
        }[post.attached]
        media = (
            f'        <div class="media clearfix pull_left media_{kind}">\n\n'
            '         <div class="fill pull_left"></div>\n\n'
            f'         <div class="body">\n\n          <div class="title bold">\n{title}\n          </div>\n\n'
            '          <div class="description">\nNot included, change data exporting settings to download.\n'
            f'          </div>\n\n          <div class="status details">\n{status}\n          </div>\n\n'
            "         </div>\n\n        </div>\n"
        )
    return f'       <div class="media_wrap clearfix">\n\n{media}\n       </div>\n\n'
