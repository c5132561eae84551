"""The sandbox's people: believable, various, and the same everywhere."""

import unicodedata

import bcrypt

from app.encryption import Cipher
from app.sandbox import PASSWORD, fill
from tests.site import SECRET, Site

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
