"""What sort of document a title announces.

The rules were read off the titles of the ministry's pages in English and run over 1,122 of them, 1,103 of which get a
kind. That is coverage, not accuracy. Part of the Russian patterns are general knowledge.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from extract.model import Kind


@dataclass(frozen=True, slots=True)
class KindRule:
    """One line of the table: a pattern for a folded title, and words of which it needs at least one."""

    kind: Kind
    pattern: re.Pattern[str]
    stems: tuple[str, ...]  # a cheap look before the pattern, which costs twenty times as much


def _rule(kind: Kind, stems: str, *alternatives: str) -> KindRule:
    return KindRule(kind, re.compile("|".join(alternatives)), tuple(stems.split("|")))


# The order counts: the first rule that fits names the kind.
KIND_RULES = (
    _rule(
        Kind.MEDIA_ANNOUNCEMENT,
        "accreditat|аккредитац|о брифинге|о пресс-конференции|информация для журналистов",
        r"accreditat",
        r"^о (брифинге|пресс-конференции)",
        r"аккредитац",
        r"^информация для журналистов",
    ),
    _rule(
        Kind.BRIEFING,
        "briefing|брифинг",
        r"^(weekly |presse-)?briefing\b",
        r"spokes(person|woman|man).*briefing",
        r"брифинг",
    ),
    _rule(Kind.PRESS_RELEASE, "press release", r"^press release\b"),
    _rule(
        Kind.JOINT_DOCUMENT,
        "joint |communiqu|memorandum|aide-memoire|treaty|совместн|соглашение|протокол",
        r"\bjoint (press )?(\S+ )?(statement|communiqu|declaration)",
        r"communiqu[eé]\b",
        r"^memorandum",
        r"^aide-memoire",
        r"^treaty",
        r"совместн\S* (заявлени|коммюнике|доклад)",
        r"^(соглашение|протокол)",
    ),
    _rule(
        Kind.STATEMENT,
        "foreign ministry|ministry of foreign affairs|заявление мид",
        r"^(russian )?foreign ministry('s)? statement",
        r"^statement (by|of) the (russian )?(foreign ministry|ministry of foreign affairs)",
        r"^заявление мид",
    ),
    _rule(
        Kind.COMMENT,
        "comment|комментари",
        r"^comment (by|on)\b",
        r"('s|department) comment (on|regarding)\b",
        r"^комментари",
    ),
    _rule(Kind.INTERVIEW, "interview|интервью", r"\binterview(ed)?\b", r"интервью"),
    _rule(Kind.ARTICLE, "article |статья", r"^article by\b", r"\barticle (by|for)\b", r"^статья"),
    _rule(
        Kind.REMARKS_AND_ANSWERS,
        "answer|ответ",
        r"(remarks|statement|speech).*\banswers? to (a )?(\S+ ){0,3}questions?",
        r"(выступлени|заявлени|вступительн).*\bответ\w* на вопрос",
    ),
    _rule(
        Kind.ANSWER,
        "answer|replies to|replied to|responses to|ответ",
        r"\banswers? (to )?(a |the )?(\S+ ){0,3}questions?",
        r"\b(replied|responses) to (a |the )?(\S+ ){0,3}questions?",
        r"\breplies to",
        r"answers? to .*news agency",
        r"ответ\w* на вопрос",
        r"^ответ\w*\b.*\bна вопрос",
    ),
    _rule(Kind.OPENING_REMARKS, "opening remarks|вступительн", r"opening remarks", r"вступительн"),
    _rule(
        Kind.SPEECH_REMARKS,
        "remarks|speech|address|statement|выступлени",
        r"\b(remarks|speech|address|statement) (at|during|by|to|of|on)\b",
        r"\b(remarks|speech|statement) (following|after|before|in|for)\b",
        r"'s (\S+ )?remarks$",
        r"^(из )?выступлени",
    ),
    _rule(
        Kind.NEWS_CONFERENCE,
        "conference|пресс-конференци",
        r"(news|press) conference",
        r"пресс-конференци",
    ),
    _rule(
        Kind.GREETINGS,
        "greeting|congratulat|condolence|message from|приветстви|поздравл|соболезнов|послани",
        r"greetings?|congratulat|condolence|message from|приветстви|поздравл|соболезнов|послани",
    ),
    # Several rules for one kind, each with few stems: a pattern of many alternatives is tried at every letter.
    _rule(
        Kind.CONTACT,
        "phone|meeting with|talks with|conversation with|о телефонном разговоре|о встрече",
        r"phone (conversation|call|talk)|'s (\S+ )?(meeting|talks|conversation) with|о телефонном разговоре|о встрече",
        r"spoke (by|over the|on the) (tele)?phone\b",
    ),
    _rule(
        Kind.CONTACT,
        "met with |meets with ",
        r"(?:met|meets) with (the )?(\S+ )?(\S+ )?(minister|president|prime|secretary|secretary-general|chairman|head"
        r"|chairperson|deputy|ambassadors?|envoy|king|emir|crown|leader|representatives?|members|delegation|foreign)\b",
    ),
    _rule(Kind.CONTACT, "held ", r"held (\S+ ){0,3}(talks|a meeting|a conversation)\b"),
    _rule(Kind.CONTACT, "talks between", r"hosted (\S+ ){0,2}talks between\b"),
    _rule(
        Kind.CONTACT,
        "meeting with|talks with|conversation with",
        r"(?:had|holds?|held) (\S+ ){0,4}(meeting|conversation|talks) with\b",
    ),
    _rule(
        Kind.CONTACT,
        "переговор|встреч|встретил|телефонный|бесед",
        r"состоя(лась|лся|лись) (\S+ ){0,2}(встреча|переговоры|телефонный разговор|беседа)",
        r"встретил(ся|ась) со? |пров[её]л(а|и)? (\S+ )?(переговоры|встречу|беседу)",
    ),
    _rule(
        Kind.REFERENCE,
        "report on|reference|main foreign policy|доклад|обзор|список|граждане|основные внешнеполитич",
        r"^(report on|reference|main foreign policy|доклад|обзор|список|граждане|основные внешнеполитич)",
    ),
    _rule(Kind.PRESS_RELEASE, "о |об ", r"^об? "),
)


def _with_stems(*, is_ascii: bool) -> tuple[KindRule, ...]:
    """Return the rules with their stems in ASCII, or with the others alone."""
    kept = ((rule, tuple(stem for stem in rule.stems if stem.isascii() == is_ascii)) for rule in KIND_RULES)
    return tuple(KindRule(rule.kind, rule.pattern, stems) for rule, stems in kept if stems)


# The rules that may fit a title in ASCII, or one without Latin letters: to look for the others doubles the time.
_ASCII_RULES = _with_stems(is_ascii=True)
_CYRILLIC_RULES = _with_stems(is_ascii=False)

# Apostrophes become plain ones; a soft hyphen inside a word is no letter of it.
_PLAIN = (("\u2019", "'"), ("\u2018", "'"), ("\u02bc", "'"), ("\u00b4", "'"), ("\u2032", "'"), ("\u00ad", ""))
# Letters that look alike in both alphabets, the last four only as capitals; "Table of сontents" with U+0441 stands on
# a page of 2023.
_LATIN = "aceopxykibhmt"
_CYRILLIC = "асеорхуківнмт"
_TO_LATIN = str.maketrans(_CYRILLIC, _LATIN)
_TO_CYRILLIC = str.maketrans(_LATIN, _CYRILLIC)
_LATIN_LETTER = re.compile("[a-z]")
_CYRILLIC_LETTER = re.compile("[а-яёі]")
_MEETING = re.compile("[a-z][а-яёі]|[а-яёі][a-z]")
_WORD = re.compile(r"\w+")


# A title is looked at so far: all that Telegram takes in a post. The time of some patterns goes with the square of it.
TITLE_CHARS = 4_096


@lru_cache(maxsize=64)  # a title is asked about for its kind, and again for its speaker
def kind_of(title: str) -> Kind | None:
    """Return the kind that the first fitting rule names; None when no rule fits."""
    folded = fold_title(title[:TITLE_CHARS])
    for rule in _rules_for(folded):
        for stem in rule.stems:
            if stem in folded:
                if rule.pattern.search(folded):
                    return rule.kind
                break
    return None


def _rules_for(folded: str) -> tuple[KindRule, ...]:
    if folded.isascii():
        return _ASCII_RULES
    return KIND_RULES if _LATIN_LETTER.search(folded) else _CYRILLIC_RULES


def fold_title(title: str) -> str:
    """Return a title from its first letter on, in small letters, with plain apostrophes and words of one alphabet."""
    folded = title.lower()
    if not folded.isascii():
        for mark, plain in _PLAIN:  # `str.translate` takes ten times as long
            folded = folded.replace(mark, plain)
    folded = " ".join(folded.split())
    if not folded[:1].isalpha():
        folded = folded[next((at for at, sign in enumerate(folded) if sign.isalpha()), len(folded)) :]
    if not folded.isascii() and _LATIN_LETTER.search(folded) and _MEETING.search(folded):
        folded = _WORD.sub(_of_one_alphabet, folded)
    return folded


def _of_one_alphabet(word: re.Match[str]) -> str:
    """Return a word whose alphabets are mixed in the one that has most of its letters."""
    letters = word[0]
    if letters.isascii() or _MEETING.search(letters) is None:
        return letters
    cyrillic_count = len(_CYRILLIC_LETTER.findall(letters))
    return letters.translate(_TO_CYRILLIC if cyrillic_count * 2 > len(letters) else _TO_LATIN)
