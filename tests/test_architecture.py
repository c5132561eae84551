"""The tree keeps the shape that design gave it: who may import whom, and how large a file is."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLASK_END = {
    "__init__", "views", "writes", "bodies", "respond", "errors", "server", "auth", "portal", "odata",
    "cors", "explorer", "origin", "descriptions", "application", "paths",
}  # fmt: skip
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "base"}
TOP_LEVEL = {
    "pyproject.toml", "README.md", "CHANGELOG.md", "Makefile", "requirements.lock",
    "Dockerfile", "patron.service", "patron-worker.service",
    "app", "representations", "tests", "migrations",
}  # fmt: skip


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    """A file as Python reads it, which each law here asks about."""
    return ast.parse(path.read_text())


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports, wherever in it."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def importing(paths: list[Path], refused: Callable[[str], bool]) -> list[str]:
    """Which of the files import what is refused to them, and what that is."""
    return [f"{path.relative_to(ROOT)}: {name}" for path in paths for name in imports(path) if refused(name)]


def test_the_library_knows_neither_flask_nor_sql_nor_customers() -> None:
    allowed = {"representations", "orjson", "lxml", "jinja2", "markupsafe", "jsonpatch", "jsonpointer"}
    allowed |= sys.stdlib_module_names

    assert importing(sources("representations"), lambda name: name.partition(".")[0] not in allowed) == []


def test_a_noun_imports_no_other_noun() -> None:
    nouns = [path for path in sources("app/resources") if path.name != "__init__.py"]
    allowed = {
        "app.amounts",
        "app.cards",
        "app.codes",
        "app.db.indexes",
        "app.db.lapsing",
        "app.db.tables",
        "app.db.types",
        "app.emails",
        "app.events.parts",
        "app.events.states",
        "app.fields",
        "app.hypermedia",
        "app.jsonata_queries",
        "app.names",
        "app.origins",
        "app.password_columns",
        "app.passwords",
        "app.receivers",
        "app.redirect_uris",
        "app.refeeding",
        "app.rhythms",
        "app.schema",
        "app.structures",
        "app.subscription_dates",
        "app.transitions",
    }

    assert nouns
    assert importing(nouns, lambda name: name.partition(".")[0] == "app" and name not in allowed) == []


def test_flask_appears_only_at_the_flask_end() -> None:
    inner = [path for path in sources("app") if part_of(path) not in FLASK_END]

    assert inner
    assert importing(inner, lambda name: name.partition(".")[0] in {"flask", "werkzeug"}) == []


def part_of(path: Path) -> str:
    """The file or folder of the application that a file belongs to."""
    return path.relative_to(ROOT / "app").parts[0].removesuffix(".py")


def test_a_file_has_fewer_than_300_lines_and_begins_by_saying_what_it_is() -> None:
    paths = sources("app", "representations")

    assert [str(path) for path in paths if path.read_text().count("\n") >= 300] == []
    assert [str(path) for path in paths if not ast.get_docstring(parsed(path))] == []
    assert [str(path) for path in paths if path.stem in BANNED_NAMES] == []


def test_a_function_fits_on_a_screen() -> None:
    functions = [
        (path, node)
        for path in sources("app", "representations")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef)
    ]

    assert functions
    assert [f"{p}: {it.name}" for p, it in functions if (it.end_lineno or 0) - it.lineno >= 40] == []


SECRETS = re.compile(r"(token|secret|hash|challenge|signature|verifier|password|digest|hmac|mark)$")


def test_no_secret_is_compared_by_a_comparison_that_stops_early() -> None:
    comparisons = [
        (path, node)
        for path in sources("app")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Compare)
    ]

    assert comparisons
    assert [f"{path}: {ast.unparse(node)}" for path, node in comparisons if stops_early(node)] == []


def stops_early(node: ast.Compare) -> bool:
    """Whether a secret is compared with what is no constant, by Python and not by the database."""
    if not any(isinstance(each, ast.Eq | ast.NotEq) for each in node.ops):
        return False
    sides = (node.left, *node.comparators)
    told = any(isinstance(side, ast.Constant) or is_column(side) for side in sides)
    return not told and any(SECRETS.search(named(side)) for side in sides)


def is_column(side: ast.expr) -> bool:
    """Whether the database compares: with what stands at a table, as in `Token.hash`."""
    return isinstance(side, ast.Attribute) and named(side.value)[:1].isupper()


def named(side: ast.expr) -> str:
    """The name of a value, where it has one."""
    return side.id if isinstance(side, ast.Name) else side.attr if isinstance(side, ast.Attribute) else ""


def test_nothing_else_lies_at_the_top_of_the_tree() -> None:
    tops = {name.partition("/")[0] for name in tracked()}
    assert {top for top in tops if not top.startswith(".")} <= TOP_LEVEL


def test_no_committed_file_names_a_registry() -> None:
    hosts = [b"pypi" + b".org", b"python" + b"hosted", b"registry." + b"npmjs", b"deb." + b"debian"]
    for name in tracked():
        content = (ROOT / name).read_bytes()
        assert not [host for host in hosts if host in content], name


@pytest.mark.parametrize("name", ["requirements.lock", "tests/requirements.lock"])
def test_every_dependency_is_locked_with_hashes(name: str) -> None:
    text = (ROOT / name).read_text()

    assert text.count("==") <= text.count("--hash=sha256:")


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return listed.stdout.splitlines()
