"""Which package may know of which, and that importing one does nothing."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT

PACKAGES = ("extract", "warehouse", "flows")
LINTER = Path(sys.executable).with_name("lint-imports")
# A line in a module that each contract forbids.
PLANTED = {
    "flows stand above warehouse, and warehouse above extract": ("warehouse/layout.py", "import flows.reports"),
    "extract is pure": ("extract/fields.py", "import duckdb"),
    "warehouse knows of extract only its values": ("warehouse/layout.py", "import extract.dates"),
}


def modules(package: str) -> list[Path]:
    return sorted((PROJECT / package).rglob("*.py"))


def dotted(path: Path) -> str:
    name = path.relative_to(PROJECT).with_suffix("").as_posix().replace("/", ".")
    return name.removesuffix(".__init__")


def run(code: str, folder: Path) -> str:
    """Run a line of Python in a folder, with an environment that has nothing of the program's."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages."""
    folder = tmp_path_factory.mktemp("tree")
    shutil.copy(PROJECT / "pyproject.toml", folder)
    for package in PACKAGES:
        shutil.copytree(PROJECT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [LINTER, "--no-cache"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_the_contracts_of_imports_are_kept(tree: Path) -> None:
    done = lint(tree)
    assert done.returncode == 0, done.stdout
    assert f"Contracts: {len(PLANTED)} kept, 0 broken" in done.stdout


@pytest.mark.parametrize("contract", PLANTED)
def test_an_import_that_a_contract_forbids_breaks_it(tree: Path, contract: str) -> None:
    name, line = PLANTED[contract]
    path = tree / name
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n{line}\n", encoding="utf-8")
    try:
        done = lint(tree)
    finally:
        path.write_text(text, encoding="utf-8")
    assert done.returncode == 1
    assert f"{contract} BROKEN" in done.stdout


def imported(path: Path) -> set[str]:
    """Return the packages that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("package", ["extract", "warehouse"])
def test_prefect_and_the_environment_are_named_only_in_flows(package: str) -> None:
    for path in modules(package):
        text = path.read_text(encoding="utf-8")
        assert "prefect" not in imported(path), path
        assert "environ" not in text, path
        assert "getenv" not in text, path


def test_the_clock_is_read_only_in_flows() -> None:
    for package in ("extract", "warehouse"):
        for path in modules(package):
            text = path.read_text(encoding="utf-8")
            assert not any(call in text for call in (".now(", ".utcnow(", ".today(", "time.time(")), path


def test_extract_loads_without_a_database_a_scheduler_or_a_network(tmp_path: Path) -> None:
    names = [dotted(path) for path in modules("extract")]
    others = "{'duckdb', 'prefect', 'httpx', 'warehouse', 'flows'}"
    code = f"import sys, {', '.join(names)}; print(sorted({others} & set(sys.modules)))"
    assert run(code, tmp_path).strip() == "[]"


def test_the_warehouse_and_the_command_load_without_a_scheduler(tmp_path: Path) -> None:
    names = [dotted(path) for path in modules("warehouse")]
    code = f"import sys, flows.command, {', '.join(names)}; print(sorted({{'prefect'}} & set(sys.modules)))"
    assert run(code, tmp_path).strip() == "[]"


# Watches what an import does: files written, made or moved, connections, and names read from the environment.
_WATCH = """
import importlib, os, sys
seen = []
OWN = {own!r}
EVENTS = 'os.mkdir', 'os.rename', 'os.remove', 'socket.connect', 'subprocess.Popen', 'sqlite3.connect'
def is_own():
    frame = sys._getframe(2)
    while frame.f_code.co_filename.startswith('<frozen') or frame.f_code.co_filename.endswith('_collections_abc.py'):
        frame = frame.f_back
    return frame.f_code.co_filename.startswith(OWN)
def watch(event, args):
    if event in EVENTS:
        seen.append((event, str(args)))
    if event == 'open' and isinstance(args[1], str) and set(args[1]) & set('wax+'):
        seen.append((event, str(args)))
class Environment(type(os.environ)):
    def __getitem__(self, key):
        if is_own():
            seen.append(('environment', key))
        return super().__getitem__(key)
os.environ.__class__ = Environment
import duckdb
connect = duckdb.connect
duckdb.connect = lambda *a, **k: seen.append(('duckdb', str(a))) or connect(*a, **k)
{before}
sys.addaudithook(watch)
for name in {names!r}:
    importlib.import_module(name)
print(seen)
"""


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_a_module_makes_no_file_opens_no_connection_and_reads_no_environment(
    package: str, tmp_path: Path
) -> None:
    """What Prefect does when it is imported is its own affair: it is imported before."""
    own = tuple(f"{PROJECT / name}{os.sep}" for name in PACKAGES)
    names = [dotted(path) for path in modules(package) if not path.stem.startswith("__main__")]
    before = (
        "import prefect, prefect.flows, prefect.artifacts, prefect.settings, prefect.client.orchestration"
        if package == "flows"
        else ""
    )
    assert run(_WATCH.format(own=own, names=names, before=before), tmp_path).strip().endswith("[]")
    if package != "flows":
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "line",
    [
        "os.environ.get('HOME')",
        "os.environ['HOME']",
        "os.getenv('HOME')",
        "'HOME' in os.environ and os.environ['HOME']",
        "os.mkdir('a')",
        "open('a', 'w').close()",
        "duckdb.connect()",
    ],
)
def test_what_an_import_must_not_do_would_be_seen(line: str, tmp_path: Path) -> None:
    (tmp_path / "probe.py").write_text(f"import os, duckdb\n{line}\n", encoding="utf-8")
    assert not run(_WATCH.format(own=(str(tmp_path),), names=["probe"], before=""), tmp_path).strip().endswith("[]")


@pytest.mark.parametrize("package", PACKAGES)
def test_the_packages_are_those_of_this_folder(package: str, tmp_path: Path) -> None:
    """Names as plain as these may be taken by another package that is installed."""
    assert Path(run(f"import {package}; print({package}.__path__[0])", tmp_path).strip()) == PROJECT / package
