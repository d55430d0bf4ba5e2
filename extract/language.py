"""In which language a text is written, by script and by function words.

Small on purpose, and our own: the model of a library would change readings from one of its versions to the next.
Knows the eight languages of the ministry's site; any other is None.
"""

import re
from functools import lru_cache

_LOOK_CHARS = 2_000

_SCRIPTS = {
    "cyrillic": re.compile("[\u0400-\u04ff]"),
    "arabic": re.compile("[\u0620-\u064a\u066e-\u06d3]"),
    "han": re.compile("[\u3400-\u4dbf\u4e00-\u9fff]"),
    "latin": re.compile("[A-Za-z\u00c0-\u024f]"),
}
# Letters that the language of a script lacks and its neighbours have: Ukrainian, Belarusian, Kazakh, Serbian and
# others beside Russian; Persian and Urdu beside Arabic; kana beside Chinese.
_FOREIGN_SIGNS = {
    "cyrillic": "іїєґўђјљњћџѓќѕәқңөүұһғӣӯҳҷ",
    "arabic": "پچژگٹڈڑےیک",
    "han": "".join(map(chr, range(0x3041, 0x3100))),
}
# Without the flag for small and capital letters, which makes a pattern many times as slow.
_FOREIGN = {script: re.compile(f"[{signs}{signs.upper()}]") for script, signs in _FOREIGN_SIGNS.items()}
_RUSSIAN_ONLY = re.compile("(?i)[ыэё]")  # of those that are left, Bulgarian has none of these

# Words that no other language of the list has. Italian stands here so that it is not taken for Spanish.
_FUNCTION_WORDS = {
    "en": "the of and to with for by that is are our we this from has have it at will were which not been",
    "fr": "le les du et est une dans pour avec sur qui nous au aux cette ont pas il ce sont",
    "de": "der die und ist nicht mit auf für von den dem ein eine zu im wir sich auch zur zum",
    "es": "el los las del y con una su sus al lo más pero también esta ha entre",
    "pt": "e em não com uma um ao aos pelo pela são é também foi os à sua seu",
    "it": "il di che per della non sono nel gli dei alla è anche",
}
_OTHERS = frozenset({"it"})
_LANGUAGE_OF = {word.encode(): language for language, words in _FUNCTION_WORDS.items() for word in words.split()}

# In UTF-8 these bytes only begin a character: U+0400-U+04FF, U+00C0-U+023F; of U+0240-U+027F, U+0600-U+06FF and
# U+3000-U+9FFF only some letters count.
_NO_CYRILLIC_LEADS = bytes(code for code in range(256) if not 0xD0 <= code <= 0xD3)
_NO_LATIN_LEADS = bytes(code for code in range(256) if not 0xC3 <= code <= 0xC8)
_OTHER_LEADS = re.compile(rb"[\xc9\xd8-\xdb\xe3-\xe9]")
_NO_ASCII_LETTERS = bytes(code for code in range(256) if not (65 <= code <= 90 or 97 <= code <= 122))
_ASCII = bytes(range(128))
_ASCII_IN_WORDS = bytes(
    code if code >= 128 else ord(chr(code).lower() if chr(code).isalpha() else " ") for code in range(256)
)

_SHARE_OF_SCRIPT = 0.7  # of the letters; below it a text is of two scripts
_SHARE_OF_FOREIGN = 0.01  # a quoted name is allowed for
_SHARE_OF_FUNCTION_WORDS = 0.08  # running text has a quarter and more
_LEAST_WORDS = 2
_LEAD = 1.5  # over the next language


def language_of(text: str) -> str | None:
    """Return the ISO 639-1 code of a text's language, by its first 2,000 characters; None when unsure."""
    head = text[:_LOOK_CHARS]
    encoded = head.encode("utf-8", "surrogatepass")
    beyond_ascii = encoded.translate(None, _ASCII)
    counts = _letter_counts(head, encoded, beyond_ascii)
    script = max(counts, key=counts.__getitem__)
    if counts[script] == 0 or counts[script] < _SHARE_OF_SCRIPT * sum(counts.values()):
        return None
    if script == "latin":
        return _by_function_words(_words(encoded, beyond_ascii))
    if len(_FOREIGN[script].findall(head)) > _SHARE_OF_FOREIGN * counts[script]:
        return None
    if script == "cyrillic":
        return "ru" if _RUSSIAN_ONLY.search(head) else None
    return {"arabic": "ar", "han": "zh"}[script]


def _letter_counts(text: str, encoded: bytes, beyond_ascii: bytes) -> dict[str, int]:
    """Return how many letters of each script a text has, by the bytes that begin them where those tell."""
    if _OTHER_LEADS.search(beyond_ascii):
        return {script: len(pattern.findall(text)) for script, pattern in _SCRIPTS.items()}
    latin = len(encoded.translate(None, _NO_ASCII_LETTERS))
    return {
        "cyrillic": len(beyond_ascii.translate(None, _NO_CYRILLIC_LEADS)),
        "latin": latin + len(beyond_ascii.translate(None, _NO_LATIN_LEADS)),
    }


def _words(encoded: bytes, beyond_ascii: bytes) -> list[bytes]:
    """Return the runs of letters, in small ones; a pattern takes three times as long to find them."""
    for sign in set(beyond_ascii.decode("utf-8", "surrogatepass")):
        encoded = encoded.replace(sign.encode("utf-8", "surrogatepass"), _in_words(sign))
    return encoded.translate(_ASCII_IN_WORDS).split()


@lru_cache(maxsize=4_096)
def _in_words(sign: str) -> bytes:
    """Return a character as a small letter, with blanks for what is none."""
    letters = [one if one.isalnum() and not one.isdecimal() else " " for one in sign.lower()]
    return "".join(letters).encode()


def _by_function_words(words: list[bytes]) -> str | None:
    found = list(filter(None, map(_LANGUAGE_OF.get, words)))
    counts = sorted([(found.count(language), language) for language in set(found)], reverse=True)
    (count, first), (next_count, _) = [*counts, (0, ""), (0, "")][:2]
    is_enough = count >= max(_LEAST_WORDS, _SHARE_OF_FUNCTION_WORDS * len(words))
    return first if is_enough and count >= _LEAD * next_count and first not in _OTHERS else None
