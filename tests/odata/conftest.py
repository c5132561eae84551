"""What tests of the OData face share."""

from collections.abc import Iterator

import pytest

from app.sandbox import STORE_ID
from tests.odata import people
from tests.odata.finding import Finder
from tests.odata.known import Asked
from tests.odata.world import World
from tests.site import open_site


@pytest.fixture(scope="session")
def asked(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """A store of its own on an engine."""
    with open_site(engine_name, tmp_path_factory.mktemp("meaning")) as site:
        people.fill(site.engine)
        yield Asked(Finder.of(site), World.of(site.engine, STORE_ID))
