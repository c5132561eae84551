"""The tree keeps the shape that design gave it: who may import whom, and how large a file is."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
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


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", sources("representations"), ids=str)
def test_the_library_knows_neither_flask_nor_sql_nor_customers(path: Path) -> None:
    allowed = {"representations", "orjson", "lxml", "jinja2", "markupsafe", "jsonpatch", "jsonpointer"}
    stdlib = set(sys.stdlib_module_names)

    assert {name.partition(".")[0] for name in imports(path)} <= allowed | stdlib


@pytest.mark.parametrize("path", sources("app/resources"), ids=str)
def test_a_noun_imports_no_other_noun(path: Path) -> None:
    if path.name == "__init__.py":
        return
    ours = {name for name in imports(path) if name.partition(".")[0] == "app"}
    pure = {
        "app.structures",
        "app.amounts",
        "app.cards",
        "app.events.parts",
        "app.events.states",
        "app.codes",
        "app.emails",
        "app.fields",
        "app.names",
        "app.origins",
        "app.password_columns",
        "app.passwords",
        "app.receivers",
        "app.refeeding",
        "app.redirect_uris",
        "app.jsonata_queries",
        "app.rhythms",
        "app.subscription_dates",
        "app.transitions",
    }
    assert (
        ours
        <= {
            "app.db.indexes",
            "app.db.lapsing",
            "app.db.tables",
            "app.db.types",
            "app.hypermedia",
            "app.schema",
        }
        | pure
    )


@pytest.mark.parametrize("path", sources("app"), ids=str)
def test_flask_appears_only_at_the_flask_end(path: Path) -> None:
    part = path.relative_to(ROOT / "app").parts[0].removesuffix(".py")
    if part in FLASK_END:
        return
    assert [name for name in imports(path) if name.partition(".")[0] in {"flask", "werkzeug"}] == []


@pytest.mark.parametrize("path", sources("app", "representations"), ids=str)
def test_a_file_has_fewer_than_300_lines_and_begins_by_saying_what_it_is(path: Path) -> None:
    text = path.read_text()

    assert text.count("\n") < 300
    assert ast.get_docstring(ast.parse(text))
    assert path.stem not in BANNED_NAMES


@pytest.mark.parametrize("path", sources("app", "representations"), ids=str)
def test_a_function_fits_on_a_screen(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 40, node.name


SECRETS = re.compile(r"(token|secret|hash|challenge|signature|verifier|password|digest|hmac|mark)$")


@pytest.mark.parametrize("path", sources("app"), ids=str)
def test_no_secret_is_compared_by_a_comparison_that_stops_early(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Compare) and any(isinstance(each, ast.Eq | ast.NotEq) for each in node.ops):
            sides = (node.left, *node.comparators)
            told = any(isinstance(side, ast.Constant) or is_column(side) for side in sides)
            assert told or not [side for side in sides if SECRETS.search(named(side))], ast.unparse(node)


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
