"""SQL stands in files, each with a header, and nothing in them changes what is there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import PROJECT

SQL = PROJECT / "warehouse" / "sql"
FILES = sorted(SQL.rglob("*.sql"))
MODULES = sorted(
    [*(PROJECT / "warehouse").rglob("*.py"), *(PROJECT / "flows").rglob("*.py"), *(PROJECT / "extract").rglob("*.py")]
)
READ_AS_A_WHOLE = ("migrations", "views", "checks", "checks/at_rest", "statements/append")
# A string is SQL where it begins as a statement does and goes on as one; a sentence that begins with "With" does not.
_STATEMENT = re.compile(
    r"\s*(?:select\s.*|insert\s+into\s.*|update\s+\S+\s+set\s.*|delete\s+from\s.*|copy\s*\(.*|from\s+\w+(?:\.\w+)?\s*"
    r"|create\s+(?:or\s+replace\s+)?(?:temp\w*\s+)?(?:table|view|macro|schema|index|sequence)\s.*"
    r"|alter\s+(?:table|view)\s.*|drop\s+(?:table|view|schema|macro)\s.*|truncate\s.*|merge\s+into\s.*|attach\s.*"
    r"|with\s+(?:recursive\s+)?\w+\s+as\s*\(.*)",
    re.IGNORECASE | re.DOTALL,
)
# The migrator's own bookkeeping: a name or a path can be no parameter of a statement.
# Databases of other tools, which are read as inputs: extraction opens no files, so the few words stand in its code.
FOREIGN = "extract/formats/database_tables.py"
BOOKKEEPING = {
    ("warehouse/migrations.py", 'drop view "'),
    ("warehouse/migrations.py", "drop table "),
    ("warehouse/migrations.py", "alter table store.stand_in rename to "),
    ("warehouse/publish.py", "attach "),
    ("warehouse/verify_copy.py", "attach "),
    ("warehouse/withholding.py", "attach "),
    ("warehouse/withholding.py", 'insert into anew."'),  # whatever tables there are: none may be forgotten
}
SHOWN = {"flows/rendering.py"}  # questions for people to paste; what is asked there comes from files


def ids(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def strings(module: Path) -> Iterator[str]:
    """Return the strings of a module that are no docstrings; of an f-string, its fixed beginning."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    passed: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            passed.add(node.value)
        if isinstance(node, ast.JoinedStr):
            passed.update(node.values[1:])
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in passed:
            yield node.value


def without_comments(text: str) -> str:
    return re.sub(r"--[^\n]*|'(?:[^']|'')*'", "", text)


@pytest.mark.parametrize("module", MODULES, ids=ids)
def test_no_sql_stands_in_python(module: Path) -> None:
    found = [text for text in strings(module) if _STATEMENT.fullmatch(text)]
    if ids(module) == FOREIGN:
        assert "duckdb" not in module.read_text(encoding="utf-8")
        return
    if ids(module) in SHOWN:
        assert not re.search(r"\.execute\((?!statement\()", module.read_text(encoding="utf-8"))
        return
    assert {(ids(module), text) for text in found} <= BOOKKEEPING


def test_what_is_looked_for_would_be_found() -> None:
    lines = [
        "select 1",
        "insert into a values (1)",
        "with a as (select 1) from a",
        "from store.run",
        'drop view "',
        "delete from a",
    ]
    assert all(_STATEMENT.fullmatch(line) for line in lines)
    sentences = ["with the remedy", "from the registry of sources", "update of a page", "begin", "create it"]
    assert not any(_STATEMENT.fullmatch(sentence) for sentence in sentences)


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_a_file_begins_with_what_it_is(path: Path) -> None:
    assert re.match(r"-- [A-Z]", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_no_statement_updates_or_deletes(path: Path) -> None:
    """Temporary tables are made anew, so that even they need none."""
    text = without_comments(path.read_text(encoding="utf-8"))
    assert not re.search(r"\b(?:update|delete|truncate|merge)\b", text, re.IGNORECASE)


@pytest.mark.parametrize("path", [path for path in FILES if path.parent.name != "migrations"], ids=ids)
def test_only_the_copy_that_people_open_is_altered(path: Path) -> None:
    text = without_comments(path.read_text(encoding="utf-8"))
    if path.parent.name != "history":
        assert not re.search(r"\b(?:alter|drop)\b", text, re.IGNORECASE)


@pytest.mark.parametrize("path", [path for path in FILES if path.parent.name == "append"], ids=ids)
def test_an_append_makes_nothing_that_lasts_but_rows(path: Path) -> None:
    text = without_comments(path.read_text(encoding="utf-8"))
    made = re.findall(r"\bcreate\s+(?:or\s+replace\s+)?(\w+)", text, re.IGNORECASE)
    assert set(made) <= {"temporary"}


def named_statements() -> set[str]:
    return {text for module in MODULES for text in strings(module)}


def test_every_statement_is_used() -> None:
    whole = tuple(SQL / folder for folder in READ_AS_A_WHOLE)
    single = [path for path in FILES if path.parent not in whole]
    names = {path.relative_to(SQL / "statements").with_suffix("").as_posix() for path in single}
    assert names <= named_statements()


@pytest.mark.parametrize("folder", READ_AS_A_WHOLE)
def test_the_folders_that_are_read_as_a_whole_are_named(folder: str) -> None:
    assert folder in named_statements()


def test_migrations_only_add() -> None:
    for path in FILES:
        if path.parent.name == "migrations":
            assert re.fullmatch(r"\d{4}_\w+", path.stem)
            assert not re.search(
                r"\b(?:drop|delete|update)\b", without_comments(path.read_text(encoding="utf-8")), re.IGNORECASE
            )
