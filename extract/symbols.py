"""Hashtags, flags and the other marks that a post carries in its text."""

import re
from functools import lru_cache

# ISO 3166-1 alpha-2 as officially assigned (249 codes); Unicode has two flags of organisations beside them.
_ISO_3166_1 = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR "
    "GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO "
    "JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR "
    "MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO "
    "RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV "
    "TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)
FLAG_CODES = frozenset(_ISO_3166_1.split()) | {"EU", "UN"}

# Not digits alone. Before a hashtag: no word (C#7), no second sign (##), no path (site/#top), no character reference
# (&#39;). The pattern begins with the sign itself, since a search for one sign is many times as fast.
_TAG = re.compile(r"#(?<![\w#/&]#)(?!\d+\b)(\w+)")
_GLUED = re.compile(r"#(?<=[^ \n]{3}#)")  # no mark of an address is shorter
_ADDRESS_MARKS = ("://", "www.", "t.me/")
_ADDRESS = re.compile(r"(?:://|\bwww\.|\bt\.me/)[^ \n]*", re.IGNORECASE)
_ADDRESS_OR_TAG = re.compile(rf"(?P<address>{_ADDRESS.pattern})|{_TAG.pattern}", re.IGNORECASE)
# A regional indicator is F0 9F 87 A6 (A) to F0 9F 87 BF (Z) in UTF-8.
_INDICATOR = b"\xf0\x9f\x87"
_FLAG = re.compile(rb"\xf0\x9f\x87([\xa6-\xbf])\xf0\x9f\x87([\xa6-\xbf])")
_INDICATOR_TO_LETTER = 0xA6 - ord("A")
_OMISSIONS = frozenset({"<...>", "<…>", "<...>.", "<…>."})
_POINTERS = frozenset(
    {
        "read in full",
        "читать полностью",
        "читайте полностью",
        "полностью",
        "полный текст",
    }
)
_POINTER_WORDS = ("full", "полн")  # one of them stands in each, which is quicker to see
_POINTER_STEMS = ("ead in full", "олностью", "олный текст", "READ IN FULL", "ОЛНОСТЬЮ", "ОЛНЫЙ ТЕКСТ")
_POINTER_LINES = 4  # the pointer stands last, or is followed by a line or two of hashtags
_POINTER_LENGTH = 40
_SHORTEST_POINTER = min(map(len, _POINTERS))


def hashtags(text: str) -> tuple[str, ...]:
    """Return the hashtags without "#", each spelling once, in the order of the text.

    Telegram's rule: letters, digits and underscores of any script, not digits alone; not within words or addresses.
    """
    if "#" not in text:
        return ()
    searched = _ADDRESS.sub("", text) if _may_go_on_in_tags(text) else text
    return tuple(dict.fromkeys(_TAG.findall(searched)))


def without_hashtags(line: str) -> str:
    """Return a line without its hashtags."""
    if "#" not in line:
        return line
    return _ADDRESS_OR_TAG.sub(r"\g<address>", line) if _may_go_on_in_tags(line) else _TAG.sub("", line)


def _may_go_on_in_tags(text: str) -> bool:
    """Whether there may be an address with what looks like a hashtag at its end."""
    if _GLUED.search(text) is None:
        return False
    folded = text.casefold()
    return any(mark in folded for mark in _ADDRESS_MARKS)


def flags(text: str) -> tuple[str, ...]:
    """Return the ISO 3166-1 alpha-2 codes (also EU and UN) of the flags, each once, in the order of the text.

    Indicators are paired from the left of a run, as they are drawn; a pair that is no country's is left out.
    """
    if text.isascii():
        return ()
    encoded = text.encode()
    if _INDICATOR not in encoded:
        return ()
    pairs = (bytes((a[0] - _INDICATOR_TO_LETTER, b[0] - _INDICATOR_TO_LETTER)) for a, b in _FLAG.findall(encoded))
    return tuple(code for code in dict.fromkeys(pair.decode() for pair in pairs) if code in FLAG_CODES)


def has_letters(line: str) -> bool:
    """Tell whether the line says something in letters outside its hashtags."""
    return any(map(str.isalpha, without_hashtags(line)))


def is_omission(line: str) -> bool:
    """Tell whether the line is nothing but the publisher's own mark for text left out."""
    return line in _OMISSIONS


def is_pointer(line: str) -> bool:
    """Tell whether the line is nothing but a pointer to the full text ("Read in full"), with or without an emoji."""
    if not _SHORTEST_POINTER <= len(line) <= _POINTER_LENGTH:
        return False
    folded = line.casefold()
    if not any(word in folded for word in _POINTER_WORDS):
        return False
    return _points(line)


@lru_cache(maxsize=1_024)  # the same few end most posts
def _points(line: str) -> bool:
    words = "".join([character if character.isalpha() else " " for character in line])
    return " ".join(words.split()).casefold() in _POINTERS


def points_to_full_text(text: str, lines: list[str]) -> bool:
    """Tell whether one of the last lines of a text is a pointer to a fuller one."""
    return any(map(is_pointer, lines[-_POINTER_LINES:])) and any(stem in text for stem in _POINTER_STEMS)
