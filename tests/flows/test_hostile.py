"""What is made to do harm does none: bombs, names that climb out, endless texts, scripts, and private chats."""

import io
import json
import sqlite3
import struct
import subprocess
import sys
import tarfile
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from flows import container_limits
from flows.inbox_files import jobs_of, look_into
from flows.inputs import handed_in_job
from tests.conftest import PROJECT, Desk
from tests.flows.test_bad_input import problems
from tests.flows.test_containers import PAGE, put, zipped
from tests.flows.test_folders import ACCOUNT, chat, held
from warehouse.staging import SourceFacts

CHANNEL_ID = 1101170442
SITE_PAGE = PROJECT / "tests" / "golden" / "mid_page_html" / "ordinary_present_site.html"
SECRET = "SECRET"  # noqa: S105 -- words that must be nowhere
Json = dict[str, Any]


def twice(desk: Desk, path: Path, **facts: object) -> list[str]:
    """Hand in what is bad beside what is good, twice, and return the complaints."""
    good = put(path.parent, "good/page.txt", PAGE)
    told = problems(desk.hand_in(path, **facts))
    assert desk.hand_in(good, "beside").is_good
    before = desk.counts()
    assert len(problems(desk.hand_in(path, **facts))) == len(told)
    assert desk.counts() == before | {"run": before["run"] + 1, "run_end": before["run_end"] + 1}
    assert not list((desk.layout.staging / "unpacked").glob("[0-9]*"))
    return told


# Containers.


def overlapping(count: int, size: int) -> bytes:
    """Return a ZIP whose members are all the same few bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    raw = b"\n" * size
    packed = packer.compress(raw) + packer.flush()
    sizes = (zlib.crc32(raw), len(packed), len(raw))
    data = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 0, *sizes, 5, 0) + b"k.txt" + packed
    entry = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 0, *sizes, 5, 0, 0, 0, 0, 0, 0) + b"k.txt"
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(entry) * count, len(data), 0)
    return data + entry * count + end


def nested(depth: int, width: int) -> bytes:
    data = zipped({"x.txt": b"\0" * 400_000})
    for _ in range(depth):
        data = zipped({f"{at}.zip": data for at in range(width)})
    return data


BOMBS = {
    "flat.zip": zipped({"a.txt": PAGE, "b.txt": b"\n" * 3_000_000}),
    "overlapping.zip": overlapping(100, 100_000),
    "nested.zip": nested(2, 4),
    "too_deep.zip": nested(6, 2),
}


def test_bombs_are_told_of_and_leave_nothing_behind(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container_limits, "ALWAYS_BYTES", 1_000_000)
    for name, data in BOMBS.items():
        put(tmp_path, f"in/{name}", data)
    told = twice(desk, tmp_path / "in")
    for name in BOMBS:
        assert any(f"in/{name}" in line and "too_large" in line for line in told)
    assert sum(path.stat().st_size for path in desk.layout.raw.rglob("*.zst")) < 1_000_000


def tar_with_links() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, target in (("folder", "../outside"), ("file.txt", "../outside/key.txt")):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, target
            archive.addfile(link)
        for name in ("folder/key.txt", "../outside/key.txt", "a/../../outside/new.txt"):
            info = tarfile.TarInfo(name)
            info.size = len(PAGE)
            archive.addfile(info, io.BytesIO(PAGE))
    return out.getvalue()


def test_no_member_and_no_row_of_a_manifest_reaches_what_lies_outside(desk: Desk, tmp_path: Path) -> None:
    outside = put(tmp_path, "outside/key.txt", f"{SECRET} key".encode())
    put(tmp_path, "in/t.tar", tar_with_links())
    put(tmp_path, "in/z.zip", zipped({"../outside/key.txt": PAGE, "x/../../outside/new.txt": PAGE}))
    put(tmp_path, "in/m/manifest.csv", b"path,captured_at\n../../outside/key.txt,2024-01-01T10:00:00Z\n")
    put(tmp_path, "in/m/page.txt", PAGE)
    told = twice(desk, tmp_path / "in")
    assert sum("leads out" in line for line in told) == 5
    assert outside.read_bytes() == f"{SECRET} key".encode()
    assert [path.name for path in outside.parent.iterdir()] == ["key.txt"]
    assert SECRET.encode() not in held(desk.home)


def test_paths_of_media_that_lead_out_of_an_export_are_kept_as_printed_and_never_opened(
    desk: Desk, tmp_path: Path
) -> None:
    put(tmp_path, "outside/key.jpg", SECRET.encode())
    export = chat("public_channel", CHANNEL_ID, "words")
    export["messages"][0] |= {"photo": "../outside/key.jpg", "width": 1, "height": 1}  # type: ignore[index]
    assert desk.hand_in(put(tmp_path, "in/result.json", json.dumps(export).encode())).is_good
    assert SECRET.encode() not in held(desk.home)
    assert desk.value("select count(*) from notices where code = 'path_leads_out'") == 1
    assert desk.value("select address from media") == "../outside/key.jpg"


# Texts.

SCRIPTS = (
    "<script>EVIL()</script><style>EVIL{}</style><svg onload='EVIL()'><script>EVIL</script></svg><!-- EVIL -->"
    "<p onclick='EVIL()'>Kept words.</p><iframe srcdoc='EVIL'>EVIL</iframe><template>EVIL</template>"
    "<img src=x onerror='EVIL()'><object data='EVIL'></object>"
)


def test_no_script_and_no_handler_stands_in_a_text(desk: Desk, tmp_path: Path) -> None:
    page = SITE_PAGE.read_text(encoding="utf-8").replace("<blockquote>", f"{SCRIPTS}<blockquote>")
    assert desk.hand_in(put(tmp_path, "page.html", page.encode())).is_good
    (text,) = desk.query("select text from documents")[0]
    assert "Kept words." in str(text)
    assert "EVIL" not in str(text)


ODD = "left \u202eright\u202c \u2066alone\u2069 \u200f NUL \0 bell \x07 paint \x1b[31m end"


def test_marks_of_direction_are_kept_and_what_no_program_can_hold_is_replaced_and_told(
    desk: Desk, tmp_path: Path
) -> None:
    data = json.dumps(chat("public_channel", CHANNEL_ID, ODD)).replace("alone", r"alone\ud800").encode()
    assert desk.hand_in(put(tmp_path, "result.json", data)).is_good
    text = str(desk.value("select text from documents"))
    assert text == ODD.replace("alone", "alone\ufffd").replace("\0", "␀").replace("\x07", "␇").replace("\x1b", "␛")
    assert desk.value("select count(*) from notices where code = 'odd_characters'") == 1


def test_markup_of_any_depth_is_refused_and_other_pages_go_on(desk: Desk, tmp_path: Path) -> None:
    page = SITE_PAGE.read_bytes()
    put(tmp_path, "in/deep.html", page.replace(b"<blockquote>", b"<div>" * 100_000))
    put(tmp_path, "in/page.html", page)
    (told,) = twice(desk, tmp_path / "in")
    assert "deep.html: too_large: markup that is nested more than" in told
    assert desk.value("select count(*) from documents where source_key = 'hand'") == 1


MEASURED = """
import sys
from pathlib import Path
from flows.inputs import handed_in_job
from tests.conftest import Desk
from warehouse.staging import SourceFacts
source = SourceFacts("x", format=sys.argv[3], channel_id=5, columns="id=id, text=text")
report = Desk(Path(sys.argv[1])).ingest(handed_in_job(source, [Path(sys.argv[2])]))
assert not report.is_good
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""
LONG = {
    "telethon": b'[{"_":"Message","id":1,"peer_id":{"_":"PeerChannel","channel_id":5},"message":"%s"}]',
    "telegram_desktop_json": b'{"name":"x","type":"public_channel","id":5,"messages":[{"id":1,"text":"%s"}]}',
    "post_table": b'id,text\n1,"%s"\n',
    "mid_page_text": b"%s",
}


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    """70 MB in one line; a page may not be as large as that."""
    running = {}
    for form, around in LONG.items():
        path = put(tmp_path, f"{form}/in", around.replace(b"%s", b"word " * 14_000_000))
        command = [sys.executable, "-c", MEASURED, str(path.with_name("data")), str(path), form]
        running[form] = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE)
    peaks_kb = {form: int(process.communicate()[0]) for form, process in running.items()}
    assert max(peaks_kb.values()) < 450_000  # of which 150,000 are there before anything is read


# Exports that break off.


def test_an_export_that_is_cut_anywhere_is_partial_or_refused_and_shows_no_absence(desk: Desk, tmp_path: Path) -> None:
    export: Json = chat("public_channel", CHANNEL_ID, "words")
    first = export["messages"][0]
    export["messages"] = [first | {"id": number, "text": f"words of post {number}"} for number in range(1, 6)]
    whole = json.dumps(export, indent=1).encode()
    at = datetime(2025, 1, 1, tzinfo=UTC)
    assert desk.hand_in(put(tmp_path, "result.json", whole), captured_at=at).is_good
    jobs = []
    for number, cut in enumerate(range(7, len(whole) - 2, len(whole) // 12)):
        path = put(tmp_path, f"cut/{number}.json", whole[:cut])
        facts = SourceFacts(f"cut {number}", captured_at=at.replace(day=2 + number), coverage="complete")
        jobs.append(handed_in_job(facts, [path]))
    assert len(problems(desk.ingest(*jobs))) == len(jobs)
    outcomes = {outcome for (outcome,) in desk.query("select outcome from captures where source_key like 'cut %'")}
    assert outcomes == {"partial", "failed"}
    assert desk.query("select distinct status from documents") == [("present",)]
    assert desk.value("select count(*) from documents") == 5
    assert desk.value("select count(*) from versions") == 5


def test_a_large_dump_of_an_unknown_channel_says_so(desk: Desk, tmp_path: Path) -> None:
    """It is read in processes of their own. Their errors were once lost on the way: "killed for want of memory"."""
    message = {"_": "Message", "peer_id": {"_": "PeerChannel"}, "date": 1704103200, "message": "w " * 400, "post": True}
    data = b"".join(json.dumps(message | {"id": number}).encode() + b"\n" for number in range(1, 6_000))
    (told,) = problems(desk.hand_in(put(tmp_path, "dump.jsonl", data)))
    assert "unknown_channel: " in told


# Private chats: no byte of them is kept, whichever form they come in.

PERSON: Json = {"_": "PeerUser", "user_id": 777}
CHANNEL: Json = {"_": "PeerChannel", "channel_id": CHANNEL_ID}


def telethon(words: str, peer: Json, number: int = 1, **more: object) -> bytes:
    message = {"_": "Message", "id": number, "peer_id": peer, "date": "2024-01-01T10:00:00+00:00", "message": words}
    return json.dumps(message | {"post": peer is CHANNEL} | more).encode() + b"\n"


def pyrogram(kind: str, words: str, number: int = 1) -> Json:
    chat_id = -1_000_000_000_000 - CHANNEL_ID if kind == "CHANNEL" else 777
    shown = {"_": "Chat", "id": chat_id, "type": f"ChatType.{kind}", "first_name": words}
    return {"_": "Message", "id": number, "chat": shown, "date": "2024-01-01 10:00:00", "text": words}


def telegram_export(*, is_cut: bool = False) -> bytes:
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(
            """
            create table Channel (ID int not null, DateUpdated int not null, About text, Title text not null,
                Username text, PictureID int, PinMessageID int);
            create table Message (ID int not null, ContextID int not null, Date int not null, FromID int, Message text,
                ReplyMessageID int, ForwardID int, PostAuthor text, ViewCount int, MediaID int, Formatting text,
                ServiceAction text);
            """
        )
        database.execute("insert into Channel values (?, 1, '', 'x', 'mid_rus', null, null)", (-(10**12) - CHANNEL_ID,))
        for number in range(1, 400):
            context = 777 if number > 200 else -(10**12) - CHANNEL_ID
            words = f"{SECRET} {number}" * 9 if number > 200 else "words " * 20
            row = (number, context, 1704103200, words)
            database.execute("insert into Message values (?, ?, ?, 1, ?, 0, 0, 0, 0, 0, 0, 0)", row)
        database.commit()
        data = database.serialize()
    return data[: len(data) * 4 // 5] if is_cut else data


MORE_TYPES: Json = {
    "chats": {
        "list": [
            chat("personal_chat", 7, f"{SECRET}-friend"),
            chat("public_channel", CHANNEL_ID, "PUBLIC-words"),
            chat("type_of_tomorrow", 8, f"{SECRET}-tomorrow"),
            {"id": 9, "messages": [{"id": 1, "text": f"{SECRET}-untyped"}]},
            chat("public_supergroup", 10, f"{SECRET}-people"),
        ]
    },
    "left_chats": {"list": [chat("public_channel", 55, "LEFT-words"), chat("personal_chat", 5, f"{SECRET}-left")]},
}
REFUSED_WHOLE: dict[str, bytes] = {
    "chat.json": json.dumps(chat("personal_chat", 7, SECRET), indent=1).encode(),
    "group.json": json.dumps(chat("private_group", 7, SECRET)).encode(),
    "untyped.json": json.dumps({key: value for key, value in chat("", 7, SECRET).items() if key != "type"}).encode(),
    "cut.json": json.dumps(chat("saved_messages", 7, SECRET * 9)).encode()[:-60],
    "person.jsonl": telethon(SECRET, PERSON),
    "chat.jsonl": telethon(SECRET, {"_": "PeerChat", "chat_id": 5}),
    "group.jsonl": telethon(SECRET, CHANNEL, post=False, from_id=PERSON),
    "mixed.jsonl": telethon("PUBLIC", CHANNEL) * 30 + telethon(SECRET, PERSON),
    "mixed_and_cut.jsonl": telethon("PUBLIC", CHANNEL) + telethon(SECRET * 9, PERSON)[:-40],
    "array.json": b"[" + telethon("PUBLIC", CHANNEL) + b"," + telethon(SECRET, PERSON) + b"]",
    "pyrogram.json": json.dumps([pyrogram("PRIVATE", SECRET)], indent=4).encode(),
    "pyrogram_mixed.json": json.dumps([pyrogram("CHANNEL", "PUBLIC"), pyrogram("GROUP", SECRET, 2)]).encode(),
    "pyrogram_cut.json": json.dumps(pyrogram("PRIVATE", SECRET * 9)).encode()[:-30],
    "export.sqlite": telegram_export(),
    "export_cut.sqlite": telegram_export(is_cut=True),
}
PACKED: dict[str, Callable[[str, bytes], tuple[str, bytes]]] = {
    "bare": lambda name, data: (name, data),
    "zipped": lambda name, data: ("in.zip", zipped({name: data})),
}


@pytest.mark.parametrize("packed", PACKED)
def test_chats_and_dumps_with_words_of_private_persons_are_refused_before_they_are_kept(
    packed: str, desk: Desk, tmp_path: Path
) -> None:
    """They were once kept in the raw store and refused only when they were read."""
    for name, data in REFUSED_WHOLE.items():
        shown, found = PACKED[packed](name, data)
        put(tmp_path, f"in/{name}/{shown}", found)
    told = twice(desk, tmp_path / "in")
    assert len(told) == len(REFUSED_WHOLE)
    for name in REFUSED_WHOLE:
        assert any(f"{name}: not_this_format: " in line for line in told), name
    assert SECRET.encode() not in held(desk.home)
    assert SECRET not in "".join(told)
    assert desk.value("select count(*) from captures where source_key = 'hand'") == 0
    assert desk.value("select count(*) from rejections where source_key = 'hand'") == len(REFUSED_WHOLE)


def test_what_a_person_says_of_the_format_opens_no_door(desk: Desk, tmp_path: Path) -> None:
    paths = [put(tmp_path, name, REFUSED_WHOLE[name]) for name in ("export.sqlite", "person.jsonl", "chat.json")]
    said = SourceFacts("", channel_id=CHANNEL_ID, columns="table=Message, id=ID, text=Message")
    forms = ("post_table", "telethon", "post_database")
    problems(desk.ingest(*(handed_in_job(replace(said, source_key=form, format=form), paths) for form in forms)))
    assert SECRET.encode() not in held(desk.home)


def test_a_chat_that_a_person_names_by_its_number_is_taken_in(desk: Desk, tmp_path: Path) -> None:
    path = put(tmp_path, "result.json", json.dumps(chat("private_channel", 7, "words")).encode())
    problems(desk.hand_in(path))
    assert desk.hand_in(path, channel_id=7).is_good
    assert desk.value("select count(*) from documents") == 1


def test_dumps_of_channels_alone_are_taken_in(desk: Desk, tmp_path: Path) -> None:
    forward = {"fwd_from": {"_": "MessageFwdHeader", "from_id": PERSON, "date": 1704103200}, "via_bot_id": 5}
    quoted = json.dumps({"peer_id": PERSON, "_": "Message"})
    put(tmp_path, "in/a.jsonl", telethon("words", CHANNEL, **forward) + telethon(quoted, CHANNEL, 2))
    shown = pyrogram("CHANNEL", json.dumps(pyrogram("PRIVATE", "words")))
    put(tmp_path, "in/b.json", json.dumps([shown | {"id": 3}]).encode())
    assert desk.hand_in(tmp_path / "in").is_good
    assert desk.value("select count(*) from documents") == 3


def test_of_an_account_chats_of_unknown_types_are_kept_no_more_than_private_ones(desk: Desk, tmp_path: Path) -> None:
    count = 0
    for indent, cut, (packed, pack) in product((None, 1, "\t"), (1.0, 0.97, 0.9, 0.6), PACKED.items()):
        data = json.dumps(ACCOUNT | MORE_TYPES, indent=indent).encode()  # type: ignore[arg-type] # it takes a tab too
        name, found = pack("result.json", data[: int(len(data) * cut)])
        put(tmp_path, f"in/{cut} {indent!r} {packed}/{name}", found)
        count += 1
    problems(desk.hand_in(tmp_path / "in"))
    whole = held(desk.home)
    assert SECRET.encode() not in whole
    assert b"LEFT-words" in whole
    found_count = f"select count(*) from captures where locator like '%chat:{CHANNEL_ID}'"
    assert desk.value(found_count) == count


def test_private_chats_are_refused_in_the_inbox_too(desk: Desk, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    put(inbox, "account/result.json", json.dumps(ACCOUNT | MORE_TYPES).encode())
    put(inbox, "all.zip", zipped(REFUSED_WHOLE | {"page.txt": PAGE}))
    put(inbox, "desktop/export_results.html", b"<html>")
    put(inbox, "desktop/chats/chat_01/messages.html", f"<p>{SECRET}</p>".encode())
    for name, data in REFUSED_WHOLE.items():
        put(inbox, f"dumps/{name}", data)
    found = look_into(inbox, [], datetime(2100, 1, 1, tzinfo=UTC))
    told = problems(desk.ingest(*(job for _, job in jobs_of(inbox, found.new, []))))
    assert len(told) == 2 * len(REFUSED_WHOLE) + 1
    assert SECRET.encode() not in held(desk.home)
    assert desk.value("select count(*) from documents") == 3
