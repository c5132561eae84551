"""The store as it is written: what is refused and in which words, what follows and what is reset."""

from typing import Any

import pytest
from sqlalchemy import select, update

from app.passwords import Stored, check
from app.resources.property_helper import PASSWORD_HASH_TYPES
from app.resources.store import Store
from app.sandbox import STORE_ID
from tests.site import FORMATS, XML, Site, open_site
from tests.wire.documents import read, refusals
from tests.wire.valid import REGISTRY, new

ON_ONE_ENGINE = True

STORE = "/stores/66"

WORDS = [
    ({"store_name": ""}, "store_name can't be blank, store_name is too short (minimum is 1 characters)"),
    ({"store_name": "x" * 51}, "store_name is too long (maximum is 50 characters)"),
    (
        {"store_domain": None},
        "store_domain can't be blank, store_domain is too short (minimum is 1 characters)",
    ),
    ({"store_email": " "}, "store_email can't be blank, store_email is too short (minimum is 1 characters)"),
    ({"store_url": "javascript:alert(1)"}, "store_url is not an http or https address"),
    ({"store_email": "not an email"}, "store_email is not a valid email address."),
    ({"store_email": "a@example.com,"}, "store_email is not a valid email address."),
    ({"store_email": ",".join(["a@b.de"] * 32)}, "store_email is not a valid email address."),
    ({"store_domain": "a b"}, "store_domain is invalid"),
    ({"region": "ZZ"}, "region is not included in the list"),
    ({"store_url": "https://" + "x" * 301}, "store_url is too long (maximum is 300 characters)"),
    ({"from_email": "orders"}, "from_email is not a valid email address."),
    ({"country": "XX"}, "country is not included in the list"),
    ({"country": "us"}, "country is not included in the list"),
    ({"locale_code": "en-US"}, "locale_code is not included in the list"),
    ({"locale_code": "en_XX"}, "locale_code is not included in the list"),
    ({"locale_code": ""}, "locale_code can't be blank"),
    ({"timezone": "Berlin"}, "timezone is not included in the list"),
    ({"timezone": "europe/berlin"}, "timezone is not included in the list"),
    ({"timezone": "../../etc/passwd"}, "timezone is not included in the list"),
    ({"timezone": ""}, "timezone can't be blank"),
    ({"timezone": None}, "timezone can't be blank"),
    ({"language": ""}, "language can't be blank"),
    (
        {"checkout_type": "none"},
        "checkout_type is not included in the list: default_account, default_guest, account_only, guest_only",
    ),
    ({"app_session_time": -1}, "app_session_time must be greater than or equal to 0"),
    ({"app_session_time": 259201}, "app_session_time must be less than or equal to 259200"),
    ({"app_session_time": "60"}, "app_session_time is not a number"),
    ({"app_session_time": True}, "app_session_time is not a number"),
    ({"app_session_time": 2**70}, "app_session_time holds an integer of more than 64 bits"),
    ({"is_maintenance_mode": 0}, "is_maintenance_mode is not true or false"),
    ({"customer_password_hash_type": "rot13"}, "customer_password_hash_type is not included in the list"),
    ({"customer_password_hash_config": "9"}, "customer_password_hash_config is not a cost from 10 to 15"),
    ({"customer_password_hash_config": "16"}, "customer_password_hash_config is not a cost from 10 to 15"),
    ({"customer_password_hash_config": "x"}, "customer_password_hash_config is not a cost from 10 to 15"),
]


@pytest.mark.parametrize(("faulty", "said"), WORDS, ids=[str(faulty)[:50] for faulty, _ in WORDS])
def test_a_fault_is_told_in_hapis_words(shared_site: Site, faulty: dict[str, Any], said: str) -> None:
    (name,) = faulty
    before = shared_site.ask(STORE)

    assert refusals(shared_site.send("PATCH", STORE, faulty)) == {name: said}
    assert refusals(shared_site.send("PUT", STORE, before.json | faulty)) == {name: said}
    assert shared_site.ask(STORE).data == before.data


WEAK = [name for name in PASSWORD_HASH_TYPES if name.startswith(("md5", "sha")) or name == "concrete5"]
CONFIGS = {"bcrypt": "10", "craftcms": "10", "wordpress": "10", "concrete5": "the salt of the site"}


def choose(site: Site, kind: str) -> Any:
    config = CONFIGS.get(kind, PASSWORD_HASH_TYPES[kind]["config"])
    chosen = {"customer_password_hash_type": kind, "customer_password_hash_config": config}
    answer = site.send("PATCH", STORE, chosen)
    if answer.status_code == 200:
        assert {name: answer.json[name] for name in chosen} == chosen
    return answer


def set_by_the_store(site: Site, kind: str) -> None:
    """A customer's password is hashed as the store chose, and hashes of the kind move in again elsewhere."""
    customer = REGISTRY.types["customer"]
    names = [f"password_{name}" for name in ("hash", "salt", "hash_type", "hash_config")]
    for given in ({"password": "secret"}, {}):
        made = site.hal(new(site, customer, **given))
        config = CONFIGS.get(kind, PASSWORD_HASH_TYPES[kind]["config"])
        assert (made["password_hash_type"], made["password_hash_config"]) == (kind, config)
        stored = Stored(*(made[name] for name in names))
        assert check("secret", stored, kind, config).ok == bool(given)
        moved = site.hal(new(site, customer, **{name: made[name] for name in names}))
        assert [moved[name] for name in names] == [made[name] for name in names]


def test_a_store_chooses_any_type_that_is_not_weak(own_site: Site) -> None:
    for kind in sorted(set(PASSWORD_HASH_TYPES) - set(WEAK)):
        assert choose(own_site, kind).status_code == 200
        set_by_the_store(own_site, kind)


def test_a_domain_has_no_case(own_site: Site) -> None:
    changed = own_site.send("PATCH", STORE, {"store_domain": "My-Shop.Example"})
    assert changed.json["store_domain"] == "my-shop.example"
    portal = {"Host": "My-Shop.example"}
    assert own_site.ask("/s/customer/customer_portal_settings", token=None, headers=portal).status_code == 200

    taken = own_site.send(
        "PATCH", "/stores/67", {"store_domain": "MY-SHOP.example"}, token=own_site.other_store_token
    )
    assert taken.status_code == 409


def test_another_type_comes_with_a_config_of_its_own(own_site: Site) -> None:
    for kind, said in PASSWORD_HASH_TYPES.items():
        if kind not in WEAK:
            chosen = own_site.send("PATCH", "/stores/66", {"customer_password_hash_type": kind}).json
            assert chosen["customer_password_hash_config"] == said["config"], kind


def test_a_store_chooses_a_weak_type_only_where_the_operator_allows_it(
    shared_site: Site, engine_name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = "is weak: choose bcrypt or argon2id, or have the operator set PATRON_ALLOW_WEAK_HASHES=true"
    refused = {"customer_password_hash_type": f"customer_password_hash_type {text}"}

    for kind in WEAK:
        assert refusals(choose(shared_site, kind)) == refused
    folder = tmp_path_factory.mktemp("weak")
    with open_site(engine_name, folder, allow_weak_hashes=True) as site:
        for kind in WEAK:
            assert choose(site, kind).status_code == 200
            set_by_the_store(site, kind)


def test_a_store_whose_choice_makes_no_sense_is_told_so_wherever_it_would_count(own_site: Site) -> None:
    customer = REGISTRY.types["customer"]
    path = new(own_site, customer)
    with own_site.engine.begin() as connection:
        connection.execute(
            update(Store).where(Store.id == STORE_ID).values(customer_password_hash_config="99")
        )

    text = "cannot be hashed: the store's customer_password_hash_config is not a cost from 4 to 15"
    said = {"password": f"password {text}"}
    assert refusals(own_site.send("PATCH", path, {"password": "secret"})) == said
    for given in ({"password": "secret"}, {}):
        body = {"email": "somebody@example.com"} | given
        assert refusals(own_site.send("POST", f"{STORE}/customers", body)) == said


def test_a_domain_belongs_to_one_store(shared_site: Site) -> None:
    said = refusals(shared_site.send("PATCH", STORE, {"store_domain": "nordlys.example"}), 409)

    assert said == {"store_domain": "store_domain is already in use"}


def test_a_store_does_not_close_itself_nor_lose_what_is_read_only(shared_site: Site) -> None:
    before = shared_site.ask(STORE)
    sent = {"is_active": False, "date_created": "x", "date_modified": None}

    assert shared_site.send("PATCH", STORE, sent).data == before.data
    for method in ("DELETE", "POST"):
        assert shared_site.send(method, STORE).status_code == 405


@pytest.mark.parametrize("media_type", FORMATS)
def test_dates_are_shown_in_a_new_timezone_at_once(own_site: Site, media_type: str) -> None:
    answer = own_site.send("PATCH", STORE, {"timezone": "Asia/Tokyo"}, media_type, media_type)

    assert answer.data == own_site.ask(STORE, media_type).data
    assert "2024-01-08T18:30:00+0900" in answer.text
    assert own_site.hal("/customers/115")["date_modified"] == "2013-08-17T06:13:54+0900"


def test_a_put_resets_what_it_leaves_out(own_site: Site) -> None:
    changed = {"timezone": "Europe/Berlin", "locale_code": "de_DE", "app_session_time": 60, "region": "CA"}
    before = own_site.send("PATCH", STORE, changed).json
    required = {name: before[name] for name in ("store_name", "store_domain", "store_email")}
    after = own_site.send("PUT", STORE, required).json

    assert {name: after[name] for name in changed} == {
        "timezone": "America/Los_Angeles",
        "locale_code": "en_US",
        "app_session_time": 0,
        "region": None,
    }
    assert (after["customer_password_hash_type"], after["customer_password_hash_config"]) == ("bcrypt", "12")
    assert refusals(own_site.send("PUT", STORE, {})).keys() == required.keys()


def test_a_new_choice_holds_for_the_next_password(own_site: Site) -> None:
    customer = REGISTRY.types["customer"]
    own_site.send("PATCH", STORE, {"customer_password_hash_config": "10"})
    path = new(own_site, customer, password="secret")
    own_site.send("PATCH", STORE, {"customer_password_hash_config": "11"})

    assert own_site.hal(path)["password_hash_config"] == "10"
    assert own_site.send("PATCH", path, {"first_name": "Ada"}).json["password_hash_config"] == "10"
    assert own_site.send("PATCH", path, {"password": "other"}).json["password_hash"].startswith("$2b$11$")
    own_site.send("PATCH", STORE, {"customer_password_hash_config": None})
    drawn = own_site.hal(new(own_site, customer))
    assert (drawn["password_hash"][:7], drawn["password_hash_config"]) == ("$2b$12$", None)


def test_only_the_callers_own_store_is_written(shared_site: Site) -> None:
    for method in ("PATCH", "PUT"):
        assert shared_site.send(method, "/stores/67", {"store_name": "Ours"}).status_code == 404
    with shared_site.engine.connect() as connection:
        names = set(connection.scalars(select(Store.store_name).where(Store.id != STORE_ID)))
    assert "Nordlys Outfitters" in names
    assert "Ours" not in names
    assert read(shared_site, STORE, XML).properties["is_active"] == "true"
