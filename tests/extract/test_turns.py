"""What each line of a text is for, and who says it."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.labels import label_of
from extract.model import Block, Medium, Passage, Role
from extract.turns import answerer, turns

INTERVIEW = "Foreign Minister Sergey Lavrov’s interview with TASS, Moscow, March 3, 2024"
BODY = Passage(Role.BODY)
LAVROV = Passage(Role.ANSWER, "Sergey Lavrov", "Sergey Lavrov")
ASKED = Passage(Role.QUESTION, "Question")


def page(text: str, title: str | None = "Remarks") -> list[Passage]:
    """Return the turns of a page whose paragraphs are parted by "|"."""
    return turns(text.split("|"), medium=Medium.PAGE, title=title)


def post(text: str, title: str | None = "Remarks") -> list[Passage]:
    """Return the turns of a post whose lines are parted by "|"."""
    return turns(text.split("|"), medium=Medium.POST, title=title)


@pytest.mark.parametrize(
    ("line", "speaker", "name"),
    [
        ("Sergey Lavrov: We met.", "Sergey Lavrov", "Sergey Lavrov"),
        ("Sergey Lavrov (in English): We met.", "Sergey Lavrov", "Sergey Lavrov"),
        ("SERGEY LAVROV: We met.", "SERGEY LAVROV", "Sergey Lavrov"),
        ("Sergey Lavrov:", "Sergey Lavrov", "Sergey Lavrov"),
        ("Sergey Lavrov : We met.", "Sergey Lavrov", "Sergey Lavrov"),
        ("S.V.Lavrov: We met.", "S.V.Lavrov", "Sergey Lavrov"),
        ("S. Lavrov: We met.", "S. Lavrov", "Sergey Lavrov"),
        ("С.В.Лавров: Мы встретились.", "С.В.Лавров", "Sergey Lavrov"),
        ("С.В. Лавров: Мы встретились.", "С.В. Лавров", "Sergey Lavrov"),
        ("Сергей Лавров: Мы встретились.", "Сергей Лавров", "Sergey Lavrov"),
        ("М.В.Захарова: Мы встретились.", "М.В.Захарова", "Maria Zakharova"),
        ("Maria Zakharova: We met.", "Maria Zakharova", "Maria Zakharova"),
        ("Lavrov: We met.", "Lavrov", "Sergey Lavrov"),
        ("Zakharova: We met.", "Zakharova", "Maria Zakharova"),
        ("Захарова: Мы встретились.", "Захарова", "Maria Zakharova"),
        ("Foreign Minister Lavrov: We met.", "Foreign Minister Lavrov", "Sergey Lavrov"),
        ("Russian Foreign Minister Sergey Lavrov: We met.", "Russian Foreign Minister Sergey Lavrov", "Sergey Lavrov"),
        ("Министр иностранных дел С.В.Лавров: Да.", "Министр иностранных дел С.В.Лавров", "Sergey Lavrov"),
        ("President Vladimir Putin: We met.", "President Vladimir Putin", "Vladimir Putin"),
        ("President Putin: We met.", "President Putin", "Vladimir Putin"),
        ("#Lavrov: We met.", "Lavrov", "Sergey Lavrov"),
        ("– Sergey Lavrov: We met.", "Sergey Lavrov", "Sergey Lavrov"),
        ("Sergej Lawrow: Wir sprachen.", "Sergej Lawrow", "Sergey Lavrov"),
        ("Serguéi Lavrov: Hablamos.", "Serguéi Lavrov", "Sergey Lavrov"),
        ("J.Kerry: We met.", "J.Kerry", "J.Kerry"),
        ("Дж.Керри и другие: нет.", None, None),
        ("Х.Амир Абдоллахиян: Мы встретились.", "Х.Амир Абдоллахиян", "Х.Амир Абдоллахиян"),
        ("Ivanov: We met.", "Ivanov", None),
        ("Igor Ivanov: We met.", "Igor Ivanov", "Igor Ivanov"),
    ],
)
def test_a_label_gives_the_speaker_as_printed_and_the_name_as_known(
    line: str, speaker: str | None, name: str | None
) -> None:
    assert page(line) == [Passage(Role.BODY, speaker, name)]


@pytest.mark.parametrize(
    ("line", "printed", "outlet"),
    [
        ("Question: Why?", "Question", None),
        ("Question:", "Question", None),
        ("QUESTION: Why?", "QUESTION", None),
        ("Question 2: Why?", "Question 2", None),
        ("Follow-up question: Why?", "Follow-up question", None),
        ("Question (retranslated from French): Why?", "Question", None),
        ("Question (via interpreter): Why?", "Question", None),
        ("Question (addressed to both ministers): Why?", "Question", None),
        ("Question (to Sergey Lavrov): Why?", "Question", None),
        ("Question (Rossiya 24): Why?", "Question", "Rossiya 24"),
        ("Question (Al Jazeera, translated from Arabic): Why?", "Question", "Al Jazeera"),
        ("Question from RIA Novosti: Why?", "Question from RIA Novosti", "RIA Novosti"),
        ("Question from the BBC: Why?", "Question from the BBC", "BBC"),
        ("Question from the audience: Why?", "Question from the audience", None),
        ("Question: (TASS) Why?", "Question", "TASS"),
        ("Question: (Laughter) Why?", "Question", None),
        ("Question: (In English) Why?", "Question", None),
        ("Question for Maria Zakharova: Why?", "Question for Maria Zakharova", None),
        ("Q: Why?", "Q", None),
        ("Вопрос: Почему?", "Вопрос", None),
        ("Вопрос («Известия»): Почему?", "Вопрос", "«Известия»"),
        ("Вопрос (перевод с английского): Почему?", "Вопрос", None),
        ("Вопрос (перевод с английского, Al Jazeera): Почему?", "Вопрос", "Al Jazeera"),
        ("Вопрос («Аль-Джазира», перевод с арабского): Почему?", "Вопрос", "«Аль-Джазира»"),
        ("Вопрос (адресован обоим министрам): Почему?", "Вопрос", None),
        ("Вопрос корреспондента «Известий»: Почему?", "Вопрос корреспондента «Известий»", "«Известий»"),
        ("Вопрос к С.В.Лаврову: Почему?", "Вопрос к С.В.Лаврову", None),
        ("Дополнительный вопрос: Почему?", "Дополнительный вопрос", None),
        ("Frage: Warum?", "Frage", None),
        ("Question : Pourquoi ?", "Question", None),
        ("Question\N{NO-BREAK SPACE}: Pourquoi ?", "Question", None),
        ("Pregunta: ¿Por qué?", "Pregunta", None),
        ("Pergunta: Por quê?", "Pergunta", None),
    ],
)
def test_a_question_has_the_outlet_for_which_it_is_asked(line: str, printed: str, outlet: str | None) -> None:
    assert page(line) == [Passage(Role.QUESTION, printed, outlet=outlet)]
    assert post(line) == [Passage(Role.QUESTION, outlet=outlet)]


@pytest.mark.parametrize("label", ["Answer", "Ответ", "Antwort", "Réponse", "Respuesta", "Resposta"])
def test_an_answer_alone_is_that_of_the_one_person_whom_an_interview_names(label: str) -> None:
    assert (
        page(f"Question: Why?|{label}: So.|And so.", INTERVIEW)[1:]
        == [Passage(Role.ANSWER, label, "Sergey Lavrov")] * 2
    )
    assert page(f"Question: Why?|{label}: So.", "Sergey Lavrov’s remarks at a school")[1] == Passage(Role.ANSWER, label)
    assert page(f"Question: Why?|{label}: So.", None)[1] == Passage(Role.ANSWER, label)


@pytest.mark.parametrize(
    "title",
    [
        "Interview with Sergey Lavrov and Foreign Minister of China Wang Yi",
        "Joint interview of Sergey Lavrov and Wang Yi",
        "Maria Zakharova’s answer to a media question on Sergey Lavrov’s visit",
        "Interview with TASS",
        "Press release on Sergey Lavrov’s visit",
    ],
)
def test_a_title_that_leaves_room_for_two_names_nobody_as_the_answerer(title: str) -> None:
    assert answerer(title) is None


def test_the_answer_may_carry_its_name() -> None:
    assert page("Вопрос: Почему?|Ответ С.В.Лаврова: Потому.")[1] == Passage(
        Role.ANSWER, "Ответ С.В.Лаврова", "Sergey Lavrov"
    )


def test_a_transcript_is_told_apart_line_by_line() -> None:
    lines = (
        "Ladies and gentlemen,|We have held talks.|Answers to media questions:|Question: Why?|When?"
        "|Sergey Lavrov: Soon.|<...>|On July 25: nothing.|Question (retranslated from Chinese): And?|Wang Yi: Yes."
        "|Sergey Lavrov: Yes, too.|Wang Yi: Good.|Thank you."
    )
    wang = Passage(Role.ANSWER, "Wang Yi", "Wang Yi")
    assert page(lines) == [
        *(BODY, BODY, Passage(Role.HEADING), ASKED, ASKED, LAVROV, Passage(Role.OMISSION), LAVROV),
        *(ASKED, wang, LAVROV, wang, wang),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Here is the thing: we met.",
        "On July 25: talks.",
        "Moscow, March 3: talks.",
        "Note: we met.",
        "Photo: TASS",
        "Source: TASS",
        "Key talking points:",
        "Middle East: we spoke of it",
        "Middle East Settlement: we spoke of it",
        "U.S. Embassy: closed",
        "P.S. Lavrov: no",
        "The Foreign Ministry said: no",
        "Sergey Lavrov on Ukraine: we met",
        "Sergey Lavrov said: we met",
        "Watch Sergey Lavrov: live",
        "According to Sergey Lavrov: yes",
        "17:18",
        "https://mid.ru/en: see",
        "Question of principle: what next",
        "Question for today: what next",
        "question: why",
        "Questions: many",
        "The question: why",
        "Вопрос в том: зачем",
        "Мы сказали: нет.",
        "Foreign Minister: yes",
        "Lavrov:yes",
        "Nizhny Novgorod: talks",
        "TASS: the minister arrived",
        "Moderator: the next one",
        "Journalist: a profession",
        "A: the first",
        "(Question): why",
        "“Lavrov: yes”",
        ":",
        ": so",
        "",
    ],
)
def test_an_ordinary_line_with_a_colon_is_no_label(line: str) -> None:
    assert page(line) == [BODY]
    assert post(line) == [BODY]


@pytest.mark.parametrize(
    "line",
    ["Here is the thing: we met.", "Moscow, March 3: talks.", "Note: yes.", "Middle East: yes.", "Source: TASS"],
)
def test_an_ordinary_line_with_a_colon_does_not_end_a_turn(line: str) -> None:
    assert page(f"Question: Why?|Sergey Lavrov: So.|{line}")[2] == LAVROV


@pytest.mark.parametrize(
    "heading", ["Из ответов на вопросы:", "Ответы на вопросы СМИ", "From answers to media questions:"]
)
@pytest.mark.parametrize("signs", ["", "❗️ ", "✅"])
def test_the_heading_of_the_answers_ends_a_turn(heading: str, signs: str) -> None:
    assert page(f"Sergey Lavrov: So.|{signs}{heading}|It was so.")[1:] == [Passage(Role.HEADING), BODY]


def test_a_speech_after_the_heading_of_the_answers_answers_only_a_question() -> None:
    assert page("Question: Why?|Sergey Lavrov: So.|Answers to media questions:|Sergey Lavrov: Hello.")[3] == Passage(
        Role.BODY, "Sergey Lavrov", "Sergey Lavrov"
    )


@pytest.mark.parametrize("end", ["Read in full", "📄 Читать полностью", "#RussiaChina", "🤝 #RussiaChina", "📍 Moscow"])
def test_a_pointer_tags_and_a_pin_end_a_turn(end: str) -> None:
    for found in (page, post):
        assert found(f"Question: Why?|Sergey Lavrov: So.|And so.|{end}|More.")[2:] == [LAVROV, BODY, BODY]


def test_the_headings_that_a_table_of_contents_lists_are_headings() -> None:
    lines = (
        "Table of сontents|1. Trade|2. Peace|Answers to media questions:|3. Sport|Trade|We trade.|Peace"
        "|Sergey Lavrov: Yes.|Answers to media questions:|Question: Why?|Sergey Lavrov: So.|Sport|No label."
    )
    roles = [passage.role for passage in page(lines)]
    heading, body = Role.HEADING, Role.BODY
    assert roles == [
        *(heading, body, body, heading, body, heading, body, heading),
        *(body, heading, Role.QUESTION, Role.ANSWER, heading, body),
    ]
    assert page(lines)[-1] == BODY


def test_a_table_of_contents_that_is_never_repeated_lists_no_headings() -> None:
    assert page("Contents|Trade|Peace")[1:] == [BODY, BODY]
    assert page("Contents") == [Passage(Role.HEADING)]
    assert page("Contents|Trade") == [Passage(Role.HEADING), BODY]


def test_a_heading_of_the_markup_ends_a_turn() -> None:
    blocks = [Block.PARAGRAPH, Block.HEADING, None, Block.LIST_ITEM]
    assert turns(["Sergey Lavrov: So.", "Trade", "More.", "Less."], medium=Medium.PAGE, title=None, blocks=blocks) == [
        Passage(Role.BODY, "Sergey Lavrov", "Sergey Lavrov", block=Block.PARAGRAPH),
        Passage(Role.HEADING, block=Block.HEADING),
        BODY,
        Passage(Role.BODY, block=Block.LIST_ITEM),
    ]


def test_a_label_that_the_markup_makes_a_heading_is_a_label() -> None:
    blocks = [Block.HEADING, Block.PARAGRAPH]
    found = turns(["Question:", "Why?"], medium=Medium.PAGE, title=None, blocks=blocks)
    assert [passage.role for passage in found] == [Role.QUESTION, Role.QUESTION]


def test_an_unknown_name_counts_where_it_comes_again() -> None:
    kerry = Passage(Role.BODY, "John Kerry", "John Kerry")
    assert page("John Kerry: Hello.|Thank you.|John Kerry: Yes.") == [kerry] * 3


def test_an_unknown_name_counts_where_it_follows_a_question() -> None:
    assert page("Question: Why?|John Kerry: So.")[1] == Passage(Role.ANSWER, "John Kerry", "John Kerry")


def test_an_unknown_name_that_stands_once_is_nobody_and_ends_the_turn_before_it() -> None:
    """Else the words of a guest would be the minister's."""
    assert page("Question: Why?|Sergey Lavrov: So.|John Kerry: Hello.|Thank you.|Sergey Lavrov: Yes.") == [
        *(ASKED, LAVROV, BODY, BODY, LAVROV),
    ]


def test_the_office_is_no_part_of_an_unknown_name() -> None:
    assert post("💬 Foreign Minister Wang Yi: Yes.") == [Passage(Role.QUOTE, "Foreign Minister Wang Yi", "Wang Yi")]
    assert post("💬 President Macron: Yes.") == [Passage(Role.QUOTE, "President Macron")]
    assert post("💬 Key Points: many.") == [Passage(Role.QUOTE)]


def test_whoever_has_an_outlet_beside_the_name_asks() -> None:
    assert page("Steve Rosenberg (BBC): Why?|Sergey Lavrov: So.") == [
        Passage(Role.QUESTION, "Steve Rosenberg", "Steve Rosenberg", "BBC"),
        LAVROV,
    ]


def test_outlets_that_take_turns_with_answers_ask() -> None:
    tass = Passage(Role.QUESTION, "TASS", outlet="TASS")
    assert page("TASS: Why?|Sergey Lavrov: So.|TASS: When?|Sergey Lavrov: Soon.") == [tass, LAVROV, tass, LAVROV]


def test_a_moderator_who_comes_again_does_not_go_on_with_the_words_of_another() -> None:
    chair = Passage(Role.BODY, "Moderator")
    assert page("Moderator: Hello.|Sergey Lavrov: Hello.|Moderator: Thank you.")[0::2] == [chair, chair]


def test_letters_stand_for_question_and_answer_only_together() -> None:
    assert page("Q: Why?|A: So.", INTERVIEW)[1] == Passage(Role.ANSWER, "A", "Sergey Lavrov")
    assert page("A: one|B: two|A: three") == [BODY] * 3


def test_a_marked_question_has_its_outlet_and_no_speaker() -> None:
    assert post("❓ TASS: Why?|💬 Sergey Lavrov: So.") == [Passage(Role.QUESTION, outlet="TASS"), LAVROV]
    assert post("❓ Question (Izvestia): Why?|💬 So.") == [
        Passage(Role.QUESTION, outlet="Izvestia"),
        Passage(Role.ANSWER),
    ]
    assert post("❓ Here is a question: Why?") == [Passage(Role.QUESTION)]


def test_a_labelled_question_goes_on_and_a_marked_one_may_not() -> None:
    question = Passage(Role.QUESTION)
    assert post("❓Question: Why?|When?|💬 So.")[:2] == [question, question]
    assert post("❓ What is it?|An association.")[:2] == [question, BODY]


def test_an_unlabelled_answer_is_that_of_the_one_person_whom_an_interview_names() -> None:
    assert post("❓ Why?|💬 So.|And so.", "🎙 " + INTERVIEW)[1:] == [Passage(Role.ANSWER, None, "Sergey Lavrov")] * 2


def test_a_speech_that_answers_nothing_is_a_quotation_of_one_line() -> None:
    quote = Passage(Role.QUOTE, "Sergey Lavrov", "Sergey Lavrov")
    assert post("💬 Sergey Lavrov: We met.|Key points:") == [quote, BODY]
    assert post("Sergey Lavrov: We met.|Key points:") == [quote, BODY]
    assert post("💬 We met.|Key points:", INTERVIEW) == [Passage(Role.QUOTE), BODY]


@pytest.mark.parametrize("medium", Medium)
@settings(max_examples=100)
@given(
    lines=st.lists(
        st.sampled_from(
            ["Question", "Lavrov", "Wang Yi", "A", "Q", "💬", "❓", "TASS", "(BBC)", ": ", "#x", "<...>", "."]
        )
        | st.text(max_size=5),
        max_size=12,
    ).map(lambda words: "".join(words).split("."))
)
def test_each_line_has_one_passage_whatever_it_is(medium: Medium, lines: list[str]) -> None:
    assert len(turns(lines, medium=medium, title="".join(lines[:1]))) == len(lines)


@pytest.mark.parametrize(
    "line",
    ["A" * 100_000 + ": x", "💬" * 100_000 + ": x", "(" * 100_000 + ": x", "A (b" * 30 + ": x", "A. " * 45 + ": x"],
)
def test_no_line_takes_long(line: str) -> None:
    began = time.process_time()
    for _ in range(100):
        label_of(line)
    assert time.process_time() - began < 1
