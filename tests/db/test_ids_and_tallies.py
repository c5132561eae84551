"""Ids are never handed out twice, and kept counters tell the truth."""

import threading

import pytest
from sqlalchemy import delete, insert, select, update

from app.db import guard
from app.db.engine import open_engine
from app.db.ids import BLOCK, HANDED_OUT, LARGEST, IdBlock, Ids, IdsExhausted
from app.db.migrate import upgrade
from app.db.sessions import UncountedWrite, store_session
from app.db.tally import Tally, recount
from app.events import note_deletion
from app.resources.customer import Customer
from app.resources.subscription import Subscription
from app.resources.transaction import Transaction
from app.sandbox import OTHER_STORE_ID, STORE_ID
from tests.site import Site


@pytest.fixture
def engine(database_url: str):
    upgrade(database_url)
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


def test_ids_begin_at_one_in_every_store_and_for_every_type(engine) -> None:
    ids = Ids(engine)

    assert [ids.take(1, "customer") for _ in range(3)] == [1, 2, 3]
    assert ids.take(1, "attribute") == 1
    assert ids.take(2, "customer") == 1


def test_ids_of_several_processes_never_meet(engine) -> None:
    processes = [Ids(engine) for _ in range(4)]
    taken: list[int] = []

    def take(ids: Ids) -> None:
        taken.extend(ids.take(7, "customer") for _ in range(3 * BLOCK))

    threads = [threading.Thread(target=take, args=(ids,)) for ids in processes for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 8 * 3 * BLOCK


def test_an_id_that_was_given_is_not_given_again_after_a_restart(engine) -> None:
    first = Ids(engine).take(1, "customer")

    assert Ids(engine).take(1, "customer") > first


def test_an_id_is_at_hand_where_a_block_has_one_left(engine) -> None:
    ids = Ids(engine)
    assert ids.at_hand(1, "customer") is None
    taken = [ids.take(1, "customer"), *(ids.at_hand(1, "customer") for _ in range(BLOCK - 1))]
    assert taken == list(range(1, BLOCK + 1))
    assert ids.at_hand(1, "customer") is None

    ids.give_back(1, "customer", [18, 19, 20])
    assert [ids.at_hand(1, "customer"), ids.take(1, "customer"), ids.take(1, "customer")] == [18, 19, 20]


def test_who_holds_locks_does_not_wait_for_an_id_while_a_block_is_fetched(engine) -> None:
    ids, is_fetching = Ids(engine), threading.Event()
    ids.take(1, "customer")
    fetcher = threading.Thread(target=ids.take, args=(1, "attribute"))

    def watch(_: str) -> None:
        if threading.get_ident() == fetcher.ident:
            is_fetching.set()

    with engine.begin() as connection:
        held = {"store_id": 1, "kind": "attribute", "next_id": 1}
        connection.execute(insert(IdBlock).values(held))
        guard.observers.append(watch)
        fetcher.start()
        assert is_fetching.wait(10)
        guard.observers.remove(watch)
        assert ids.at_hand(1, "customer") is None, "the fetcher waits for this transaction"
    fetcher.join()
    assert ids.at_hand(1, "customer") == 2


def test_rows_that_move_in_keep_their_ids_from_being_given_out(engine) -> None:
    ids = Ids(engine)
    ids.take(1, "customer")
    ids.reserve(1, "customer", 5000)
    assert ids.take(1, "customer") == 5001
    ids.reserve(1, "customer", 10)
    assert ids.take(1, "customer") > 5001


def test_ids_stay_below_those_that_only_rows_that_move_in_have(engine) -> None:
    ids = Ids(engine)
    ids.reserve(1, "customer", HANDED_OUT - 2 * BLOCK)
    taken = []
    with pytest.raises(IdsExhausted, match="store 1 has no customer ids left"):
        while True:
            taken.append(ids.take(1, "customer"))
    assert taken
    assert all(each <= HANDED_OUT for each in taken)


def test_a_row_that_brings_the_largest_id_leaves_the_others_theirs(engine) -> None:
    ids = Ids(engine)
    ids.reserve(1, "customer", 70, LARGEST, 30)
    assert ids.take(1, "customer") == 71


def counters(site: Site, store_id: int = STORE_ID) -> dict[str, int]:
    with site.engine.connect() as connection:
        rows = connection.execute(select(Tally.name, Tally.rows).where(Tally.store_id == store_id))
        return dict(rows.tuples().all())


def test_the_sandbox_is_counted(site: Site) -> None:
    bought = {"transaction": 6, "subscription": 2}
    assert counters(site) == {"customer:false": 31, "customer:true": 10} | bought
    assert counters(site, OTHER_STORE_ID) == {"customer:false": 15, "customer:true": 3, "transaction": 1}


def test_counters_follow_what_is_written_and_not_what_is_rolled_back(own_site: Site) -> None:
    with store_session(own_site.engine, STORE_ID) as session:
        session.add(Customer(id=900, email="new@example.com", email_key="new@example.com"))
        session.add(Transaction(id=900, customer_id=120))
        session.flush()
        guest = session.get_one(Customer, (STORE_ID, 150))
        note_deletion(session, guest, {})
        session.delete(guest)
    known = {"customer:false": 32, "customer:true": 9, "transaction": 7}
    assert counters(own_site) == known | {"subscription": 2}
    assert own_site.hal("/stores/66/customers")["total_items"] == 32
    assert own_site.hal("/stores/66/transactions?customer_id=120")["total_items"] == 1

    with pytest.raises(ZeroDivisionError), store_session(own_site.engine, STORE_ID) as session:
        session.add(Customer(id=901, email="x@example.com", email_key="x@example.com"))
        session.flush()
        raise ZeroDivisionError
    assert counters(own_site)["customer:false"] == 32


def test_counting_anew_puts_a_wrong_counter_right(own_site: Site) -> None:
    with own_site.engine.begin() as connection:
        connection.execute(update(Tally).where(Tally.store_id == STORE_ID).values(rows=5))
        recount(connection, STORE_ID, [Customer, Transaction, Subscription])

    found = {"customer:false": 31, "customer:true": 10, "transaction": 6, "subscription": 2}
    assert counters(own_site) == found


def test_counted_rows_cannot_be_deleted_behind_the_counters_back(own_site: Site) -> None:
    with pytest.raises(UncountedWrite), store_session(own_site.engine, STORE_ID) as session:
        session.execute(delete(Customer).where(Customer.id == 150))
    assert own_site.hal("/stores/66/customers?is_anonymous=true")["total_items"] == 10
