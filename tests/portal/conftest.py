"""A site whose portal is asked: it hashes cheaply and keeps its mail in a folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site import Site, hash_cheaply, open_site


@pytest.fixture(scope="package")
def outbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the site's mail goes to."""
    return tmp_path_factory.mktemp("outbox")


@pytest.fixture(scope="package")
def site(engine_name: str, outbox: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that the portal's tests share, each with customers of its own."""
    with open_site(engine_name, tmp_path_factory.mktemp("portal"), outbox=str(outbox)) as opened:
        hash_cheaply(opened)
        yield opened
