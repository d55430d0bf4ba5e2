"""Tables for people's eyes: nothing is cut on a pipe, and on a narrow terminal each row stays together."""

import io

import pytest
from rich.console import Console

from flows.tables import table_text

NAMES = ("seen between", "title", "ref")
_WORDS = "of many words " * 9
ROWS = [("2024-08-01 08:00Z .. 2024-08-20 08:00Z", f"Title {n} {_WORDS}", f"key:{n}@66d49869") for n in range(3)]


def test_on_a_pipe_a_row_is_one_line_however_wide_it_is() -> None:
    wide = [(when, title * 50, ref) for when, title, ref in ROWS]
    lines = table_text(NAMES, wide, None, "title").splitlines()
    assert len(lines) == 2 + len(wide)
    for row, line in zip(wide, lines[2:], strict=True):
        assert all(value.strip() in line for value in row)


@pytest.mark.parametrize("width", [200, 100, 75, 60, 40, 20])
def test_however_narrow_a_terminal_is_the_values_of_a_row_stand_together_and_whole(width: int) -> None:
    letters = "".join(table_text(NAMES, ROWS, Console(width=width, file=io.StringIO()), "title").split())
    places = [{letters.index(f"Title{number}of"), letters.index(f"key:{number}@66d49869")} for number in range(3)]
    assert [sorted(places[number]) for number in range(3)] == [
        sorted(set().union(*places))[2 * number : 2 * number + 2] for number in range(3)
    ]
