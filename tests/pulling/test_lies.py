"""Pulling from a server that says what cannot be: ids, links and dates that are none cost nothing else."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.resources.customer_address import CustomerAddress
from tests.pulling import bad_days
from tests.pulling.foxglove import CREATED, FAULTY_EMAIL, foxglove
from tests.pulling.foxglove import customer as shopper
from tests.pulling.foxy import TOKEN, Handler, served
from tests.pulling.liftoff import Liftoff, LiftoffHandler, address, person
from tests.pulling.target import STORE, Target
from tests.pulling.test_from_liftoff import SHOWN

FEW = 40
HUGE = 3_000_000_000


def test_ids_that_no_row_can_have_cost_nobody_else(target: Target) -> None:
    foxy = foxglove(FEW)
    foxy.customers[HUGE] = shopper(HUGE)
    foxy.transactions[5] |= {"customer": HUGE}
    foxy.transactions[HUGE] = {**foxy.transactions[9], "customer": 130}
    with served(foxy):
        pulled = target.pull(foxy.url, token=TOKEN)

    assert f"2 of customers missing: {FAULTY_EMAIL}, {HUGE}" in pulled.stderr
    assert f"2 of transactions missing: 7, {HUGE}" in pulled.stderr
    reasons = {each["href"].rpartition("/")[2]: each["reason"] for each in target.notes}
    assert reasons["5"] == f"its customer {HUGE} is not here: taken without"


def test_addresses_with_ids_that_no_row_can_have_get_others(target: Target) -> None:
    liftoff = Liftoff(people={own: person(own) for own in (1, 2)})
    liftoff.billing += [address(own, 1, DisplayLabel=f"At {own}") for own in (-5, 0, HUGE, 2**31 - 1, 7)]
    liftoff.shipping += [address(1, 2) | {"Id": "B-1"}]
    liftoff.people[HUGE] = person(HUGE)
    with served(liftoff, LiftoffHandler):
        pulled = target.pull(f"{liftoff.url}/odata/v1/", "--odata", **SHOWN)

    assert f"1 of customers missing: {HUGE}" in pulled.stderr
    with target.site.engine.connect() as connection:
        mine = CustomerAddress.store_id == STORE
        ids = set(connection.scalars(select(CustomerAddress.id).where(mine)))
        assert connection.scalar(select(func.count()).where(mine, CustomerAddress.for_billing)) == 5
    assert {7, 2**31 - 1} < ids
    assert min(ids) > 0
    assert target.send("POST", "/customers/2/addresses", {"address_name": "New", "address1": "1 Row"}) == 201


def lead_astray(handler: Handler) -> None:
    """A page that leads on to what is no address."""
    document = handler.found(handler.path_asked.strip("/").split("/"))
    document |= {"total_items": "9" * 5000, "_links": {"next": {"href": "http://[nowhere"}}}
    handler.send(200, document)


def wait_for_ever(handler: Handler) -> None:
    """Asks to be left alone until a year that no clock has."""
    handler.send(503, {}, Retry_After="Mon, 01 Jan 99999999999999 00:00:00 GMT")


def test_addresses_and_dates_that_are_none_cost_nothing_that_is_found_otherwise(target: Target) -> None:
    foxy = foxglove(FEW)
    foxy.faults += [
        bad_days.now_and_then("/stores/66/customers?", lead_astray, 1),
        bad_days.now_and_then("/stores/66/subscriptions?", wait_for_ever, 1),
        bad_days.always("/customers/133/addresses", bad_days.redirect("http://[nowhere")),
    ]
    with served(foxy):
        pulled = target.pull(foxy.url, token=TOKEN)

    assert f"2 of customers missing: {FAULTY_EMAIL}, 133" in pulled.stderr
    assert {each["id"] for each in target.customers()} == set(foxy.customers) - {FAULTY_EMAIL, 133}
    assert target.get(f"/stores/{STORE}/subscriptions")["total_items"] == 1


def test_no_file_is_lost_to_what_could_not_be_taken(target: Target) -> None:
    file = target.folder / "customers.ndjson"
    file.write_text(f'{{"email": "only@example.com", "date_created": "{CREATED}"}}\n')
    before = file.read_bytes()
    with served(foxglove(FEW)) as foxy:
        pulled = target.pull(foxy.url, "--rejects", str(file), token=TOKEN)

    assert pulled.stderr == f"patron: --rejects {file}: it is there, and is no rejects file: name another\n"
    assert file.read_bytes() == before
    assert foxy.asked == []


@pytest.mark.parametrize(
    "url", ["http://[nowhere", "http://nowhere.example:99999/", "ftp://nowhere.example/", ""]
)
def test_what_is_no_address_is_refused_in_a_line(target: Target, url: str) -> None:
    pulled = target.pull(url, token=TOKEN)
    assert pulled.stderr == f"patron: {url}: a link is no http or https address\n"


def test_a_file_that_holds_no_token_is_refused_in_a_line(target: Target, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_bytes(b"\xff\xfe\x00")
    pulled = target.pull("http://127.0.0.1:1/", "--token-file", str(file))
    assert pulled.stderr == f"patron: {file} holds no token: such are printable ASCII, in one line\n"
