"""A site whose data is kept: webhooks may be told on this machine, and mail goes to a folder."""

from collections.abc import Iterator

import pytest

from tests.site import Site, hash_cheaply, open_site
from tests.wire.delivering import LOOPBACK


@pytest.fixture(scope="package")
def site(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that these tests share, each with customers of its own."""
    folder = tmp_path_factory.mktemp("keeping")
    with open_site(engine_name, folder, outbox=str(folder), webhook_networks=LOOPBACK) as opened:
        hash_cheaply(opened)
        yield opened
        patron = opened.app.extensions["patron"]
        patron.behind.do(patron.reader.close)  # the connection of that thread
        assert patron.behind.finish(10)
