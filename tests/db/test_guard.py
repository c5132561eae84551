"""The wall between stores: a statement that is not bound to one store does not run."""

import pytest
from sqlalchemy import (
    and_,
    bindparam,
    column,
    delete,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
    table,
    tablesample,
    text,
    union_all,
    update,
)
from sqlalchemy.orm import Session, aliased

from app.auth.tokens import Token
from app.db.guard import UnboundStatement, require_store
from app.db.sessions import ForeignRow, store_session
from app.resources.attribute import Attribute
from app.resources.customer import Customer
from app.resources.store import Store
from app.sandbox import OTHER_STORE_ID, STORE_ID
from tests.site import Site

store = bindparam("store", 66)
other = aliased(Customer)
bound = Customer.store_id == store
twice = Customer.__table__.alias().alias()
tokens = select(Token.store_id).subquery()

BOUND = {
    "by a value": select(Customer.id).where(bound),
    "among other conditions": select(Customer.id).where(Customer.id == 1, and_(bound, Customer.is_active)),
    "the other way round": select(Customer.id).where(store == Customer.store_id),
    "through a join": select(Customer.id)
    .join(Attribute, and_(Attribute.store_id == Customer.store_id, Attribute.customer_id == Customer.id))
    .where(bound),
    "through a condition": select(Customer.id, other.id).where(bound, other.store_id == Customer.store_id),
    "a left join": select(Customer.id)
    .outerjoin(Attribute, and_(Attribute.store_id == Customer.store_id, Attribute.customer_id == Customer.id))
    .where(bound),
    "in a subquery too": select(Customer.id).where(
        bound, exists(select(Attribute.id).where(Attribute.store_id == store))
    ),
    "an update": update(Customer).where(bound).values(first_name="x"),
    "a delete": delete(Customer).where(bound),
    "a global table": select(Store.id),
    "a global table with a bound one": select(Store.id).join(Customer, bound),
    "each part of a union": union_all(
        select(Customer.id).where(bound), select(Attribute.id).where(Attribute.store_id == 1)
    ),
}

UNBOUND = {
    "no condition": select(Customer.id),
    "another condition": select(Customer.id).where(Customer.id == 1),
    "below an or": select(Customer.id).where(or_(bound, Customer.id == 1)),
    "below a not": select(Customer.id).where(not_(bound)),
    "not equal": select(Customer.id).where(Customer.store_id != store),
    "greater than": select(Customer.id).where(Customer.store_id > store),
    "to itself": select(Customer.id).where(Customer.store_id == Customer.store_id),
    "to another column": select(Customer.id).where(Customer.store_id == Customer.id),
    "one of two tables": select(Customer.id, Attribute.id).where(bound),
    "an alias of a bound table": select(Customer.id, other.id).where(bound),
    "two that are bound only to each other": select(Customer.id, other.id).where(
        Customer.store_id == other.store_id
    ),
    "a subquery": select(Customer.id).where(
        bound, exists(select(Attribute.id).where(Attribute.customer_id == 1))
    ),
    "the inside of a from": select(func.count()).select_from(select(Customer.id).subquery()),
    "a join without the store": select(Customer.id)
    .join(Attribute, Attribute.customer_id == Customer.id)
    .where(bound),
    "text": text("SELECT id FROM customer WHERE store_id = 66"),
    "text as a condition": select(Customer.id).where(
        bound, text("id IN (SELECT customer_id FROM attribute)")
    ),
    "a literal column": select(literal_column("(SELECT max(id) FROM customer)")),
    "a table by name alone": select(table("customer", column("id")).c.id),
    "a left join bound only where it joins": select(Customer.id).outerjoin(
        Attribute, and_(Attribute.store_id == Customer.store_id, bound)
    ),
    "a full join": select(Customer.id).join(Attribute, and_(Attribute.store_id == 66, bound), full=True),
    "an alias of an alias": select(twice.c.id),
    "a sample": select(tablesample(Customer.__table__, 10).c.id),
    "to a global table": select(Customer.id).join(Token, Token.store_id == Customer.store_id),
    "to a subquery": select(Customer.id).where(Customer.store_id == tokens.c.store_id),
    "another table that an update reads": update(Customer)
    .where(bound, Customer.id == Attribute.customer_id)
    .values(first_name="x"),
    "a value that an update reads": update(Customer).where(bound).values(first_name=Attribute.name),
    "another table that a delete reads": delete(Customer).where(bound, Customer.id == Attribute.customer_id),
    "an update": update(Customer).values(first_name="x"),
    "a delete": delete(Customer).where(Customer.id == 1),
    "a part of a union": union_all(select(Customer.id).where(bound), select(Attribute.id)),
}


@pytest.mark.parametrize("statement", BOUND.values(), ids=BOUND)
def test_a_statement_bound_to_a_store_passes(statement) -> None:
    require_store(statement)


@pytest.mark.parametrize("statement", UNBOUND.values(), ids=UNBOUND)
def test_a_statement_that_is_not_is_refused(statement) -> None:
    with pytest.raises(UnboundStatement, match=r"(customer|attribute)"):
        require_store(statement)


def test_a_plain_session_and_connection_refuse_to_run_unbound(site: Site) -> None:
    with Session(site.engine) as session, pytest.raises(UnboundStatement):
        session.scalars(select(Customer)).all()
    with site.engine.connect() as connection, pytest.raises(UnboundStatement):
        connection.execute(select(Customer.id))


def test_raw_sql_on_a_stores_table_is_refused(site: Site) -> None:
    with site.engine.connect() as connection:
        for statement in ("SELECT id FROM customer WHERE store_id = 66", "DELETE FROM Attribute"):
            with pytest.raises(UnboundStatement, match="write it as an expression"):
                connection.exec_driver_sql(statement)
        with pytest.raises(UnboundStatement):
            connection.execute(text("SELECT 1 FROM customer"))


def test_a_store_session_sees_its_own_rows_alone(site: Site) -> None:
    with store_session(site.engine, STORE_ID) as session:
        ours = session.scalars(select(Customer)).all()
        assert {each.store_id for each in ours} == {STORE_ID}
        assert session.scalar(select(func.count()).select_from(Customer)) == len(ours) == 41
        assert session.get(Customer, (OTHER_STORE_ID, 201)) is None
        assert (
            session.scalars(select(Customer).where(or_(Customer.id == 201, Customer.id == 115))).one().id
            == 115
        )
        joined = select(Customer.id).join(Attribute, Attribute.customer_id == Customer.id).distinct()
        assert len(session.scalars(joined).all()) > 5


def test_a_store_session_changes_its_own_rows_alone(own_site: Site) -> None:
    with store_session(own_site.engine, STORE_ID) as session:
        session.execute(update(Customer).values(first_name="Changed"))
        session.execute(delete(Attribute))

    theirs = own_site.hal("/stores/67/customers", token=own_site.other_store_token)["_embedded"][
        "fx:customers"
    ]
    assert "Changed" not in {each["first_name"] for each in theirs}
    assert any(each["_embedded"]["fx:attributes"] for each in theirs)
    assert own_site.hal("/customers/116")["first_name"] == "Changed"


def test_a_row_of_another_store_cannot_be_written(site: Site) -> None:
    stray = Customer(store_id=OTHER_STORE_ID, id=999, email="a@example.com", email_key="a@example.com")

    with (
        pytest.raises(ForeignRow, match="belongs to store 67"),
        store_session(site.engine, STORE_ID) as session,
    ):
        session.add(stray)


def test_an_exception_rolls_the_whole_unit_of_work_back(own_site: Site) -> None:
    with pytest.raises(ZeroDivisionError), store_session(own_site.engine, STORE_ID) as session:
        session.execute(update(Customer).values(first_name="Changed"))
        session.add(Attribute(id=9000, customer_id=115, name="New", value="x"))
        session.flush()
        raise ZeroDivisionError

    assert own_site.hal("/customers/115")["first_name"] == "Test"
    assert own_site.ask("/customer_attributes/9000").status_code == 404


def test_two_sessions_cannot_both_change_a_row(own_site: Site) -> None:
    from sqlalchemy.orm.exc import StaleDataError

    with store_session(own_site.engine, STORE_ID) as session:
        stale = session.get_one(Customer, (STORE_ID, 115))
    with store_session(own_site.engine, STORE_ID) as session:
        session.get_one(Customer, (STORE_ID, 115)).first_name = "First"
    with pytest.raises(StaleDataError), store_session(own_site.engine, STORE_ID) as session:
        session.add(stale)
        stale.first_name = "Second"
    answer = own_site.ask("/customers/115")
    assert answer.headers["ETag"].startswith('"2-')
