"""A store that takes what is pulled, on each engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pulling.target import Target, empty_target


@pytest.fixture
def target(engine_name: str, tmp_path: Path) -> Iterator[Target]:
    """An empty store for one test."""
    with empty_target(engine_name, tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def shared_target(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """An empty store into which the tests of a module pull once."""
    with empty_target(engine_name, tmp_path_factory.mktemp("shared")) as made:
        yield made
