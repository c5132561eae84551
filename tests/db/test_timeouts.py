"""Nothing is waited for without an end: not a statement, not a connection."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import func, literal, select

from app.db import engine as settings
from app.db.engine import BEYOND
from app.db.patience import Crowded, Impatient, Patience
from app.db.prepared import Prepared
from app.db.reader import Reader, Unavailable
from tests.site import Site, open_site


@pytest.fixture
def reader(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    monkeypatch.setattr(settings, "STATEMENT_SECONDS", 0.2)
    reader = Reader(site.engine)
    yield reader
    reader.close()


def endless(reader: Reader) -> Prepared:
    numbers = select(literal(1).label("n")).cte(recursive=True)
    numbers = numbers.union_all(select(numbers.c.n + 1))
    return reader.prepare(select(func.max(numbers.c.n)))


def test_a_statement_that_does_not_end_is_ended(reader: Reader) -> None:
    with pytest.raises(Unavailable):
        reader.run(endless(reader), {})
    with pytest.raises(Unavailable), reader.snapshot() as run:
        run(endless(reader), {})
    assert reader.run(reader.prepare(select(literal(1))), {})[0][0] == 1


def test_it_is_ended_also_where_another_had_less_patience_before(reader: Reader) -> None:
    with pytest.raises((Impatient, Crowded)), reader.snapshot(Patience(5)) as run:
        run(endless(reader), {})
    with pytest.raises(Unavailable):
        reader.run(endless(reader), {})


def test_a_write_for_which_there_is_no_connection_is_503_while_reads_go_on_and_none_is_lost(
    engine_name: str, tmp_path: Path
) -> None:
    with open_site(engine_name, tmp_path, threads=2) as site:
        engine = site.app.extensions["patron"].engine
        engine.pool._timeout = 0.1
        assert site.send("PATCH", "/customers/115", {"first_name": "Before"}).status_code == 200
        with ExitStack() as held:
            for _ in range(2 + BEYOND):
                held.enter_context(engine.connect())
            for turn in range(20):
                refused = site.send("PATCH", "/customers/115", {"first_name": f"During {turn}"})
                assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
            assert site.ask("/customers/115").status_code == 200
        assert site.send("PATCH", "/customers/115", {"first_name": "After"}).status_code == 200
        assert engine.pool.checkedout() == 0


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_server_that_is_gone_without_a_word_is_noticed_on_both_ways_to_it(site: Site) -> None:
    """No network can be cut here; what the driver was told is looked at instead."""
    wanted = {name: str(value) for name, value in settings.TO_POSTGRESQL.items()}
    reader = Reader(site.engine)
    with site.engine.connect() as connection:
        for each in (connection.connection.driver_connection, reader._connection()):
            assert each.info.get_parameters().items() >= wanted.items()
    reader.close()
