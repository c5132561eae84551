"""What finding a token costs: one statement, by its primary key, however many tokens there are."""

import pytest
from sqlalchemy import insert

from app.auth.tokens import Token, token_hash
from app.db.engine import unguarded_engine
from tests.db.test_plans import plans
from tests.site import Site, counted_statements

MANY = 5000


@pytest.fixture
def lookup(site: Site) -> str:
    """The statement by which a bearer's token is found."""
    with counted_statements() as statements:
        site.ask("/stores/66", token="of-nobody-yet")
    (found,) = [each for each in statements if "FROM token" in each]
    return found


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_sqlite_finds_a_token_by_its_primary_key(site: Site, lookup: str) -> None:
    ((_, plan),) = plans(str(site.engine.url.database), [lookup])

    assert plan[0].startswith("SEARCH token USING INDEX sqlite_autoindex_token_1 (hash=?)"), plan
    assert all(step.startswith("SEARCH") for step in plan), plan


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_postgresql_finds_a_token_by_its_primary_key(own_site: Site, lookup: str) -> None:
    engine = unguarded_engine(own_site.url)
    row = {"scope": "store_full_access", "client": "x", "store_id": 66, "is_sandbox": True}
    with engine.begin() as connection:
        made = [{**row, "hash": token_hash(str(number))} for number in range(MANY)]
        connection.execute(insert(Token), made)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE token")
        explained = connection.exec_driver_sql("EXPLAIN " + lookup, (token_hash("7"), "access")).scalars()
        plan = "\n".join(explained)
    engine.dispose()

    assert "Index Scan using pk_token on token" in plan, plan
    assert "Seq Scan on token" not in plan, plan
