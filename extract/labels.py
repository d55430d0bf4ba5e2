"""Labels of speakers, as "Question (TASS):" or "С.В.Лавров:", at the head of a line.

Knows how the ministry prints them in the languages of its site, and nothing of the lines around.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from extract.events import CITIES
from extract.people import is_known_surname, known_names, known_person

SPEECH = "\N{SPEECH BALLOON}"
_BALLOONS = (SPEECH, "\N{LEFT SPEECH BUBBLE}", "\N{STUDIO MICROPHONE}")


class Sort(StrEnum):
    """Whom a label stands for."""

    QUESTION = "question"  # whoever asks
    ANSWER = "answer"  # whoever answers, without a name
    PERSON = "person"
    CHAIR = "chair"  # whoever leads the talk
    UNSURE = "unsure"  # perhaps a name; nobody is named


@dataclass(frozen=True, slots=True)
class Label:
    """What stands before the colon that begins a turn."""

    sort: Sort
    printed: str
    name: str | None = None  # normalised, where it is known or plainly a person's
    outlet: str | None = None  # for which a question is asked, as printed
    needs_company: bool = False  # alone it may be the head of a sentence: it counts where it comes again


LABEL_CHARS = 140  # a colon further on belongs to a sentence
_COMMON_CHARS = 60  # of a label without what stands in brackets
# Signs before a label ("💬", "– ", "#"), the label, and an aside in brackets.
_HEAD = re.compile(r"[^\w«\"“(]*(?P<label>[^\W\d_](?:[^()]*[^()\s])?)\s*(?:\((?P<aside>[^()]+)\)\s*)?")
_ASKED = re.compile(
    r"(?i)(?:(?:follow-?up|next|another|additional|дополнительный|уточняющий|следующий)\s)?"
    r"(?:question|вопрос|frage|pregunta|pergunta|domanda)(?:\s(?:no\.\s?|№\s?)?\d{1,3})?"
    r"(?:,?\s(?P<whose>(?:from|by|to|for|от|к|корреспондента|журналиста|телеканала|агентства|газеты|журнала"
    r"|радиостанции)\s|(?=[«“\"]))(?P<whom>.+))?"
)
_TO_WHOM = frozenset({"to", "for", "к"})
_ANSWERED = re.compile(
    r"(?i)(?:answer|reply|ответ|antwort|réponse|respuesta|resposta|risposta)(?:\s(?:by\s)?(?P<who>.+))?"
)
_ASKERS = frozenset({"interviewer", "journalist", "correspondent", "reporter", "корреспондент", "журналист"})
_CHAIRS = frozenset({"moderator", "host", "presenter", "модератор", "ведущий", "ведущая"})

_CAPITAL = "A-ZÀ-ÖØ-ÞА-ЯЁ"
_WITH_INITIALS = re.compile(rf"(?:[{_CAPITAL}]\.-?\s?){{1,3}}[{_CAPITAL}][\w’'-]+(?: [{_CAPITAL}][\w’'-]+){{0,2}}")
_NO_INITIALS = re.compile(r"(?:U\.\s?[SNK]|E\.\s?U|P\.\s?S|N\.\s?B|С\.\s?Ш)\.")
_FULL_NAME = re.compile(
    rf"[{_CAPITAL}][\w’'-]+ (?:(?:al|bin|ibn|van|von|de|di|da|del|der|[{_CAPITAL}][\w’'-]+) ){{0,2}}"
    rf"[{_CAPITAL}][\w’'-]+"
)
_ONE_NAME = re.compile(rf"[{_CAPITAL}][\w’'-]+")
# Offices of one person, after which a surname alone is a name.
_PERSONAL = frozenset(
    {
        *("minister", "president", "premier", "chancellor", "secretary", "ambassador", "representative", "director"),
        *("spokesperson", "spokeswoman", "spokesman", "speaker", "chairman", "envoy", "mr", "ms", "mrs", "dr", "fm"),
        *("dfm", "king", "prince", "emir", "министр", "президент", "премьер-министр", "представитель", "посол"),
        *("госсекретарь", "генсекретарь", "постпред", "замминистра", "директор", "господин", "госпожа"),
    }
)
_OFFICES = _PERSONAL | {
    *("foreign", "prime", "deputy", "first", "acting", "special", "permanent", "official", "state", "general"),
    *("russian", "russia's", "russia’s", "russia", "us", "un", "mfa", "federation", "ministry", "ministry's"),
    *(
        "ministry’s",
        "affairs",
        "defence",
        "information",
        "press",
        "department",
        "vice",
        "of",
        "the",
        "to",
        "and",
        "h.e",
    ),
    *("иностранных", "дел", "россии", "российской", "федерации", "рф", "мид", "официальный", "заместитель", "первый"),
    *("министра", "постоянный", "специальный", "директора", "департамента", "информации", "и", "печати", "при", "оон"),
}
# Words of headings and of the first words of sentences, that in capitals look like names.
_NO_NAMES = frozenset(
    {
        *("a", "an", "and", "the", "this", "that", "these", "those", "here", "there", "what", "why", "how", "when"),
        *("where", "who", "our", "my", "your", "we", "i", "it", "let", "as", "on", "in", "for", "to", "at", "by", "of"),
        *(
            "key",
            "main",
            "talking",
            "point",
            "points",
            "topic",
            "topics",
            "agenda",
            "theme",
            "summary",
            "note",
            "notes",
        ),
        *("read", "watch", "listen", "follow", "subscribe", "see", "live", "full", "more", "also", "photo", "photos"),
        *("video", "audio", "source", "sources", "link", "links", "credit", "text", "transcript", "translation"),
        *("question", "questions", "answer", "answers", "remarks", "statement", "speech", "briefing", "interview"),
        *("conference", "summit", "forum", "meeting", "talks", "visit", "session", "event", "events", "venue"),
        *("press", "news", "release", "agency", "tv", "radio", "channel", "newspaper", "media", "breaking", "update"),
        *("dear", "friends", "colleagues", "ladies", "gentlemen", "good", "thank", "thanks", "welcome", "happy"),
        *("first", "second", "third", "fourth", "last", "final", "finally", "next", "most", "one", "two", "three"),
        *("middle", "near", "far", "east", "west", "north", "south", "eastern", "western", "northern", "southern"),
        *("central", "latin", "new", "united", "nations", "states", "kingdom", "republic", "federation", "union"),
        *("european", "euro-atlantic", "security", "council", "assembly", "general", "foreign", "ministry", "embassy"),
        *(
            "department",
            "government",
            "state",
            "duma",
            "america",
            "africa",
            "asia",
            "asia-pacific",
            "europe",
            "pacific",
        ),
        *("black", "red", "sea", "peninsula", "strip", "bank", "gulf", "persian", "arab", "korea", "korean", "ukraine"),
        *("ukrainian", "russia", "russian", "russia's", "russia’s", "moscow", "china", "chinese", "iran", "iranian"),
        *("syria", "syrian", "libya", "iraq", "afghanistan", "israel", "palestine", "gaza", "donbass", "crimea", "us"),
        *("american", "nato", "brics", "sco", "eaeu", "asean", "un", "eu", "osce", "crisis", "conflict", "settlement"),
        *("situation", "war", "peace", "process", "victory", "day", "world", "global", "international", "regional"),
        *("bilateral", "economic", "political", "humanitarian", "military", "strategic", "nuclear", "human", "rights"),
        *("cooperation", "development", "stability", "trade", "energy", "culture", "history", "background", "results"),
        *("conclusion", "time", "date", "place", "local", "important", "importantly", "reminder", "fact", "facts"),
        *("ближний", "восток", "главное", "основные", "ключевые", "тезисы", "фото", "видео", "источник", "место"),
        *("дата", "время", "уважаемые", "дорогие", "друзья", "коллеги", "дамы", "господа", "россия", "украина"),
        *("сирия", "китай", "сша", "совет", "безопасности", "республика", "союз", "мид", "читать", "смотреть"),
        *("подробнее", "справочно", "вопрос", "вопросы", "ответ", "ответы", "новости", "москва", "северная", "южная"),
    }
)

OUTLETS = frozenset(
    {
        *("tass", "тасс", "ria novosti", "риа новости", "риа «новости»", "interfax", "интерфакс", "rossiya 1"),
        *("rossiya 24", "rossiya-1", "rossiya-24", "rossiya tv", "россия 1", "россия 24", "россия-1", "россия-24"),
        *("channel one", "первый канал", "ntv", "нтв", "rt", "russia today", "sputnik", "спутник", "izvestia"),
        *("известия", "kommersant", "коммерсант", "коммерсантъ", "rbc", "рбк", "zvezda", "звезда", "rossiya segodnya"),
        *("россия сегодня", "rossiyskaya gazeta", "российская газета", "komsomolskaya pravda", "ren tv", "рен тв"),
        *("комсомольская правда", "vedomosti", "ведомости", "mir", "tv centre", "твц", "al jazeera", "al arabiya"),
        *("al mayadeen", "bbc", "cnn", "nbc", "nbc news", "abc", "abc news", "cbs", "cbs news", "fox news", "reuters"),
        *("ap", "associated press", "afp", "dpa", "bloomberg", "xinhua", "синьхуа", "cgtn", "cctv", "phoenix tv"),
        *("nhk", "kyodo", "kyodo news", "anadolu", "anadolu agency", "trt", "newsweek", "le monde", "der spiegel"),
        *("spiegel", "irna", "ani", "yonhap", "euronews", "life", "dozhd", "moskva 24", "москва 24", "sky news", "itn"),
        *("france 24", "euronews", "financial times", "new york times", "washington post", "the new york times"),
        *(
            "the washington post",
            "zdf",
            "ard",
            "orf",
            "rts",
            "tanjug",
            "news front",
            "rtvi",
            "mk",
            "moskovsky komsomolets",
        ),
    }
)
_OUTLET_WORD = re.compile(
    r"(?i)\b(?:TV|ТВ|news|новости|radio|радио|(?:news )?agency|агентств\w+|newspaper|газет\w+|magazine|журнал\w*"
    r"|channel|(?:теле)?канал\w*|times|herald|tribune|gazette)\b"
)
_QUOTES = "«»“”„\"'"
# In brackets beside a label: how it was said or to whom, not for which outlet.
_NO_OUTLET = re.compile(
    r"(?i)(?:re-?translated|translat|interpret|перевод|на \w+ язык|по-\w+|in \w+$|via |through |speak|spoke|addressed"
    r"|адресован|адресуется|to |for |обращ|с места|из зала|from the|laugh|смех|off[ -]|inaudible|неразборчиво"
    r"|without|без |не слышно|beginning|начало|traduit|traduc|tradu[çz]|übersetz|aus dem|en |auf |online|онлайн|zoom)"
)
_ARTICLE = re.compile(r"\A(?:the|a|an)\s(?=\S)")
_BRACKETED = re.compile(r"\s*\(([^()]{2,60})\)")


def label_of(line: str) -> Label | None:
    """Return the label that begins a line, None where there is none.

    It is a word for questions or answers, a known name with or without an office, any name with initials, or any name
    of two to four words; the last needs company, but for a balloon before it. Other words before a colon only
    introduce ("Key talking points:").
    """
    colon = line.find(":", 1, LABEL_CHARS)
    if colon < 0 or line[colon + 1 : colon + 2].strip():
        return None
    head = _HEAD.fullmatch(line, 0, colon)
    if head is None or len(head["label"]) > _COMMON_CHARS or not head["label"][0].isupper():
        return None
    label = _read_label(head["label"], head["aside"] or "", line.startswith(_BALLOONS))
    if label is not None and label.sort is Sort.QUESTION and label.outlet is None and line.startswith("(", colon + 2):
        return replace(label, outlet=_outlet_before_speech(line[colon + 1 : colon + 1 + LABEL_CHARS]))
    return label


@lru_cache(maxsize=4_096)  # the same few come again and again
def _read_label(printed: str, aside: str, has_balloon: bool) -> Label | None:  # noqa: FBT001 - a key of the cache
    return (
        _question_label(printed, aside)
        or _answer_label(printed)
        or _outlet_label(printed)
        or _person_label(printed, aside, has_balloon=has_balloon)
    )


def _question_label(printed: str, aside: str) -> Label | None:
    if printed == "Q":
        return Label(Sort.QUESTION, printed, outlet=_outlet(aside))
    if printed.casefold() in _ASKERS:
        return Label(Sort.QUESTION, printed, outlet=_outlet(aside), needs_company=True)
    if printed.casefold() in _CHAIRS:
        return Label(Sort.CHAIR, printed, needs_company=True)
    asked = _ASKED.fullmatch(printed)
    if asked is None or not _is_of_somebody(asked):
        return None
    whose = None if (asked["whose"] or "").strip().lower() in _TO_WHOM else _outlet(asked["whom"] or "")
    return Label(Sort.QUESTION, printed, outlet=whose or _outlet(aside))


def _is_of_somebody(asked: re.Match[str]) -> bool:
    """Tell a question from or to somebody from "Question for today"."""
    whom = asked["whom"]
    return whom is None or (asked["whose"] or "").strip().lower() == "from" or any(map(str.isupper, whom))


def _answer_label(printed: str) -> Label | None:
    if printed == "A":
        return Label(Sort.ANSWER, printed, needs_company=True)
    answered = _ANSWERED.fullmatch(printed)
    if answered is None:
        return None
    name = None if answered["who"] is None else known_person(_without_office(answered["who"])[0])
    return Label(Sort.ANSWER, printed, name) if name or answered["who"] is None else None


def _outlet_label(printed: str) -> Label | None:
    if printed.casefold() in OUTLETS or printed.strip(_QUOTES).casefold() in OUTLETS:
        return Label(Sort.QUESTION, printed, outlet=printed, needs_company=True)
    return None


def _person_label(printed: str, aside: str, *, has_balloon: bool) -> Label | None:
    rest, office = _without_office(printed)
    name = known_person(rest)
    if name is not None or is_known_surname(rest):
        return Label(Sort.PERSON, printed, name)
    if _WITH_INITIALS.fullmatch(rest):
        return None if _NO_INITIALS.match(rest) else _person_or_asker(printed, rest, aside, needs_company=False)
    if _FULL_NAME.fullmatch(rest) and _is_no_heading(rest):
        return _person_or_asker(printed, rest, aside, needs_company=not has_balloon)
    if office in _PERSONAL and _ONE_NAME.fullmatch(rest) and _is_no_heading(rest):
        return Label(Sort.PERSON, printed, needs_company=not has_balloon)
    return None


def _person_or_asker(printed: str, name: str, aside: str, *, needs_company: bool) -> Label:
    """Return the label of a person, who asks where an outlet stands in brackets beside the name."""
    if aside and is_outlet(aside):
        return Label(Sort.QUESTION, printed, name, aside.strip())
    return Label(Sort.PERSON, printed, name, needs_company=needs_company)


def _without_office(printed: str) -> tuple[str, str]:
    """Return a name without the offices before it, and the last of these, in small letters."""
    words = printed.split()
    office = ""
    while words and words[0].rstrip(".,").casefold() in _OFFICES:
        office = words.pop(0).rstrip(".,").casefold()
    return " ".join(words), office


def _is_no_heading(name: str) -> bool:
    return name not in CITIES and _NO_NAMES.isdisjoint(name.casefold().split())


def is_outlet(words: str) -> bool:
    """Tell whether the words are the name of a known outlet, or say that they name one."""
    bare = words.strip(_QUOTES + " ").casefold()
    return bare in OUTLETS or _OUTLET_WORD.search(words) is not None


def _outlet(printed: str) -> str | None:
    """Return the outlet among words that stand beside a label, as printed; None where they only say how or to whom."""
    kept = [piece for part in re.split("[,;]", printed) if (piece := _ARTICLE.sub("", part.strip()))]
    named = [piece for piece in kept if _may_be_outlet(piece)]
    return ", ".join(named) or None


def _may_be_outlet(piece: str) -> bool:
    is_named = piece[0].isupper() or piece[0].isdigit() or piece[0] in _QUOTES
    return is_named and _NO_OUTLET.match(piece) is None and not any(known_names(piece))


def _outlet_before_speech(after: str) -> str | None:
    """Return the outlet of "Question: (TASS) What next?"."""
    bracketed = _BRACKETED.match(after)
    return bracketed[1].strip() if bracketed is not None and is_outlet(bracketed[1]) else None


def is_nobody(printed: str) -> bool:
    """Tell whether a label names nobody: "Answer", "Moderator"."""
    return _ANSWERED.fullmatch(printed) is not None or printed == "A" or printed.casefold() in _CHAIRS
