"""Golden cases: what each format reads in an input, whole, and what it makes of the seeds.

A case is `tests/golden/<format>/<case>.<suffix>` beside `<case>.<suffix>.expected.json`. To add one, write the input
and run

    python -m tests.extract.test_golden --write

which writes what is missing. An output that changed is written anew only where the format's `extractor_version` went
up, since a reading that differs under the same version can't be told from a change of the source.
"""

import hashlib
import io
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from extract.errors import ExtractError
from extract.formats import claimants, formats
from extract.model import Format, Hints, Record, Rejection

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
SEEDS = ROOT / "seeds" / "documents"
EXPECTED = ".expected.json"
CASES = sorted(
    path for name in formats() for path in (GOLDEN / name).glob("*") if path.is_file() and EXPECTED not in path.name
)
# What only richer forms carry; it stands in an expectation where it says something.
RICHER = {
    "links": None,
    "media": None,
    "poll": None,
    "post": None,
    "page": None,
    "counts": None,
    "published_within": None,
    "carries_punctuation": True,
    "name": None,
    "outlet": None,
    "block": None,
}
SEED_ROWS = [
    json.loads(line)
    for path in sorted(GOLDEN.glob("seed_*.jsonl"))
    for line in path.read_text(encoding="utf-8").splitlines()
]
Json = dict[str, object]


def expected_path(case: Path) -> Path:
    """Return where the expectation of a case stands."""
    return case.with_name(case.name + EXPECTED)


def as_json(value: Record | Rejection) -> Json:
    """Return a value as plain JSON, with its type."""
    fields: Json = json.loads(json.dumps(_bare(asdict(value)), default=_plain))
    return {"type": type(value).__name__.lower()} | fields


def _bare(value: Any) -> Any:
    """Return a value without what only richer forms carry and this one has not."""
    if isinstance(value, dict):
        return {key: _bare(one) for key, one in value.items() if key not in RICHER or one != RICHER[key]}
    return [_bare(one) for one in value] if isinstance(value, list | tuple) else value


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def values_of(form: Format, data: bytes, hints: Hints) -> list[Record | Rejection]:
    """Return everything that a format reads in an input."""
    return [value for stretch in form.split(io.BytesIO(data), hints) for value in form.read(stretch, hints)]


def outcome_of(form: Format, data: bytes, hints: Hints) -> Json:
    """Return what a format makes of an input: its values, or the error that ends it."""
    try:
        return {"values": [as_json(value) for value in values_of(form, data, hints)]}
    except ExtractError as error:
        return {"error": {"type": type(error).__name__, "reason": error.reason, "message": str(error)}}


def reading_of(case: Path, hints: Json) -> Json:
    """Return the whole expectation that fits what is read now."""
    form = formats()[case.parent.name]
    outcome = outcome_of(form, case.read_bytes(), Hints(**({"source_key": "golden"} | hints)))  # type: ignore[arg-type]
    return {"extractor_version": form.extractor_version, "hints": hints} | outcome


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.stem}")
def test_an_input_is_read_as_written_down(case: Path) -> None:
    """A red one means: raise `extractor_version` and write anew, or mend the format."""
    expected = json.loads(expected_path(case).read_text(encoding="utf-8"))
    assert reading_of(case, expected["hints"]) == expected


@pytest.mark.parametrize("name", formats())
@pytest.mark.parametrize("sort", ["ordinary", "empty", "malformed"])
def test_a_format_has_an_ordinary_an_empty_and_a_malformed_case(name: str, sort: str) -> None:
    """A format is registered by being there, so its cases must be there too."""
    assert list((GOLDEN / name).glob(f"{sort}*"))


def test_no_expectation_lacks_its_input() -> None:
    """An input that is renamed takes its expectation along."""
    assert {expected_path(case) for case in CASES} == set(GOLDEN.glob("*/*.expected.json"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.stem}")
def test_no_other_format_claims_a_case(case: Path) -> None:
    """A file that two formats claim could not be handed in without a format's name."""
    assert set(claimants(case.read_bytes()[:65_536])) <= {case.parent.name}


@pytest.mark.parametrize("row", SEED_ROWS, ids=lambda row: f"{row['file'][:3]}-{row['position']}")
def test_a_seed_is_read_as_checked_by_eye(row: dict[str, Any]) -> None:
    """`record` holds fields of `Record`; `text_sha256` and `line_count` are those of its text."""
    data = (SEEDS / row["file"]).read_bytes()
    (name,) = claimants(data[:65_536])
    value = values_of(formats()[name], data, Hints("seeds"))[row["position"] - 1]
    assert isinstance(value, Record)
    read = as_json(value)
    assert {field: read[field] for field in row["record"]} == row["record"]
    assert hashlib.sha256(value.text.encode()).hexdigest() == row["text_sha256"]
    assert len(value.text.split("\n")) == row["line_count"]


def write(cases: Iterable[Path]) -> list[str]:
    """Write the expectations that are missing or of an older version; return those that may not be written."""
    refused: list[str] = []
    for case in cases:
        path = expected_path(case)
        old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
        new = reading_of(case, old["hints"] if old else {})
        if old is not None and old != new and old.get("extractor_version") == new["extractor_version"]:
            refused.append(f"{path}: the output changed, extractor_version did not")
        elif old != new:
            path.write_text(json.dumps(new, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return refused


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python -m tests.extract.test_golden --write")
    sys.exit("\n".join(write(CASES)) or 0)
