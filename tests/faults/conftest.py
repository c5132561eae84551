"""Fixtures: a PostgreSQL that may be stopped."""

from collections.abc import Iterator

import pytest

from tests.faults.clusters import Cluster, own_cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A cluster that tests share: whoever stops it starts it again."""
    with own_cluster() as made:
        yield made
