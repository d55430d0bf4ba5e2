"""What is known to go wrong with Telegram's forms, one row each: input, and what must come of it.

Sizes of gigabytes are a matter of the benchmark; that no input is read whole is one of these rows.
"""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from extract.formats import claimants, formats
from extract.model import Claim, Hints
from extract.richer import facets_of
from tests.forms.desktop_html import desktop_html
from tests.forms.desktop_json import OLD_SHIFT, USUAL, desktop_json
from tests.forms.dumps import pyrogram, telethon
from tests.forms.made import CHANNEL_ID, POSTS, USERNAME, MadePost, Mark, Piece, said, tag, words_to
from tests.forms.preview import preview_page
from tests.forms.seen import (
    Values,
    channels,
    edits,
    held,
    keys,
    links,
    names,
    notices,
    omissions,
    reasons,
    records,
    replies,
    said_and_noted,
    texts,
    titles,
    values,
)
from tests.forms.tables import declared_table

SEEDS = Path(__file__).parents[2] / "seeds" / "documents"
JSON, HTML, PREVIEW = "telegram_desktop_json", "telegram_desktop_html", "telegram_preview"


def message(**keys: object) -> dict[str, Any]:
    base = {"id": 1, "type": "message", "date": "2024-07-26T15:00:00", "date_unixtime": "1721998800", "text": "Words"}
    return {name: value for name, value in (base | keys).items() if value is not ...}


def chat(*messages: dict[str, Any], **keys: object) -> bytes:
    whole = {"name": "Ministry", "type": "public_channel", "id": CHANNEL_ID, "messages": list(messages)}
    return json.dumps(whole | keys, ensure_ascii=False, indent=1).encode()


def block(post: MadePost, inner: str = "", username: str = USERNAME) -> bytes:
    """Return a page of the preview with one post, and more markup above its text."""
    mark = '<div class="tgme_widget_message_text js-message_text"'
    return preview_page([[post]], username=username).replace(mark.encode(), inner.encode() + mark.encode())


ONE = MadePost(1, said("Words"))
SUMMER = next(post for post in POSTS if post.at.month == 7)
HINTED = Hints("traps", channel=USERNAME.lower(), channel_id=CHANNEL_ID)
EMOJI = MadePost(1, said("🎙🇷🇺 ", tag("#ASEAN"), " ", words_to("a link", "https://example.org/"), " 🔥"))
ACCOUNT = json.dumps(
    {
        "about": "Here is the data you requested.",
        "chats": {
            "about": "",
            "list": [
                {"name": "A Person", "type": "personal_chat", "id": 7, "messages": [message(text="A secret")]},
                {"name": "Ministry", "type": "public_channel", "id": CHANNEL_ID, "messages": [message()]},
            ],
        },
    }
).encode()


def seed(name: str) -> bytes:
    return (SEEDS / name).read_bytes()


@dataclass(frozen=True, slots=True)
class Trap:
    """One input, what is looked at in what is read of it, and what that must be."""

    name: str
    form: str
    data: bytes
    shown: Callable[[Values], object]
    expected: object
    hints: Hints = field(default=Hints("traps"))


TRAPS = (
    Trap(
        "doubled text: the seeds have 29 posts with words, each once, and one without",
        "channel_dump",
        seed("002_f8ed40bbac4ad26b.txt") + b"\n" + seed("004_5386bee5090c7a93.txt"),
        lambda found: (len(texts(found)), texts(found).count(""), reasons(found)),
        (30, 1, []),
    ),
    Trap(
        "lines that stand twice because the publisher wrote them twice: first dump",
        "channel_dump",
        seed("002_f8ed40bbac4ad26b.txt"),
        omissions,
        [2, 2],
    ),
    Trap(
        "lines that stand twice because the publisher wrote them twice: second dump",
        "channel_dump",
        seed("004_5386bee5090c7a93.txt"),
        omissions,
        [2, 2],
    ),
    Trap(
        r"control characters that are written as \x0B, which is no JSON",
        JSON,
        chat(message(text="a?b")).replace(b"a?b", rb"a\x0Bb"),
        lambda found: (texts(found), reasons(found)),
        (["a␋b"], []),
    ),
    Trap(
        r"the same letters after a backslash of the publisher's",
        JSON,
        chat(message(text=r"a\x0Bb")),
        said_and_noted,
        ([r"a\x0Bb"], []),
    ),
    Trap(
        "half of a pair of surrogates",
        JSON,
        chat(message(text="a?b")).replace(b"a?b", rb"a\ud83db"),
        said_and_noted,
        (["a\N{REPLACEMENT CHARACTER}b"], ["odd_characters"]),
    ),
    Trap(
        "half of a pair of surrogates, of Telethon",
        "telethon",
        telethon([ONE]).replace(b'"Words"', rb'"a\ud83db"'),
        said_and_noted,
        (["a\N{REPLACEMENT CHARACTER}b"], ["odd_characters"]),
    ),
    Trap(
        "NUL and other control characters",
        JSON,
        chat(message(text="a\0b\x1fc\td")),
        said_and_noted,
        (["a␀b␟c\td"], ["odd_characters"]),
    ),
    Trap("offsets in UTF-16, of Telethon", "telethon", telethon([EMOJI]), links, [("a link", "https://example.org/")]),
    Trap("offsets in UTF-16, of Pyrogram", "pyrogram", pyrogram([EMOJI]), links, [("a link", "https://example.org/")]),
    Trap(
        "offsets in UTF-16: a tag after emoji",
        "telethon",
        telethon([EMOJI]),
        lambda found: [record.hashtags for record in records(found)],
        [("ASEAN",)],
    ),
    Trap(
        "bidirectional marks are the publisher's",
        JSON,
        chat(message(text="a\u200f\u202eb\u202c")),
        said_and_noted,
        (["a\u200f\u202eb\u202c"], []),
    ),
    Trap("a text that is a string", JSON, chat(message(text="One\n\ntwo")), texts, ["One\n\ntwo"]),
    Trap(
        "a text that is a list",
        JSON,
        chat(message(text=["One ", {"type": "bold", "text": "two"}, "\n\nthree"])),
        texts,
        ["One two\n\nthree"],
    ),
    Trap("a text that is an empty list", JSON, chat(message(text=[])), texts, [""]),
    Trap(
        "a text that is missing",
        JSON,
        chat(message(text=...)),
        lambda found: (texts(found), reasons(found)),
        ([""], []),
    ),
    Trap(
        "a text in blocks",
        JSON,
        chat(message(text=..., rich_message={"blocks": [{"type": "paragraph", "text": "One"}]})),
        texts,
        ["One"],
    ),
    Trap("an edit in 1970", JSON, chat(message(edited="1970-01-01T01:00:00")), edits, [(False, None)]),
    Trap(
        "an edit that is one",
        JSON,
        chat(message(edited="2024-07-26T15:10:00", edited_unixtime="1721999400")),
        edits,
        [(True, datetime(2024, 7, 26, 13, 10, tzinfo=UTC))],
    ),
    Trap(
        "numbers for ids: 8589934592 and more",
        JSON,
        chat(message(), id=OLD_SHIFT + CHANNEL_ID),
        channels,
        [CHANNEL_ID],
    ),
    Trap(
        "numbers for ids: that of an export of 2019",
        JSON,
        chat(message(from_id=10_083_966_286), id=10_083_966_286),
        channels,
        [1_494_031_694],
    ),
    Trap(
        "numbers for ids: -100 before that of Pyrogram",
        "pyrogram",
        pyrogram([ONE], 1, 1_494_031_694),
        channels,
        [1_494_031_694],
    ),
    Trap(
        "clocks set back: local dates out of order, seconds since 1970 in order",
        JSON,
        chat(
            message(id=1, date="2024-10-27T02:50:00", date_unixtime="1729990200"),
            message(id=2, date="2024-10-27T02:10:00", date_unixtime="1729991400"),
        ),
        lambda found: [f"{record.published_at:%H:%M}" for record in records(found)],
        ["00:50", "01:10"],
    ),
    Trap(
        "a message without an id",
        JSON,
        chat(message(id=...), message(id=2)),
        lambda found: (keys(found), reasons(found)),
        ([f"telegram:{CHANNEL_ID}:2"], ["missing_id"]),
    ),
    Trap(
        "a message without a date",
        JSON,
        chat(message(date=..., date_unixtime=...)),
        lambda found: ([record.published_at for record in records(found)], notices(found)),
        ([None], ["no_date"]),
    ),
    Trap(
        "a message that the exporter could not show",
        JSON,
        chat({"id": 1, "type": "unsupported"}),
        said_and_noted,
        ([""], ["words_not_shown"]),
    ),
    Trap(
        "one id twice in a file: both readings are kept, in their order",
        JSON,
        chat(message(text="Before"), message(text="After")),
        lambda found: (texts(found), len(set(keys(found)))),
        (["Before", "After"], 1),
    ),
    Trap(
        "ids of a group that was migrated, below zero",
        JSON,
        chat(message(id=-999_999_990)),
        lambda found: (keys(found), notices(found)),
        ([f"telegram:{CHANNEL_ID}:-999999990"], ["migrated_group"]),
    ),
    Trap(
        "an account-wide export is none of a channel",
        JSON,
        ACCOUNT,
        lambda found: (texts(found), reasons(found)),
        ([], ["not_this_format"]),
    ),
    Trap(
        "a private chat",
        JSON,
        chat(message(text="A secret"), type="personal_chat"),
        lambda found: (texts(found), reasons(found), "secret" in str(found)),
        ([], ["not_this_format"], False),
    ),
    Trap(
        "a quote of the post that is answered, which stands above the text in the same class",
        PREVIEW,
        preview_page([[MadePost(9, said("An answer"), reply_to=2)]]).replace(
            b"text js-message_reply_text", b"text js-message_text js-message_reply_text"
        ),
        replies,
        [("An answer", 2)],
    ),
    Trap(
        "an empty page of the preview, which may be a limit of requests",
        PREVIEW,
        preview_page([]).replace(b"</section>", b'<div class="tme_no_messages_found">No posts found</div></section>'),
        lambda found: (texts(found), reasons(found)),
        ([], ["no_document"]),
    ),
    Trap(
        "a path that leads out of the export",
        JSON,
        chat(message(photo="../../etc/passwd", width=1, height=1)),
        held,
        [(None, ["path_leads_out"])],
    ),
    Trap(
        "a path that leads out of the export, in HTML",
        HTML,
        desktop_html([POSTS[12]], replace(USUAL, has_files=True))["messages.html"].replace(
            b'href="photos/', b'href="photos/../../../etc/'
        ),
        held,
        [(None, ["path_leads_out"])],
        HINTED,
    ),
    Trap(
        "words that stand for media are no headline",
        PREVIEW,
        block(
            MadePost(1, said("A headline")),
            '<div class="message_media_not_supported_wrap"><div class="message_media_not_supported"><div '
            'class="message_media_not_supported_label">This media is not supported in your browser</div></div></div>',
        ),
        titles,
        [("A headline", "A headline", True)],
    ),
    Trap(
        "words that stand for media are no headline, in a dump",
        "channel_dump",
        b"Forwarded from A\nThis media is not supported in your browser\nVIEW IN TELEGRAM\nA headline\nMore\nMore",
        titles,
        [("A headline", "A headline\nMore", True)],
    ),
    Trap(
        "markup as deep as a mine",
        PREVIEW,
        block(ONE).replace(b">Words<", b">Words" + b"<b>" * 100_000 + b"<"),
        reasons,
        ["too_large"],
    ),
    Trap(
        "scripts are never words",
        PREVIEW,
        block(ONE).replace(b">Words<", b">Wo<script>alert(1)</script>rds<style>b{}</style><"),
        lambda found: (texts(found), "alert" in str(found)),
        (["Words"], False),
    ),
    Trap(
        "scripts are never words, in HTML",
        HTML,
        desktop_html([ONE])["messages.html"].replace(b"\nWords\n", b"\nWo<script>alert(1)</script>rds\n"),
        lambda found: (texts(found), "alert" in str(found)),
        (["Words"], False),
        HINTED,
    ),
    Trap(
        "markup that the publisher wrote as words",
        PREVIEW,
        preview_page([[MadePost(1, said("<script>alert(1)</script> & <...>"))]]),
        texts,
        ["<script>alert(1)</script> & <...>"],
    ),
    Trap(
        "a username in another case",
        PREVIEW,
        block(ONE, username=USERNAME.upper()),
        lambda found: [(one.key, one.post.username) for one in records(found) if one.post is not None],
        [(ONE.key, USERNAME.lower())],
    ),
    Trap(
        "names that are null",
        JSON,
        chat(message(**{"from": None}, forwarded_from=None), name=None),
        names,
        [(None, None)],
    ),
    Trap(
        "the name of a deleted account, in HTML",
        HTML,
        desktop_html([POSTS[7]])["messages.html"].replace(b"Other MFA", b"Deleted Account"),
        lambda found: [forwarded for _, forwarded in names(found)],
        [None],
        HINTED,
    ),
)


@pytest.mark.parametrize("trap", TRAPS, ids=[trap.name for trap in TRAPS])
def test_traps(trap: Trap) -> None:
    assert trap.shown(values(trap.form, trap.data, trap.hints)) == trap.expected


# What differs between two inputs and is no matter of the publisher's.

PICTURE = message(photo="photos/1.jpg", width=1, height=1)
SKIPPED = (
    "(File not included. Change data exporting settings to download.)",
    "(File exceeds maximum size. Change data exporting settings to download.)",
    "(File unavailable, please try again later)",
    "(Photo not included. Change data exporting settings to download.)",
)
LIKED = {"type": "emoji", "count": 3, "emoji": "👍", "recent": [{"from": "A Person", "from_id": "user1"}]}
PAIRS: dict[str, tuple[str, bytes, bytes]] = {
    **{
        f"a picture that came along, and {words}": (JSON, chat(PICTURE), chat(PICTURE | {"photo": words}))
        for words in SKIPPED
    },
    "a name before the words for a file that is missing": (
        JSON,
        chat(message(file="files/report.pdf", file_name="report.pdf", mime_type="application/pdf")),
        chat(message(file=f"report.pdf {SKIPPED[0]}", mime_type="application/pdf")),
    ),
    "reactions": (JSON, chat(message(reactions=[LIKED])), chat(message(reactions=[LIKED | {"count": 9}]))),
    "views, on a page": (PREVIEW, preview_page([[ONE]], "4.85K"), preview_page([[ONE]], "1.1M")),
    "views, of Telethon": ("telethon", telethon([ONE], 1), telethon([ONE], 2)),
    "a local date": (JSON, chat(message()), chat(message(date="2024-07-26T09:00:00"))),
    "the title of the channel": (JSON, chat(message()), chat(message(), name="Another")),
    "paths of emoji": (
        JSON,
        *(
            chat(message(text=[{"type": "custom_emoji", "text": "🔥", "document_id": path}]))
            for path in ("stickers/AnimatedSticker (1).tgs", "(unavailable)")
        ),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_two_exports_of_one_post_agree_on_every_facet_whatever_else_differs(name: str) -> None:
    form, first, second = PAIRS[name]
    [one], [other] = records(values(form, first)), records(values(form, second))
    assert (one.text, facets_of(one)) == (other.text, facets_of(other))


def test_nobody_who_reacted_is_kept() -> None:
    assert "A Person" not in str(values(JSON, chat(message(reactions=[LIKED]))))


def test_a_post_of_summer_has_one_key_in_json_and_in_html_and_instants_an_hour_apart() -> None:
    [by_json] = records(values(JSON, desktop_json([SUMMER])))
    [by_html] = records(values(HTML, desktop_html([SUMMER])["messages.html"], HINTED))
    assert by_json.key == by_html.key
    assert (by_json.published_at, by_html.published_at) == (SUMMER.at, SUMMER.at + timedelta(hours=1))


THREE = [MadePost(number, said("Post ", Piece(f"{number}", Mark.BOLD), ' 🎙 {["\\]}')) for number in (1, 2, 3)]
WHOLE = desktop_json(THREE)


def test_of_an_export_that_is_cut_anywhere_every_whole_message_is_read_and_the_rest_is_told() -> None:
    whole = records(values(JSON, WHOLE))
    for cut in range(len(WHOLE)):
        found = values(JSON, WHOLE[:cut])
        kept = [record for record in whole if record.byte_to <= cut]
        assert texts(found) == [record.text for record in kept], cut
        if kept and WHOLE[cut:].strip():
            assert reasons(found) == ["broken_off"], cut


def many(form: str) -> tuple[bytes, Hints]:
    posts = [
        MadePost(number, said(f"Post number {number}. ", "Its words are many. " * 40)) for number in range(1, 6_001)
    ]
    if form == JSON:
        return desktop_json(posts), Hints("traps")
    if form == "telethon":
        return telethon(posts), Hints("traps")
    return declared_table(posts), replace(HINTED, columns="id=msg, text=body")


@pytest.mark.parametrize("form", [JSON, "telethon", "post_table"])
def test_a_large_export_is_never_read_whole(form: str) -> None:
    data, hints = many(form)
    stream = io.BytesIO(data)
    first = next(iter(formats()[form].split(stream, hints)))
    assert len(first.data) < len(data) / 2
    assert stream.tell() < len(data)


@pytest.mark.parametrize(
    ("data", "claim"),
    [
        (preview_page([[ONE]]), Claim.UNKNOWN),
        (
            preview_page([[ONE]]).replace(b'autocomplete="off" value=""', b'autocomplete="off" value="#BRICS"'),
            Claim.SAMPLE,
        ),
        (desktop_json(THREE), Claim.COMPLETE),
        (desktop_html(THREE)["messages.html"], Claim.UNKNOWN),
        (telethon(THREE), Claim.UNKNOWN),
    ],
    ids=["page", "search", "whole export", "part of an export in HTML", "dump"],
)
def test_only_a_whole_export_claims_to_show_all_and_a_search_page_is_a_sample(data: bytes, claim: Claim) -> None:
    [form] = claimants(data[:65_536])
    assert formats()[form].shows(data[:65_536]) is claim


def test_the_number_on_a_page_survives_a_new_username() -> None:
    assert keys(values(PREVIEW, block(ONE, username="Other_Name"))) == [ONE.key]
