"""Writes that are one transaction: they see each other, and happen all or not at all."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from threading import Event, Thread, get_ident
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text, update

from app.catalogue import Catalogue
from app.db import guard
from app.db.ids import BLOCK
from app.db.sessions import store_session
from app.encryption import Cipher
from app.errors import Refusal
from app.hypermedia import Relation
from app.passwords import observers
from app.query import Query
from app.reading import Caller
from app.resources.customer import Customer
from app.sandbox import STORE_ID
from app.writing import Place, Request, Writer, Written, write_collection, write_one
from app.writing.attempts import PATIENCE, Raced, attempted
from app.zones import zone
from representations import Body, Resource
from tests.racing import assert_counted
from tests.site import SECRET, Site, counted_statements
from tests.wire.events import add_webhook, forget, names

Done = TypeVar("Done")
CALLER = Caller(STORE_ID, "tests", zone("UTC"))


@dataclass(slots=True)
class Desk:
    """Where customers are written."""

    site: Site
    writer: Writer
    told: list[int]

    def make(self, **properties: Any) -> Resource:
        given = {"email": f"{uuid4().hex}@example.com", **properties}
        request = Request(method="POST", body=Body(given))
        return write_collection(self.writer, self._place(), request, Query(), _resource)

    def change(
        self, row_id: int, meanwhile: Callable[[], None] = lambda: None, **properties: Any
    ) -> Resource:
        """Changes a customer; `meanwhile` happens after it was read and before it is written."""
        request = Request(method="PATCH", body=Body(properties), allow=lambda *_: meanwhile())
        return write_one(self.writer, self._customers, CALLER, row_id, request, Query(), _resource)

    def read(self, row_id: int) -> Resource:
        return self.writer.catalogue.one(self._customers, CALLER, row_id, Query())

    def together(self, work: Callable[[], Done]) -> Done:
        return self.writer.together(CALLER, work)

    def count(self) -> int:
        with store_session(self.site.engine, STORE_ID) as session:
            found = session.scalar(select(func.count()).select_from(Customer))
        return found or 0

    def otherwise(self, row_id: int, **columns: Any) -> None:
        """Changes a row in another thread's transaction."""

        def write() -> None:
            with store_session(self.site.engine, STORE_ID) as session:
                named = update(Customer).where(Customer.store_id == STORE_ID, Customer.id == row_id)
                session.execute(named.values(version=Customer.version + 1, **columns))

        other = Thread(target=write)
        other.start()
        other.join()

    @property
    def _customers(self) -> Any:
        return self.writer.registry.types["customer"]

    def _place(self) -> Place:
        store = self.writer.registry.types["store"]
        relation = next(each for each in store.relations if each.name == "customers")
        assert isinstance(relation, Relation)
        return Place(owner=store, relation=relation, target=self._customers, caller=CALLER, owner_id=STORE_ID)


def _resource(written: Written) -> Resource:
    return written.resource


@pytest.fixture
def desk(shared_site: Site) -> Iterator[Desk]:
    patron, cipher, told = shared_site.app.extensions["patron"], Cipher(SECRET), list[int]()
    catalogue = Catalogue(patron.registry, patron.reader, cipher)
    yield Desk(
        shared_site,
        Writer(patron.registry, catalogue, patron.engine, patron.reader, cipher, tell=told.append),
        told,
    )
    patron.reader.close()


def test_writes_see_each_other_and_are_committed_at_once(desk: Desk) -> None:
    def work() -> int:
        made = desk.make(first_name="Ada")
        assert desk.read(made.value("id")).value("first_name") == "Ada"
        desk.change(made.value("id"), first_name="Grace")
        desk.change(made.value("id"), last_name="Hopper")
        return int(made.value("id"))

    with counted_statements() as statements:
        row_id = desk.together(work)

    assert sum(text.startswith("INSERT INTO customer ") for text in statements) == 1, "with an id of its own"
    now = desk.read(row_id)
    assert (now.value("first_name"), now.value("last_name")) == ("Grace", "Hopper")
    assert_counted(desk.site)


def test_what_fails_undoes_what_was_written_before(desk: Desk) -> None:
    before = desk.count()

    def work() -> None:
        made = desk.make()
        desk.make(email=made.value("email"))

    with pytest.raises(Refusal) as refused:
        desk.together(work)

    assert (refused.value.status, desk.count()) == (409, before)
    assert_counted(desk.site)


def test_a_write_that_failed_undoes_all_even_where_nobody_minds(desk: Desk) -> None:
    before = desk.count()

    def work() -> None:
        made = desk.make()
        with suppress(Refusal):
            desk.make(email=made.value("email"))

    with pytest.raises(Refusal) as refused:
        desk.together(work)

    assert (refused.value.status, desk.count()) == (409, before), "it is told as it would be alone"


def test_whatever_the_work_raises_undoes_all(desk: Desk) -> None:
    before = desk.count()

    def work() -> None:
        desk.make()
        raise LookupError

    with pytest.raises(LookupError):
        desk.together(work)

    assert desk.count() == before
    desk.make()
    assert desk.count() == before + 1, "what comes later is on its own again"


def test_each_new_row_has_its_id_and_each_password_is_hashed_once(desk: Desk) -> None:
    hashed = list[str]()

    def hashes(_type: str, purpose: str) -> None:
        hashed.append(purpose)

    observers.append(hashes)
    try:
        made = desk.together(lambda: [desk.make(password=f"a password {at}") for at in range(30)])
    finally:
        observers.remove(hashes)

    ids = [each.value("id") for each in made]
    assert len(set(ids)) == 30
    assert hashed == ["make"] * 30
    kept = {desk.read(row_id).value("password_hash") for row_id in ids}
    assert len(kept) == 30
    assert all(each.startswith("$2b$04$") for each in kept)


def test_work_within_work_is_a_part_of_it(desk: Desk) -> None:
    before = desk.count()

    def work() -> None:
        desk.together(desk.make)
        raise LookupError

    with pytest.raises(LookupError):
        desk.together(work)

    assert desk.count() == before


def test_whoever_loses_a_race_does_all_of_it_again(desk: Desk) -> None:
    if desk.site.engine.dialect.name == "sqlite":
        pytest.skip("a transaction that writes is alone there")
    row_id, raced, tries = desk.make().value("id"), desk.make().value("id"), 0

    def meddle() -> None:
        if tries < 3:
            desk.otherwise(raced, tax_id=str(tries))

    def work() -> None:
        nonlocal tries
        tries += 1
        desk.change(row_id, first_name="Ada")
        desk.change(raced, meanwhile=meddle, last_name=f"Lovelace {tries}")

    desk.together(work)

    assert (tries, desk.read(row_id).value("first_name")) == (3, "Ada")
    assert (desk.read(raced).value("tax_id"), desk.read(raced).value("last_name")) == ("2", "Lovelace 3")


def test_a_lost_race_is_made_good_even_where_nobody_minds(desk: Desk) -> None:
    if desk.site.engine.dialect.name == "sqlite":
        pytest.skip("a transaction that writes is alone there")
    row_id, tries = desk.make().value("id"), 0

    def meddle() -> None:
        if tries == 1:
            desk.otherwise(row_id, tax_id="1")

    def work() -> None:
        nonlocal tries
        tries += 1
        with suppress(Exception):
            desk.change(row_id, meanwhile=meddle, last_name="Lovelace")

    desk.together(work)

    assert (tries, desk.read(row_id).value("last_name")) == (2, "Lovelace")


def test_ids_come_in_blocks_and_what_is_not_used_of_them_is_left_to_others(desk: Desk) -> None:
    first = desk.make().value("id")

    made = [each.value("id") for each in desk.together(lambda: [desk.make() for _ in range(3 * BLOCK)])]

    assert made == list(range(first + 1, first + 1 + 3 * BLOCK))
    assert desk.together(desk.make).value("id") == desk.make().value("id") - 1 == made[-1] + 1


def test_those_who_write_together_in_one_store_wait_for_their_turn(desk: Desk) -> None:
    one, other = desk.make().value("id"), desk.make().value("id")
    done, began, has_ended = list[str](), Event(), Event()

    def follow() -> None:
        desk.together(partial(desk.change, one, meanwhile=partial(done.append, "second"), tax_id="2"))
        has_ended.set()
        desk.writer.reader.close()

    def watch(_: str) -> None:
        if get_ident() == second.ident:
            began.set()

    def work() -> None:
        desk.change(other, tax_id="1")
        second.start()
        assert began.wait(PATIENCE)
        assert not has_ended.wait(0.2), "though they have no row in common"
        done.append("first")

    second = Thread(target=follow)
    guard.observers.append(watch)
    try:
        desk.together(work)
        second.join()
    finally:
        guard.observers.remove(watch)

    assert done == ["first", "second"]


def test_who_writes_alone_does_not_wait_for_those_who_write_together(desk: Desk) -> None:
    if desk.site.engine.dialect.name == "sqlite":
        pytest.skip("a transaction that writes is alone there")
    row_id, done = desk.make().value("id"), list[str]()

    def alone() -> None:
        desk.make()
        done.append("alone")
        desk.writer.reader.close()

    def work() -> None:
        desk.change(row_id, first_name="Ada")
        other = Thread(target=alone)
        other.start()
        other.join()
        done.append("together")

    desk.together(work)

    assert done == ["alone", "together"]


def test_a_lock_that_was_waited_for_in_vain_is_tried_again(desk: Desk) -> None:
    if desk.site.engine.dialect.name == "sqlite":
        pytest.skip("it has one lock, which is waited for as long as others may have it")
    row_id, tries = desk.make().value("id"), 0
    named = update(Customer).where(Customer.store_id == STORE_ID, Customer.id == row_id)
    with desk.site.engine.connect() as holder:
        holder.execute(named.values(tax_id="held"))

        def attempt() -> None:
            nonlocal tries
            tries += 1
            if tries == 3:
                holder.rollback()
            with store_session(desk.site.engine, STORE_ID) as session:
                session.execute(text("SET LOCAL lock_timeout = '5ms'"))
                session.execute(named.values(tax_id="mine"))

        attempted(attempt)

    assert (tries, desk.read(row_id).value("tax_id")) == (3, "mine")


def test_nobody_tries_again_who_has_waited_long(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = list[float]()

    def attempt() -> None:
        tries.append(time.monotonic())
        raise Raced

    monkeypatch.setattr("time.monotonic", partial(next, count(step=PATIENCE * 0.4)))
    with pytest.raises(Refusal) as refused:
        attempted(attempt)

    assert (refused.value.status, refused.value.faults[0].code, len(tries)) == (503, "contended", 2)


def test_events_are_told_once_when_all_is_committed(desk: Desk) -> None:
    webhook = add_webhook(desk.site)
    forget(desk.site)
    try:

        def fails() -> None:
            desk.make()
            raise LookupError

        with pytest.raises(LookupError):
            desk.together(fails)
        assert (names(desk.site), desk.told) == ([], [])

        made = desk.together(lambda: [desk.make(), desk.make()])

        assert {row_id for _, row_id in names(desk.site)} == {each.value("id") for each in made}
        assert desk.told == [STORE_ID]
    finally:
        desk.site.send("DELETE", f"/webhooks/{webhook}")
        forget(desk.site)
