"""Who speaks, by the title of a document, and who is named.

Knows the names of those whom the ministry's titles name as speakers, no others; unsure means none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from extract.kinds import TITLE_CHARS, kind_of
from extract.model import Kind


@dataclass(frozen=True, slots=True)
class Person:
    """A known speaker."""

    name: str  # in full, as the ministry's English pages spell it
    given_names: tuple[str, ...]  # in every spelling met, Russian without its ending
    surnames: tuple[str, ...]
    initials: str  # of given name and patronymic, Russian


def _person(name: str, given: str, surnames: str, initials: str) -> Person:
    given_name, surname = name.split()
    return Person(name, (given_name, *given.split()), (surname, *surnames.split()), initials)


PEOPLE = (
    _person("Sergey Lavrov", "Sergei Sergej Serguéi Serguei Sergueï Сергей Сергея", "Lawrow Lávrov Лавров", "СВ"),
    _person("Maria Zakharova", "Marija Mariya María Мария Марии", "Sacharowa Zajárova Захаров", "МВ"),
    _person("Vladimir Putin", "Wladimir Владимир", "Poutine Путин", "ВВ"),
    _person("Dmitry Medvedev", "Dmitri Дмитрий Дмитрия", "Медведев", "ДА"),
    _person("Mikhail Mishustin", "Михаил", "Мишустин", "МВ"),
    _person("Sergey Ryabkov", "Sergei Сергей Сергея", "Рябков", "СА"),
    _person("Igor Morgulov", "Игорь Игоря", "Моргулов", "ИВ"),
    _person("Andrey Rudenko", "Andrei Андрей Андрея", "Руденко", "АЮ"),
    _person("Alexander Grushko", "Александр", "Грушко", "АВ"),
    _person("Alexander Pankin", "Александр", "Панкин", "АА"),
    _person("Sergey Vershinin", "Sergei Сергей Сергея", "Вершинин", "СВ"),
    _person("Mikhail Galuzin", "Михаил", "Галузин", "МЮ"),
    _person("Mikhail Bogdanov", "Михаил", "Богданов", "МЛ"),
    _person("Vladimir Titov", "Владимир", "Титов", "ВГ"),
    _person("Gennady Gatilov", "Геннадий Геннадия", "Гатилов", "ГМ"),
    _person("Grigory Karasin", "Григорий Григория", "Карасин", "ГБ"),
    _person("Oleg Syromolotov", "Олег", "Сыромолотов", "ОВ"),
    _person("Alexey Meshkov", "Alexei Алексей Алексея", "Мешков", "АЮ"),
    _person("Vasily Nebenzya", "Vassily Василий Василия", "Nebenzia Небензя Небензи", "ВА"),
    _person("Vitaly Churkin", "Виталий Виталия", "Чуркин", "ВИ"),
    _person("Dmitry Polyansky", "Dmitri Дмитрий Дмитрия", "Polyanskiy Полянский Полянского", "ДА"),
    _person("Mikhail Ulyanov", "Михаил", "Ульянов", "МИ"),
    _person("Anatoly Antonov", "Анатолий Анатолия", "Антонов", "АИ"),
    _person("Vladimir Chizhov", "Владимир", "Чижов", "ВА"),
    _person("Alexander Lukashevich", "Александр", "Лукашевич", "АК"),
    _person("Artyom Kozhin", "Артём Артем", "Кожин", "АВ"),
    _person("Alexey Zaitsev", "Алексей Алексея", "Зайцев", "АА"),
    _person("Ivan Nechaev", "Nechayev Иван", "Нечаев", "ИА"),
    _person("Andrey Nesterenko", "Andrei Андрей Андрея", "Нестеренко", "АА"),
    _person("Alexander Yakovenko", "Александр", "Яковенко", "АВ"),
    _person("Igor Ivanov", "Игорь Игоря", "Иванов", "ИС"),
)
GIVEN_NAMES = frozenset(given_name.casefold() for one in PEOPLE for given_name in one.given_names)
# So common that a surname alone names nobody.
_COMMON = frozenset({"Ivanov", "Antonov", "Zaitsev", "Titov", "Medvedev", "Bogdanov", "Nesterenko", "Yakovenko"})
_BY_SURNAME: dict[str, tuple[Person, ...]] = {}
for _one in PEOPLE:
    for _surname in _one.surnames:
        _BY_SURNAME[_surname.casefold()] = (*_BY_SURNAME.get(_surname.casefold(), ()), _one)

# Russian endings of nominative, genitive and instrumental. The dative ("Лаврову") is left out: to whom a greeting goes
# is no speaker.
_ENDINGS = ("", "ой", "ым", "а")
_NAMESAKES = {surname + ending: people for surname, people in _BY_SURNAME.items() for ending in _ENDINGS}
_WORD = re.compile(r"\w+")
_BEFORE = re.compile(r"(?:(?P<initials>\w\.\s?(?:\w\.\s?)?)|(?<![\w-])(?P<word>[\w-]+)\s)$")
_INITIALS_CHARS = len("S. V. ")
_BEFORE_CHARS = 100  # no given name is longer
_OFFICE = re.compile(
    r"(?i)(minister|president|premier|spokes\w+|ambassador|representative|secretary|director|mr|ms|mrs|and|by|with|from"
    r"|министр\w*|президент\w*|представител\w*|посл\w*|посол|и)"
)

# Kinds whose titles name whose words they give. In a press release, a statement of the ministry or a report of a
# telephone conversation nobody speaks, whoever is named.
_SPOKEN = frozenset(
    {
        Kind.BRIEFING,
        Kind.COMMENT,
        Kind.INTERVIEW,
        Kind.ARTICLE,
        Kind.REMARKS_AND_ANSWERS,
        Kind.ANSWER,
        Kind.OPENING_REMARKS,
        Kind.SPEECH_REMARKS,
        Kind.NEWS_CONFERENCE,
        Kind.GREETINGS,
    }
)
_MICROPHONE = "\N{STUDIO MICROPHONE}"  # the ministry's channels begin with it where somebody's words follow
# "Ambassador to Austria", "Permanent Representative of Russia to the United Nations": offices, whose prepositions tell
# nothing of the part that the person plays.
_OFFICE_ABROAD = re.compile(r"(?i)\b(representative|ambassador|envoy|delegate)\b[^,]*?\b(to|for|at|on)\b")
_ABROAD_STEMS = ("representative", "ambassador", "envoy", "delegate")  # a cheap look before the pattern
_QUESTIONS_OF_MEDIA = re.compile(r"(?i)на вопрос\w*(?: СМИ| журналистов)?|to (?:a )?media questions?")
_PART = re.compile(
    r"(?i)\b(by|from|interview (?:with|of)|on|about|regarding|concerning|following|after|before|during|at|to|with"
    r"|о|об|по|с|к|в|на|для)\b"
)
_PARTS_OF_SPEAKERS = ("by", "from", "interview with", "interview of")


def speakers_in(title: str) -> tuple[str, ...]:
    """Return the known person whose words a title announces, by the full English name; empty when unsure.

    It is the earliest known name or nobody: whoever is named later is met, congratulated or spoken of.
    """
    if kind_of(title) not in _SPOKEN and not title.lstrip().startswith(_MICROPHONE):
        return ()
    folded = " ".join(title[:TITLE_CHARS].split())
    first = next(known_names(folded), None)
    if first is None or not _speaks(folded[: first[1]]):
        return ()
    return (first[0],)


def known_names(text: str) -> Iterator[tuple[str, int]]:
    """Yield the known people whom a text names, each with the offset of the surname, in the order of the text."""
    for word in _WORD.finditer(text):
        if word[0].casefold() in _NAMESAKES:
            offset = word.start()
            name = _name_among(word[0].casefold(), text[max(0, offset - _BEFORE_CHARS) : offset])
            if name is not None:
                yield name, offset


def known_person(name: str) -> str | None:
    """Return the full English name of the known person whose name this is, with nothing before or after it."""
    found = next(known_names(name), None) if name else None
    if found is None or len(name) > _BEFORE_CHARS:
        return None
    before, surname = name[: found[1]], name[found[1] :]
    is_alone = not before or _BEFORE.fullmatch(before) is not None
    return found[0] if is_alone and _WORD.fullmatch(surname) else None


def is_known_surname(word: str) -> bool:
    """Tell whether a word is the surname of a known person, however common."""
    return word.casefold() in _BY_SURNAME


@lru_cache(maxsize=1_024)  # the same few stand at the head of most titles
def _name_among(surname: str, before: str) -> str | None:
    """Return who it is by what stands before the surname; None where another given name stands there."""
    person = _person_among(_NAMESAKES[surname], before)
    return None if person is None else person.name


def _person_among(namesakes: tuple[Person, ...], before: str) -> Person | None:
    match = _BEFORE.search(before, _last_word_start(before))
    if match is None or (match["word"] and (match["word"].islower() or _OFFICE.fullmatch(match["word"]))):
        return None if namesakes[0].name.split()[-1] in _COMMON else namesakes[0]
    if match["word"]:
        return next((one for one in namesakes if match["word"].casefold() in map(str.casefold, one.given_names)), None)
    initials = "".join(filter(str.isalpha, match["initials"]))
    return next((one for one in namesakes if _fits(initials, one)), None)


def _last_word_start(text: str) -> int:
    """Return where a word or initials at the end of a text can begin."""
    return max(0, min(text.rfind(" ", 0, -1) + 1, len(text) - _INITIALS_CHARS))


def _fits(initials: str, person: Person) -> bool:
    return person.initials.startswith(initials) or person.name.startswith(initials[0])


@lru_cache(maxsize=1_024)
def _speaks(before: str) -> bool:
    """Tell by the words before the first name whether its bearer speaks."""
    before = before.rpartition(",")[2]
    given = _BEFORE.search(before, _last_word_start(before))
    if given is not None:  # a given name, or initials that look like prepositions
        before = before[: given.start()]
    folded = before.casefold()
    if any(stem in folded for stem in _ABROAD_STEMS):
        before = _OFFICE_ABROAD.sub(" ", before)
    if "question" in folded or "вопрос" in folded:
        before = _QUESTIONS_OF_MEDIA.sub(" ", before)
    parts = _PART.findall(before)
    return not parts or parts[-1].lower() in _PARTS_OF_SPEAKERS
