"""Passwords as they are written: hashed once, shown and kept nowhere; hashes as they move in."""

from collections.abc import Iterator
from datetime import UTC, datetime

import bcrypt
import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from app import passwords
from app.db.sessions import store_session
from app.db.tables import Base
from app.resources.customer import Customer
from app.sandbox import STORE_ID
from tests.site import FORMATS, Site
from tests.unit.test_passwords import WELL_FORMED
from tests.unit.test_passwords_gate import crowded
from tests.wire.documents import refusals
from tests.wire.encodings import FORM, MERGE, MULTIPART, PATCH
from tests.wire.test_writing_customers import CUSTOMER, CUSTOMERS
from tests.wire.valid import new, valid

SECRET = "Canary-5531-Pass"
OF_A_HASH = ("password_hash", "password_salt", "password_hash_type", "password_hash_config")
MD5 = "d41d8cd98f00b204e9800998ecf8427e"
TOGETHER = "must be sent together with password_hash"


@pytest.fixture
def hashed() -> Iterator[list[str]]:
    """Has one entry for each password that is hashed."""
    counted: list[str] = []

    def count(hash_type: str, purpose: str) -> None:
        counted.append(f"{purpose} {hash_type}")

    passwords.observers.append(count)
    yield counted
    passwords.observers.remove(count)


def stored_text(site: Site) -> str:
    """All that the database holds, of whichever table."""
    with site.app.extensions["patron"].engine.connect() as connection:
        plain = connection.connection.cursor()
        rows = []
        for table in Base.metadata.sorted_tables:
            plain.execute(f'SELECT * FROM "{table.name}"')
            rows += plain.fetchall()
    return str(rows)


def test_a_password_is_hashed_once_and_verified_by_its_hash(shared_site: Site, hashed: list[str]) -> None:
    path = new(shared_site, CUSTOMER, password="first")
    first = shared_site.hal(path)
    assert len(hashed) == 1
    second = shared_site.send("PATCH", path, {"password": "second"}).json
    assert len(hashed) == 2

    for customer, password in ((first, b"first"), (second, b"second")):
        assert bcrypt.checkpw(password, customer["password_hash"].encode())
        assert [customer[name] for name in OF_A_HASH[1:]] == [None, "bcrypt", "4"]
    assert "password" not in second


def test_a_password_is_hashed_once_however_often_the_write_is_attempted(
    shared_site: Site, hashed: list[str]
) -> None:
    path = new(shared_site, CUSTOMER)

    def interfere(_hash_type: str, _purpose: str) -> None:
        if len(hashed) == 1:
            shared_site.send("PATCH", path, {"first_name": "Quicker"})

    passwords.observers.append(interfere)
    answer = shared_site.send("PATCH", path, {"password": SECRET})
    passwords.observers.remove(interfere)

    assert (answer.status_code, len(hashed)) == (200, 1)
    assert answer.json["first_name"] == "Quicker"
    assert bcrypt.checkpw(SECRET.encode(), answer.json["password_hash"].encode())


def test_who_finds_no_room_to_hash_is_told_when_to_come_back_and_others_are_served(shared_site: Site) -> None:
    path = new(shared_site, CUSTOMER)
    before = shared_site.ask(path)
    with crowded():
        for answer in (
            shared_site.send("PATCH", path, {"password": SECRET}),
            shared_site.send("POST", CUSTOMERS, valid_email() | {"password": SECRET}),
        ):
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert SECRET not in answer.text
        assert shared_site.ask(path).data == before.data
    assert shared_site.send("PATCH", path, {"password": SECRET}).status_code == 200


@pytest.mark.parametrize("media_type", ["application/json", *FORMATS, FORM, MULTIPART, MERGE, PATCH])
def test_a_password_is_shown_kept_and_logged_nowhere(shared_site: Site, media_type: str) -> None:
    path = new(shared_site, CUSTOMER)
    said = ""
    with capture_logs() as logged:
        for body in (
            {"password": SECRET},
            {"password": SECRET, "first_name": "x" * 51},
            {"password": SECRET * 5},
            {"pasword": SECRET},
        ):
            answer = shared_site.send("PATCH", path, body, media_type)
            said += f"{answer.headers}{answer.text}"
    said += "".join(shared_site.ask(path, each).text for each in FORMATS)

    assert logged
    for place in (said, str(logged), stored_text(shared_site)):
        assert SECRET not in place


@pytest.mark.parametrize("blank", [{}, {"password": ""}, {"password": None}, {"password_hash": ""}])
def test_without_a_password_a_hash_is_drawn_that_no_password_fits(
    shared_site: Site, hashed: list[str], blank: dict[str, str | None]
) -> None:
    one, other = (shared_site.hal(new(shared_site, CUSTOMER, **blank)) for _ in range(2))

    assert hashed == []
    assert one["password_hash"].startswith("$2b$04$")
    assert one["password_hash"] != other["password_hash"]
    assert not bcrypt.checkpw(b"", one["password_hash"].encode())
    assert [one[name] for name in OF_A_HASH[1:]] == [None, "bcrypt", "4"]


@pytest.mark.parametrize("blank", ["", None])
def test_a_blank_password_changes_nothing(shared_site: Site, blank: str | None) -> None:
    path = new(shared_site, CUSTOMER, password=SECRET)
    before = shared_site.ask(path)

    assert shared_site.send("PATCH", path, {"password": blank}).data == before.data
    changed = shared_site.send("PATCH", path, {"password": blank, "first_name": "Ada"}).json
    assert changed["password_hash"] == before.json["password_hash"]


def test_a_password_has_at_most_72_bytes(shared_site: Site, hashed: list[str]) -> None:
    path = new(shared_site, CUSTOMER)

    assert shared_site.send("PATCH", path, {"password": "é" * 36}).status_code == 200
    said = refusals(shared_site.send("PATCH", path, {"password": "é" * 37}))
    assert said == {"password": "password is too long (maximum is 72 bytes in UTF-8)"}
    said = refusals(shared_site.send("PATCH", path, {"password": "p" * 51}))
    assert said == {"password": "password is too long (maximum is 50 characters)"}
    assert len(hashed) == 1


@pytest.mark.parametrize(("kind", "hashed_as", "salt", "config"), WELL_FORMED, ids=lambda it: str(it)[:20])
def test_a_hash_of_any_type_moves_in_as_it_is(
    shared_site: Site, hashed: list[str], kind: str, hashed_as: str, salt: str | None, config: str | None
) -> None:
    moved = dict(zip(OF_A_HASH, (hashed_as, salt, kind, config), strict=True))
    created = shared_site.hal(new(shared_site, CUSTOMER, **moved))
    path = new(shared_site, CUSTOMER, password=SECRET)
    changed = shared_site.send("PATCH", path, moved).json

    for customer in (created, changed):
        assert {name: customer[name] for name in OF_A_HASH} == moved
    assert len(hashed) == 1, "of the password that was there before"


REFUSED_HASHES = [
    ({"password_hash_type": "md5"}, {"password_hash_type": TOGETHER}),
    (
        {"password_salt": "x", "password_hash_config": "5"},
        {"password_salt": TOGETHER, "password_hash_config": TOGETHER},
    ),
    ({"password_hash": MD5}, {"password_hash": "is invalid: bcrypt's 60 characters"}),
    (
        {"password_hash": MD5, "password_hash_type": "md6"},
        {"password_hash_type": "is not included in the list"},
    ),
    ({"password_hash": MD5[1:], "password_hash_type": "md5"}, {"password_hash": "32 hexadecimal digits"}),
    (
        {"password_hash": "$2b$16$" + "." * 53, "password_hash_type": "bcrypt"},
        {"password_hash": "is too costly"},
    ),
    (
        {"password_hash": "$P$S" + "." * 30, "password_hash_type": "phpass"},
        {"password_hash": "is too costly"},
    ),
    (
        {
            "password_hash": "A" * 43 + "=",
            "password_hash_type": "pbkdf2",
            "password_salt": "salt",
            "password_hash_config": "2000001, 32, sha256",
        },
        {"password_hash_config": "is too costly (maximum is 2000000 iterations"},
    ),
    (
        {
            "password_hash": f"$argon2id$v=19$m=262145,t=1,p=1${'A' * 22}${'A' * 43}",
            "password_hash_type": "argon2id",
        },
        {"password_hash": "is too costly (maximum is 262144 KiB"},
    ),
    (
        {"password_hash": "a" * 40, "password_hash_type": "sha1_salted_suffix"},
        {"password_salt": "can't be blank"},
    ),
    ({"password_hash": "x" * 201}, {"password_hash": "is too long (maximum is 200 characters)"}),
]


@pytest.mark.parametrize(
    ("body", "faults"), REFUSED_HASHES, ids=[str(body)[:60] for body, _ in REFUSED_HASHES]
)
def test_a_hash_that_makes_no_sense_or_costs_too_much_is_refused(
    shared_site: Site, body: dict[str, str], faults: dict[str, str]
) -> None:
    path = new(shared_site, CUSTOMER, password=SECRET)

    for answer in (
        shared_site.send("PATCH", path, body),
        shared_site.send("POST", CUSTOMERS, valid_email() | body),
    ):
        said = refusals(answer)
        assert set(said) == set(faults)
        assert all(text in said[name] for name, text in faults.items())


def test_a_password_wins_over_a_hash(shared_site: Site) -> None:
    both = {"password": SECRET, "password_hash": MD5, "password_hash_type": "md5"}
    path = new(shared_site, CUSTOMER, **both)

    for customer in (shared_site.hal(path), shared_site.send("PATCH", path, both).json):
        assert customer["password_hash_type"] == "bcrypt"
        assert bcrypt.checkpw(SECRET.encode(), customer["password_hash"].encode())


def test_a_temporary_password_is_encrypted_and_has_its_moment(shared_site: Site) -> None:
    path = new(shared_site, CUSTOMER, forgot_password=SECRET)
    customer = shared_site.hal(path)

    assert customer["forgot_password"] == SECRET
    assert customer["forgot_password_timestamp"] == customer["date_created"]
    assert SECRET not in stored_text(shared_site)
    with store_session(shared_site.engine, STORE_ID) as session:
        row = update(Customer).where(Customer.id == customer["id"])
        session.execute(row.values(forgot_password_timestamp=datetime(2013, 8, 16, tzinfo=UTC)))
    old = shared_site.hal(path)
    assert old["forgot_password_timestamp"] < customer["forgot_password_timestamp"]
    again = shared_site.send("PUT", path, old | {"first_name": "Ada"}).json
    assert again["forgot_password_timestamp"] == old["forgot_password_timestamp"], "it was not set anew"
    for blank in ("", None):
        cleared = shared_site.send("PATCH", path, {"forgot_password": blank}).json
        assert (cleared["forgot_password"] or "", cleared["forgot_password_timestamp"]) == ("", None)
        assert shared_site.send("PATCH", path, {"forgot_password": SECRET}).json["forgot_password_timestamp"]


@pytest.mark.parametrize(
    "secret",
    [{"password": SECRET}, {"forgot_password": SECRET}, {"password_hash": MD5, "password_hash_type": "md5"}],
)
def test_a_guest_has_no_password(shared_site: Site, secret: dict[str, str]) -> None:
    said = {name: f"{name} cannot be set: a guest has none" for name in secret}
    guest = new(shared_site, CUSTOMER, is_anonymous=True)
    answer = shared_site.send("POST", CUSTOMERS, valid_email() | {"is_anonymous": True} | secret)

    assert refusals(answer) == refusals(shared_site.send("PATCH", guest, secret)) == said
    for name in OF_A_HASH[1:]:
        assert set(refusals(shared_site.send("PATCH", guest, {name: "5"}))) == {name}
    assert [shared_site.hal(guest)[name] for name in OF_A_HASH] == [None] * 4


def valid_email() -> dict[str, str]:
    return {"email": valid(CUSTOMER)["email"]}
