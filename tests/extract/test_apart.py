"""Where a form says that its records stand apart, each follows from its own bytes, the hints and what `Apart` names."""

import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from extract.errors import ExtractError
from extract.formats import formats
from extract.model import Apart, Format, Hints, Record, Stretch
from tests.extract.test_golden import CASES

HINTS = (Hints("source", "en"), Hints("source", "ru", "Asia/Tokyo", is_zone_given=True, channel_id=1_234_567_890))
FAR = 5_000_000_000  # another place
OTHER_TITLE = "Another «title» 🎙"


def stretches(form: Format, data: bytes, hints: Hints) -> Iterator[tuple[Stretch, Apart]]:
    """Yield the stretches of an input whose records stand apart, as far as it is one of this form."""
    try:
        for stretch in form.split(io.BytesIO(data), hints):
            apart = form.apart(stretch)
            if apart is not None:
                yield stretch, apart
    except ExtractError:
        return


def variants(case: Path) -> Iterator[bytes]:
    """Yield the bytes of a case: as they are, laid out on one line, and with something torn in the middle."""
    data = case.read_bytes()
    yield data
    with suppress(orjson.JSONDecodeError):
        yield orjson.dumps(orjson.loads(data))
    middle = data.find(b'"id"', len(data) // 2)
    yield data[:middle] + b'"' + data[middle:]
    yield data[: 2 * len(data) // 3]


CASES_APART = [
    case
    for case in CASES
    if any(list(stretches(formats()[case.parent.name], data, hints)) for data in variants(case) for hints in HINTS)
]


def test_there_are_such_forms() -> None:
    assert {case.parent.name for case in CASES_APART} == {"telegram_desktop_json"}


@pytest.mark.parametrize("case", CASES_APART, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_a_stretch_gives_what_its_records_give_one_by_one(case: Path) -> None:
    form = formats()[case.parent.name]
    for data in variants(case):
        for hints in HINTS:
            for stretch, apart in stretches(form, data, hints):
                base = stretch.byte_from
                each = [
                    value
                    for start, end in apart.places
                    for value in form.read(
                        replace(stretch, byte_from=base + start, byte_to=base + end, data=stretch.data[start:end]),
                        hints,
                    )
                ]
                assert each == list(form.read(stretch, hints))


@pytest.mark.parametrize("case", CASES_APART, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_the_bytes_of_a_record_give_the_same_record_at_any_place_and_the_title_goes_into_its_title_alone(
    case: Path,
) -> None:
    form = formats()[case.parent.name]
    count = 0
    for data in variants(case):
        for hints in HINTS:
            for stretch, _ in stretches(form, data, hints):
                context = orjson.loads(stretch.context) | {"title": OTHER_TITLE, "line_before": ""}
                for record in (one for one in form.read(stretch, hints) if isinstance(one, Record)):
                    count += 1
                    own = data[record.byte_from : record.byte_to]
                    (alone,) = form.read(Stretch(FAR, FAR + len(own), own, orjson.dumps(context)), hints)
                    assert record.post is not None
                    post = replace(record.post, channel_title=OTHER_TITLE)
                    assert alone == replace(record, byte_from=FAR, byte_to=FAR + len(own), post=post)
    assert count or "malformed" in case.name or "empty" in case.name
