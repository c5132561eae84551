"""A store that takes what is pulled, on each engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pulling.target import Target, empty_target


@pytest.fixture
def target(engine_name: str, tmp_path: Path) -> Iterator[Target]:
    """An empty store."""
    with empty_target(engine_name, tmp_path) as made:
        yield made
