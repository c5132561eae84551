"""Fixtures: one sandbox and one Chromium in each process of the suite, a new profile for each test."""

import itertools
import json
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import ARTEFACTS, SIZES, opened, running_chromium
from tests.browser.elsewhere import bundled, served_elsewhere
from tests.browser.persons import PERSONS, Person
from tests.browser.watching import Watched
from tests.server.node import npm_installed
from tests.server.processes import sandboxed

HERE = Path(__file__).parent
COUNTED = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox."""

    base: str
    credentials: dict[str, Any]
    folder: Path

    @property
    def token(self) -> str:
        """A token with full access to its store."""
        token: str = self.credentials["token"]
        return token

    def ask(self, method: str, href: str, properties: Any = None) -> dict[str, Any]:
        """What somebody else is answered meanwhile."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        body = None if properties is None else json.dumps(properties).encode()
        request = urllib.request.Request(urljoin(self.base, href), body, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            document: dict[str, Any] = json.load(answer)
        return document


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def packages() -> Path:
    """The folder with the packages of npm's that its lock file names."""
    return npm_installed(HERE) / "node_modules"


@pytest.fixture(scope="session")
def elsewhere(packages: Path) -> Iterator[int]:
    """The port of a page that another server serves."""
    with served_elsewhere(bundled(packages)) as port:
        yield port


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory, elsewhere: int) -> Iterator[Sandbox]:
    """A sandbox as `make serve` starts it, which counts nobody's requests, and knows one other origin."""
    folder, origin = tmp_path_factory.mktemp("browsed"), f"http://127.0.0.1:{elsewhere}"
    with sandboxed(folder, PATRON_RATE_LIMITS="off", PATRON_CORS_ORIGINS=origin) as (port, credentials):
        yield Sandbox(f"http://127.0.0.1:{port}", credentials, folder)


@pytest.fixture
def made(sandbox: Sandbox) -> Callable[..., str]:
    """Makes something over the wire, and gives its address; a customer's email is made up."""

    def make(href: str, **properties: str) -> str:
        if href.endswith("/customers"):
            properties = {"email": f"{next(COUNTED)}@made.example"} | properties
        address: str = sandbox.ask("POST", href, properties)["_links"]["self"]["href"]
        return address

    return make


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> str:
    """Of what size the browser is."""
    name: str = request.param
    return name


@pytest.fixture
def watched(chromium: Browser, sandbox: Sandbox, size: str) -> Iterator[Watched]:
    """A page in which nothing may go wrong."""
    with opened(chromium, size, base_url=sandbox.base) as context:
        watched = Watched(context, sandbox.base)
        yield watched
        watched.require_no_fault()


@pytest.fixture
def page(watched: Watched) -> Page:
    """The page itself."""
    return watched.page


@pytest.fixture
def person(page: Page, size: str) -> Person:
    """Who uses it."""
    return PERSONS[size](page, size)


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """Where screenshots are kept."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    return ARTEFACTS
