"""Fixtures: every test that touches a database runs on SQLite and on PostgreSQL."""

import os
from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import settings

from tests.databases import ENGINES, empty_database
from tests.site import Site, forget_filled, hash_cheaply, open_site

SEARCHING = "PATRON_SEARCH" in os.environ
"""Whether laws are tried with other examples than the last time: a check of a change is to be repeatable."""

settings.register_profile("patron", deadline=None, derandomize=not SEARCHING)  # busy machines are no faults
settings.load_profile("patron")

NO_SAY = "ON_ONE_ENGINE"
"""The name by which a module says that what it holds is decided before a database is asked, or after."""


LONG = frozenset({"browser", "faults", "pulling", "server"})
"""Folders whose tests start servers and wait for them: begun last, one would go on when all else is done."""


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: a good part of the suite waits for servers that it started."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tries what is long first, and on the first engine alone what engines have no say in.

    Where other examples are searched for, those are tried on each.
    """
    twice = [each for each in items if not SEARCHING and _engine(each) == ENGINES[-1] and _has_no_say(each)]
    if twice:
        config.hook.pytest_deselected(items=twice)
        left_out = set(twice)
        items[:] = [each for each in items if each not in left_out]
    if processes := int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 0)):
        items[:] = list(_long_first(items, processes))


def _long_first(items: list[pytest.Item], processes: int) -> Iterator[pytest.Item]:
    """Lets the long ones lead what pytest-xdist gives to each process, a run of tests that lie together.

    One process gets none: beside servers under load others are to be quick.
    """
    modules: dict[str, list[pytest.Item]] = {}
    for each in items:
        if each.path.parent.name in LONG:
            modules.setdefault(str(each.path), []).append(each)
    hands: list[list[pytest.Item]] = [[] for _ in range(max(1, processes - 1))]
    for number, module in enumerate(modules.values()):
        hands[number % len(hands)] += module
    quick = iter([each for each in items if each.path.parent.name not in LONG])
    for hand in hands:
        yield from hand
        yield from islice(quick, max(0, len(items) // processes - len(hand)))
    yield from quick


def _has_no_say(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and hasattr(item.module, NO_SAY)


def _engine(item: pytest.Item) -> object:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("engine_name") if callspec else None


def pytest_unconfigure() -> None:
    """Leaves no database behind: processes of pytest-xdist end without more ado."""
    forget_filled()


@pytest.fixture(scope="session", params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """The engine that a test runs on."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def site(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that tests only read, shared by them."""
    with open_site(engine_name, tmp_path_factory.mktemp("site")) as opened:
        yield opened


@pytest.fixture(scope="session")
def shared_site(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that tests write to, each to rows that it makes for itself; it hashes passwords cheaply."""
    with open_site(engine_name, tmp_path_factory.mktemp("shared")) as opened:
        hash_cheaply(opened)
        yield opened


@pytest.fixture
def own_site(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site for one test alone, which may change it."""
    with open_site(engine_name, tmp_path_factory.mktemp("own")) as opened:
        yield opened


@pytest.fixture
def database_url(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An empty database."""
    with empty_database(engine_name, tmp_path_factory.mktemp("database")) as url:
        yield url
