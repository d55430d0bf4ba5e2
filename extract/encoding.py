"""Bytes to text, where the encoding is certain.

Certain is a byte order mark, a declaration (a server's, the markup's, the registry's), or UTF-8 that decodes strictly:
other encodings hardly ever happen to be valid UTF-8. Nothing is ever guessed from the look of the letters, since a
wrong guess turns quotable words into others without a trace.
"""

import codecs
import re
from itertools import pairwise

from extract.errors import UndecodableInput

# The longer marks stand first: the mark of UTF-32 LE begins with that of UTF-16 LE.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# From each format's own specification, as `file` lists them.
_SIGNATURES = (
    (rb"\x1f\x8b", "gzip data"),
    (rb"PK(?:\x03\x04|\x05\x06|\x07\x08)", "a zip archive"),
    (rb"\x28\xb5\x2f\xfd", "zstd data"),
    (rb"BZh[1-9]1AY&SY", "bzip2 data"),
    (rb"\xfd7zXZ\0", "xz data"),
    (rb"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (rb"Rar!\x1a\x07", "a RAR archive"),
    (rb"\x89PNG\r\n\x1a\n", "a PNG image"),
    (rb"\xff\xd8\xff", "a JPEG image"),
    (rb"GIF8[79]a", "a GIF image"),
    (rb"RIFF....WEBP", "a WebP image"),
    (rb"%PDF-", "a PDF document"),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (rb"SQLite format 3\0", "a SQLite database"),
    (rb"PAR1", "a Parquet file"),
    (rb"\x7fELF", "an ELF program"),
    (rb"....ftyp", "an MP4 film"),
)
_SIGNATURE = re.compile(b"|".join(b"(" + pattern + b")" for pattern, _ in _SIGNATURES), re.DOTALL)
_SIGNATURE_BYTES = 16
# Text codecs of Python that are no encodings of documents.
_NO_DOCUMENT_ENCODINGS = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined"})
_WIDE = frozenset({"utf-16", "utf-32"})
_UTF_8_TAIL_BYTES = 3
# Of a page that declares an encoding, so much is looked at for words.
_LOOK_BYTES = 1 << 18
_MARKS_OF_TEXT = "\u00a0\u00ad\u00ab\u00bb\u2010-\u2015\u2018-\u201f\u2026\u2039\u203a\u2212"
_WORD = re.compile(rf"[^\s\x00-@\[-`{{-\x7f{_MARKS_OF_TEXT}]{{3,}}")
_SOUTH_SLAVIC, _EAST_SLAVIC = "[ђѓѕјљњћќџ]", "[йщъыьэюяё]"  # letters that no alphabet has both of
# What stands in no word: controls and drawn boxes; a sign between letters; a word of Latin letters with accents alone;
# letters of alphabets that have nothing to do with each other.
_NO_WORD = re.compile(
    r"[\x80-\x9f\u2500-\u259f]|[^\W\d_](?:[^\w\s]|[\u00b2\u00b3\u00b9\u00bc-\u00be])+[^\W\d_]"
    r"|^[\u00a8\u00b8\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff]{4,}$"
    rf"|{_SOUTH_SLAVIC}\w*{_EAST_SLAVIC}|{_EAST_SLAVIC}\w*{_SOUTH_SLAVIC}"
)
_LEAST_STRANGE = 3
_WORD_CHARS = 60  # so much of a word is looked at
_EXCERPT_CHARS = 40
_EXPECTED = "text in UTF-8, with a byte order mark, or in a declared encoding"
_DECLARE = "if it is text in another encoding, name that in the column `encoding` of the registry, e.g. windows-1251"


def codec_of(head: bytes, declared: str | None) -> str:
    """Return the name of the codec by byte order mark, then by declaration, else UTF-8 (yet to be proved).

    `head` is the beginning of the input, a few bytes or all of it; the mark itself isn't part of the text. Raises
    `UndecodableInput` for what is no text whatever the codec (empty, zeros, a known binary form) and for an unknown
    declaration.
    """
    _refuse_what_is_no_text(head)
    for mark, codec in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return codec
    return "utf-8" if declared is None else _declared_codec(declared)


def encoding_of(head: bytes, declared: str | None) -> str:
    """Return the name of the codec as `codec_of` has it, once `head` is shown to decode with it strictly.

    `head` may break off in the middle of a character. Raises `UndecodableInput`.
    """
    codec = codec_of(head, declared)
    decode_head(head, declared)
    return codec


def decode_head(head: bytes, declared: str | None) -> str:
    """Return the text of the beginning of an input, without a last character that is cut in two.

    Raises `UndecodableInput`.
    """
    codec = codec_of(head, declared)
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        text = decoder.decode(_without_mark(head))
    except UnicodeError as error:
        raise _undecodable(error, codec, declared, head) from error
    return _without_nul(text)


def decode(data: bytes, declared: str | None) -> str:
    """Return the text of a whole input, without its byte order mark, else exactly as it stands.

    Raises `UndecodableInput`, which tells an input that breaks off within its last character from one that is wrong.
    """
    codec = codec_of(data, declared)
    try:
        text = _without_mark(data).decode(codec)
    except UnicodeError as error:
        raise _undecodable(error, codec, declared, data) from error
    return _without_nul(text)


def borne_out(data: bytes, declared: str | None) -> str | None:
    """Return the encoding that a page declares, or None where its bytes are UTF-8 whatever it declares.

    Servers and templates declare encodings that their pages are not in; letters read in the wrong one look like text.
    Raises `UndecodableInput` for what `codec_of` refuses, and where the declared encoding surely makes no words of
    them.
    """
    if declared is None or mark_length(data):
        return declared
    codec = codec_of(data, declared)
    if codec.startswith("utf"):
        return declared
    if not data.isascii() and _is_utf_8(data):
        return None
    _refuse_what_makes_no_words(data[:_LOOK_BYTES].decode(codec, "replace"), declared)
    return declared


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _refuse_what_makes_no_words(text: str, declared: str) -> None:
    """Raise `UndecodableInput` where most words that have a letter beyond ASCII are such as no language has."""
    words = [word[:_WORD_CHARS] for word in _WORD.findall(text) if not word.isascii()]
    strange = [word for word in words if _is_strange(word)]
    sound_count = sum(word.isalpha() and word[1:].islower() and not _is_strange(word) for word in words)
    if len(strange) >= _LEAST_STRANGE and len(strange) > sound_count:
        raise UndecodableInput(
            f"bytes that the declared encoding {declared} makes no words of ({strange[0][:_EXCERPT_CHARS]!r} …)",
            _EXPECTED,
            "name the right one in the column `encoding` of the registry, or fetch the page again",
        )


def _is_strange(word: str) -> bool:
    """Say whether a word is shaped as none is: small letters before capital ones, signs between letters."""
    return _NO_WORD.search(word) is not None or any(one.islower() and other.isupper() for one, other in pairwise(word))


def mark_length(data: bytes) -> int:
    """Return how many bytes of byte order mark `data` begins with, 0 if none."""
    return next((len(mark) for mark, _ in BYTE_ORDER_MARKS if data.startswith(mark)), 0)


def breaks_off(data: bytes, codec: str) -> bool:
    """Tell whether `data` is sound but for a last character that is cut in two."""
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        decoder.decode(data)
    except UnicodeError:
        return False
    try:
        decoder.decode(b"", final=True)
    except UnicodeError:
        return True
    return False


def _without_mark(data: bytes) -> bytes:
    return data[mark_length(data) :]


def _refuse_what_is_no_text(head: bytes) -> None:
    if not head:
        raise UndecodableInput("an empty input", _EXPECTED, "fetch or copy it again")
    signature = _SIGNATURE.match(head[:_SIGNATURE_BYTES])
    if signature is not None and signature.lastindex is not None:
        name = _SIGNATURES[signature.lastindex - 1][1]
        first = head[:4].hex(" ")
        raise UndecodableInput(f"{name} ({first} …)", _EXPECTED, "unpack it, or export it as text")
    if head[0] == 0 and not head.strip(b"\0"):
        raise UndecodableInput(
            "nothing but zeros", _EXPECTED, "the copy or the download has failed; fetch or copy it again"
        )


def _declared_codec(declared: str) -> str:
    unknown = UndecodableInput(
        f"the declared encoding {declared!r}, which is not known",
        "a name such as utf-8, windows-1251 or koi8-r",
        "correct the column `encoding` of the registry",
    )
    try:
        codec = codecs.lookup(declared).name
        b" ".decode(codec)
    except UnicodeDecodeError:
        pass  # a known encoding, in which one byte alone is no character
    except (LookupError, ValueError) as error:
        raise unknown from error
    if codec in _NO_DOCUMENT_ENCODINGS:
        raise unknown
    if codec in _WIDE:
        raise UndecodableInput(
            f"the declared encoding {declared} without a byte order mark",
            "a mark, or a declaration that tells the order of the bytes",
            f"declare {codec}-le or {codec}-be in the column `encoding` of the registry",
        )
    # A declared utf-8-sig says that a mark may come; where there is none it is UTF-8.
    return "utf-8" if codec == "utf-8-sig" else codec


def _undecodable(error: UnicodeError, codec: str, declared: str | None, data: bytes) -> UndecodableInput:
    if not isinstance(error, UnicodeDecodeError):
        return UndecodableInput(f"bytes that {codec} can't decode ({error})", _EXPECTED, _DECLARE)
    offset = error.start + mark_length(data)
    if error.end == len(error.object) and breaks_off(error.object, codec):
        return UndecodableInput(
            f"an input that breaks off in the middle of a character at byte {offset}",
            "a whole input",
            "fetch or copy it again",
        )
    wrong = data[offset : offset + max(error.end - error.start, _UTF_8_TAIL_BYTES)].hex(" ")
    remedy = _DECLARE if declared is None else "correct the column `encoding` of the registry"
    return UndecodableInput(f"bytes that are no {codec} at byte {offset} ({wrong} …)", _EXPECTED, remedy)


def _without_nul(text: str) -> str:
    position = text.find("\0")
    if position >= 0:
        raise UndecodableInput(
            f"a NUL character at position {position}",
            _EXPECTED,
            "if it is UTF-16 without a byte order mark, declare utf-16-le or utf-16-be in the column `encoding` of the "
            "registry; else it is no text",
        )
    return text
