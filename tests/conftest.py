"""Fixtures: every test that touches a database runs on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.databases import ENGINES, empty_database
from tests.site import Site, hash_cheaply, open_site

settings.register_profile("patron", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("patron")


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
