"""The sandbox's people: believable, various, and the same everywhere."""

import unicodedata
from pathlib import Path

import bcrypt
from sqlalchemy import delete, select

from app.db.ids import IdBlock
from app.db.sessions import store_session
from app.encryption import Cipher
from app.resources.client import Client
from app.resources.item import Item
from app.resources.transaction import Transaction
from app.resources.user import User
from app.sandbox import PASSWORD, STORE_ID, fill
from app.sandbox.credentials import mint
from app.sandbox.owner import USER_EMAIL
from tests.site import SECRET, Site
from tests.wire.oauth import by_sandbox

ZOOM = "default_billing_address,default_shipping_address,default_payment_method,customer_addresses"


def customers(site: Site, store: int = 66, token: str = "", guests: str = "false") -> list[dict]:
    page = site.hal(f"/stores/{store}/customers?is_anonymous={guests}&limit=300&zoom={ZOOM}", token=token)
    found: list[dict] = page["_embedded"]["fx:customers"]
    return found


def everybody(site: Site) -> list[dict]:
    return [
        each
        for store, token in ((66, site.token), (67, site.other_store_token))
        for guests in ("false", "true")
        for each in customers(site, store, token, guests)
    ]


def test_some_sixty_customers_live_in_two_stores(site: Site) -> None:
    assert len(everybody(site)) == 59


def test_names_come_in_several_scripts(site: Site) -> None:
    letters = {letter for each in everybody(site) for letter in each["first_name"] + each["last_name"]}
    scripts = {unicodedata.name(letter).partition(" ")[0] for letter in letters if letter.isalpha()}

    assert scripts >= {"LATIN", "CYRILLIC", "GREEK", "CJK", "ARABIC", "HEBREW", "DEVANAGARI"}


def test_some_have_no_address_and_some_several(site: Site) -> None:
    counts = {len(each["_embedded"]["fx:customer_addresses"]) for each in customers(site)}

    assert counts >= {0, 1, 2, 3}


def test_every_address_that_is_a_default_is_among_the_addresses(site: Site) -> None:
    for each in everybody(site):
        embedded = each["_embedded"]
        for kind in ("billing", "shipping"):
            flagged = [a for a in embedded["fx:customer_addresses"] if a[f"is_default_{kind}"]]
            default = embedded[f"fx:default_{kind}_address"]
            assert flagged in ([], [default])


def test_registered_emails_are_unique_and_guests_repeat_them(site: Site) -> None:
    registered = [each["email"].lower() for each in customers(site)]
    guests = [each["email"].lower() for each in customers(site, guests="true")]

    assert len(set(registered)) == len(registered)
    assert len(set(guests)) < len(guests)
    assert set(guests) & set(registered)


def test_it_is_the_same_on_every_machine(site: Site, own_site: Site) -> None:
    assert everybody(site) == everybody(own_site)
    assert site.hal("/stores/66") == own_site.hal("/stores/66")


def test_filling_it_again_changes_nothing(own_site: Site) -> None:
    before = everybody(own_site)

    assert fill(own_site.engine, Cipher(SECRET)) is False
    assert everybody(own_site) == before


def test_the_hashes_are_of_the_sandboxs_password(site: Site) -> None:
    hashed = [each for each in customers(site) if each["password_hash_type"] == "bcrypt"]

    assert len(hashed) > 10
    for each in hashed:
        assert bcrypt.checkpw(PASSWORD.encode(), each["password_hash"].encode())


def test_a_sandbox_from_before_gains_a_user_and_a_client(own_site: Site, tmp_path: Path) -> None:
    with own_site.engine.begin() as connection:
        connection.execute(delete(Client))
        connection.execute(delete(User))
    own_site.client_secret = str(mint(own_site.engine, tmp_path, "http://localhost")["client_secret"])

    assert by_sandbox(own_site, "client_credentials").status_code == 200
    with own_site.engine.connect() as connection:
        assert connection.scalars(select(User.email)).all() == [USER_EMAIL]


def test_a_sandbox_from_before_gains_a_portal_and_one_that_was_closed_stays_closed(own_site: Site) -> None:
    settings, portal = "/stores/66/customer_portal_settings", "/stores/66/s/customer/customer_portal_settings"
    assert own_site.send("DELETE", settings).status_code == 200
    fill(own_site.engine, Cipher(SECRET))
    assert own_site.ask(portal).status_code == 404

    kind = (IdBlock.store_id == STORE_ID, IdBlock.kind == "customer_portal_settings")
    with own_site.engine.begin() as connection:
        connection.execute(delete(IdBlock).where(*kind))
    fill(own_site.engine, Cipher(SECRET))
    assert own_site.ask(portal).status_code == 200


def test_a_sandbox_from_before_gains_purchases_of_the_customers_that_are_left(own_site: Site) -> None:
    transactions = "/stores/66/transactions?zoom=items"
    before = own_site.hal(transactions)
    assert [each["id"] for each in before["_embedded"]["fx:transactions"]] == [1, 2, 3, 4, 5, 6]
    with store_session(own_site.engine, STORE_ID) as session:
        for row in (*session.scalars(select(Item)), *session.scalars(select(Transaction))):
            session.delete(row)
    with own_site.engine.begin() as connection:
        kinds = IdBlock.kind.in_(["transaction", "item"])
        connection.execute(delete(IdBlock).where(IdBlock.store_id == STORE_ID, kinds))
    assert own_site.ask("/customers/116", method="DELETE").status_code == 200
    fill(own_site.engine, Cipher(SECRET))

    after = own_site.hal(transactions)
    left = [each for each in before["_embedded"]["fx:transactions"] if each["id"] != 3]
    assert after["total_items"] == 5
    assert [without_ids(each) for each in after["_embedded"]["fx:transactions"]] == [
        without_ids(each) for each in left
    ]
    made = own_site.send(
        "POST", "/stores/66/transactions", {"customer_email": "x@y.example", "total_order": 1}
    )
    assert made.headers["Location"].endswith("/transactions/7"), "ids that were given are not given again"


def without_ids(transaction: dict) -> dict:
    """A transaction but for the addresses of its items."""
    items = [each | {"_links": None} for each in transaction["_embedded"]["fx:items"]]
    return transaction | {"_embedded": items}


def test_what_has_been_revoked_is_minted_anew_and_the_rest_is_kept(own_site: Site, tmp_path: Path) -> None:
    before = mint(own_site.engine, tmp_path, "http://localhost")
    assert mint(own_site.engine, tmp_path, "http://localhost") == before
    own_site.client_secret = str(before["client_secret"])
    by_sandbox(own_site, path="/revoke", token=str(before["refresh_token"]))
    after = mint(own_site.engine, tmp_path, "http://localhost")

    assert {name for name in before if before[name] != after[name]} == {"refresh_token"}
    renewed = by_sandbox(own_site, "refresh_token", refresh_token=str(after["refresh_token"]))
    assert renewed.status_code == 200
