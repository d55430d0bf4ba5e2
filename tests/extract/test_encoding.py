"""Rules of `extract.encoding`."""

import gzip
import io
import zipfile
from contextlib import suppress
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.encoding import borne_out, breaks_off, codec_of, decode, decode_head, encoding_of, mark_length
from extract.errors import UndecodableInput

CYRILLIC = "Мид России"
ZIP = io.BytesIO()
with zipfile.ZipFile(ZIP, "w") as archive:
    archive.writestr("result.json", "{}")
NO_TEXT = {
    "an empty input": b"",
    "nothing but zeros": bytes(10),
    "gzip data (1f 8b 08 00 …)": gzip.compress(b"text", mtime=0),
    "a zip archive": ZIP.getvalue(),
    "zstd data": b"\x28\xb5\x2f\xfd\x04\x00",
    "a PNG image": b"\x89PNG\r\n\x1a\n\0\0",
    "a JPEG image": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "a PDF document": b"%PDF-1.7\n",
    "a SQLite database": b"SQLite format 3\0",
    "an MP4 film": b"\0\0\0\x20ftypisom",
}


@pytest.mark.parametrize("found", NO_TEXT)
def test_what_is_no_text_is_named(found: str) -> None:
    with pytest.raises(UndecodableInput) as error:
        decode(NO_TEXT[found], None)
    assert error.value.found.startswith(found)


@pytest.mark.parametrize("found", NO_TEXT)
def test_a_declaration_makes_no_text_of_what_is_none(found: str) -> None:
    with pytest.raises(UndecodableInput):
        encoding_of(NO_TEXT[found], "windows-1251")


@given(st.text(st.characters(exclude_characters="\0\ufeff", exclude_categories=["Cs"]), min_size=1))
@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_text_with_a_mark_comes_back_without_the_mark(codec: str, text: str) -> None:
    data = ("\ufeff" + text).encode(codec)
    assert decode(data, None) == text
    assert encoding_of(data, None) == codec
    assert mark_length(data) == len("\ufeff".encode(codec))


@given(st.binary())
def test_any_bytes_are_text_in_utf_8_or_an_error(data: bytes) -> None:
    try:
        text = decode(data, None)
    except UndecodableInput:
        return
    assert "\0" not in text
    assert data[mark_length(data) :] == text.encode(codec_of(data, None))


def test_bytes_of_another_encoding_are_not_guessed() -> None:
    with pytest.raises(UndecodableInput) as error:
        decode(CYRILLIC.encode("windows-1251"), None)
    assert error.value.found == "bytes that are no utf-8 at byte 0 (cc e8 e4 …)"
    assert "`encoding`" in error.value.remedy


def test_a_declared_encoding_is_read() -> None:
    assert decode(CYRILLIC.encode("windows-1251"), "windows-1251") == CYRILLIC


def test_a_mark_goes_before_a_declaration() -> None:
    assert decode(CYRILLIC.encode("utf-8-sig"), "windows-1251") == CYRILLIC


@pytest.mark.parametrize("declared", ["no-such", "hex", "rot13", "undefined", "unicode_escape", "", "utf-16", "utf\0"])
def test_a_declaration_that_tells_no_encoding_is_an_error(declared: str) -> None:
    with pytest.raises(UndecodableInput) as error:
        decode(b"text", declared)
    assert "declared encoding" in error.value.found


def test_bytes_outside_of_the_declared_encoding_are_an_error() -> None:
    with pytest.raises(UndecodableInput, match="no cp1251 at byte 1"):
        decode(b"a\x98b", "windows-1251")


def test_a_lone_surrogate_is_no_utf_8() -> None:
    with pytest.raises(UndecodableInput, match="at byte 1"):
        decode(b"a\xed\xa0\x80b", None)


def test_an_offset_counts_the_mark() -> None:
    with pytest.raises(UndecodableInput, match="at byte 4 "):
        decode(b"\xef\xbb\xbfa\xffbc", None)


def test_a_cut_in_the_last_character_is_told_apart() -> None:
    whole = CYRILLIC.encode()
    with pytest.raises(UndecodableInput, match="breaks off in the middle of a character at byte 17"):
        decode(whole[:-1], None)
    assert breaks_off(whole[:-1], "utf-8")
    assert not breaks_off(whole, "utf-8")
    assert not breaks_off(whole[:-1] + b"\n", "utf-8")


def test_a_head_may_be_cut_in_its_last_character() -> None:
    head = CYRILLIC.encode()[:-1]
    assert decode_head(head, None) == CYRILLIC[:-1]
    assert encoding_of(head, None) == "utf-8"


def test_a_nul_character_is_no_text() -> None:
    with pytest.raises(UndecodableInput, match="NUL character at position 1"):
        decode(b"a\0b", None)


TEXT = "О встрече Министра иностранных дел России С.В.Лаврова с послом Китая. Стороны обсудили ход работы."
FRENCH = "À l’été, la République française a été invitée à répondre. Élève, Évêque, où, déjà, préféré, L’Île."
CAPITALS = "СООБЩЕНИЕ ДЛЯ СМИ. МГИМО, МИД, ООН, ОБСЕ, СОЮЗМУЛЬТФИЛЬМ, ВКонтакте и СоюзМультфильм."
LEGACY = ("windows-1251", "koi8-r", "iso-8859-5", "cp866", "mac-cyrillic")


@pytest.mark.parametrize("text", [TEXT, CAPITALS, "<p>Text</p>", "№ 5 — «МИД»"])
@pytest.mark.parametrize("codec", LEGACY)
def test_a_declaration_that_the_bytes_bear_out_is_kept(codec: str, text: str) -> None:
    assert borne_out(text.encode(codec, "ignore"), codec) == codec


@pytest.mark.parametrize("codec", ["windows-1252", "iso-8859-1", "iso-8859-15"])
def test_accents_are_no_sign_of_a_wrong_declaration(codec: str) -> None:
    assert borne_out(FRENCH.encode(codec, "ignore"), codec) == codec


@pytest.mark.parametrize("declared", [*LEGACY, "iso-8859-1", "windows-1252", "gb18030"])
def test_bytes_that_are_utf_8_are_that_whatever_is_declared(declared: str) -> None:
    assert borne_out(TEXT.encode(), declared) is None
    assert borne_out(FRENCH.encode(), declared) is None
    assert borne_out(b"<p>Text</p>", declared) == declared


@pytest.mark.parametrize("real", ["windows-1251", "koi8-r", "iso-8859-5", "cp866"])
@pytest.mark.parametrize("declared", ["windows-1251", "koi8-r", "iso-8859-5", "cp866", "iso-8859-1", "windows-1252"])
def test_letters_that_make_no_words_in_the_declared_encoding_are_an_error(declared: str, real: str) -> None:
    data = f"<p>{TEXT}</p>".encode(real)
    if declared == real:
        assert borne_out(data, declared) == declared
        return
    with pytest.raises(UndecodableInput, match=f"declared encoding {declared} makes no words of"):
        borne_out(data, declared)


@pytest.mark.parametrize("declared", ["windows-1251", "iso-8859-1"])
def test_a_damaged_byte_makes_no_other_encoding_of_utf_8(declared: str) -> None:
    with pytest.raises(UndecodableInput, match="makes no words of"):
        borne_out(TEXT.encode() + b"\xff", declared)


@pytest.mark.parametrize("declared", [None, "utf-8", "utf-16-le", "utf-8-sig"])
def test_what_declares_utf_or_nothing_is_left_to_its_decoder(declared: str | None) -> None:
    assert borne_out(TEXT.encode("utf-16-le"), declared) == declared
    assert borne_out(TEXT.encode("windows-1251"), declared) == declared


def test_a_mark_needs_no_declaration_to_be_borne_out() -> None:
    assert borne_out(TEXT.encode("utf-8-sig"), "koi8-r") == "koi8-r"


@pytest.mark.parametrize("found", [found for found in NO_TEXT if not found.startswith("an empty")])
def test_what_is_no_text_is_named_before_its_declaration_is_tried(found: str) -> None:
    with pytest.raises(UndecodableInput) as error:
        borne_out(NO_TEXT[found], "koi8-r")
    assert error.value.found.startswith(found)


@pytest.mark.parametrize("unit", [b"\xeb", b"\xf1", b"a\xf0", b"\xb0\xf0", b"\xeb ", b"\xd1\xf0\xff "])
def test_words_without_end_are_looked_at_in_no_time(unit: bytes) -> None:
    start = perf_counter()
    with suppress(UndecodableInput):
        borne_out(unit * (1_000_000 // len(unit)), "iso-8859-5")
    assert perf_counter() - start < 2
