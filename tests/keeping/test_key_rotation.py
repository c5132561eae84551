"""The secret key is changed while servers run: nothing is unreadable meanwhile, or afterwards."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import update

from app import create_app
from app.config import Config, Misconfigured, from_environment, require_production
from app.db.tables import Base
from app.db.types import Ciphertext
from app.encryption import Cipher
from app.keeping import key_rotation
from app.keeping.key_rotation import encrypted
from app.resources.customer import Customer
from tests.keeping.planting import everything, patron
from tests.portal.customers import new_customer, sign_in
from tests.server.commands import PATRON, environment
from tests.site import SECRET, Site

NEW = "another secret key, drawn at random as well, and as long"
BOTH = {"PATRON_SECRET_KEY": NEW, "PATRON_OTHER_SECRET_KEYS": SECRET}


@contextmanager
def server(site: Site, key: str, *others: str) -> Iterator[Site]:
    """A server beside the site's own, on its database, with other keys."""
    settings = {"rate_limits": "off", "sandbox": True, "other_secret_keys": others}
    app: Flask = create_app(Config(database_url=site.url, secret_key=key, **settings))  # type: ignore[arg-type]
    yield Site(app, site.engine, site.url, site.token, "", site.client_token, "", "", "", site.tokens)
    app.extensions["patron"].reader.close()
    app.extensions["patron"].engine.dispose()


def tokens(site: Site) -> dict[str, list[str]]:
    """All that looks encrypted in the database, by column, however it is declared."""
    stored: dict[str, list[str]] = {}
    for table, row in everything(site):
        for name, value in row.items():
            if isinstance(value, str) and value.startswith("gAAAA"):
                stored.setdefault(f"{table}.{name}", []).append(value)
    return stored


def fill(site: Site) -> int:
    """Something in each column that is encrypted; the id of the customer."""
    customer = new_customer(site, forgot_password="by telephone")
    given = {"name": "a", "format": "json", "url": "https://erp.example.com", "encryption_key": "a key"}
    made = site.send("POST", "/stores/66/webhooks", {**given, "event_resource": "transaction"})
    assert made.status_code == 201, made.text
    sign_up = {"enabled": True, "verification": None}
    settings = {"sso": True, "signUp": sign_up}
    assert site.send("PATCH", "/stores/66/customer_portal_settings", settings).status_code == 200
    assert sign_in(site, customer.email, "by telephone").status_code == 200  # its session keeps it
    customer.change(forgot_password="by telephone")
    assert new_guest(site, uuid4().hex).status_code == 201
    return customer.id


def new_guest(site: Site, key: str) -> Any:
    body = {"email": "guest@example.com", "is_anonymous": True}
    return site.send("POST", "/stores/66/customers", body, Idempotency_Key=key)


def test_every_column_that_holds_something_encrypted_is_rotated(own_site: Site) -> None:
    fill(own_site)
    declared = {f"{table.name}.{name}" for table, names in encrypted().items() for name in names}

    assert tokens(own_site).keys() <= declared
    assert declared - tokens(own_site).keys() <= {"customer_portal_settings.jwtPrivateKey"}, "it is never set"
    of_type = {
        f"{table.name}.{each.name}"
        for table in Base.metadata.sorted_tables
        for each in table.columns
        if isinstance(each.type, Ciphertext)
    }
    assert declared == of_type | {"idempotency_key.answer"}


def test_keys_are_changed_while_servers_of_both_keys_run(own_site: Site, tmp_path: Path) -> None:
    """A server of the old key that knows the new one, one of the new key that knows the old one, and by
    another process `patron keys rotate`; at the end a server that knows the new key alone."""
    customer = fill(own_site)
    before = own_site.ask(f"/customers/{customer}")
    with server(own_site, SECRET, NEW) as old, server(own_site, NEW, SECRET) as new:
        assert new.hal(f"/customers/{customer}")["forgot_password"] == "by telephone"
        assert new.send("PATCH", f"/customers/{customer}", {"forgot_password": "by post"}).status_code == 200
        assert old.hal(f"/customers/{customer}")["forgot_password"] == "by post"
        keys = [uuid4().hex for _ in range(2)]
        assert [new_guest(each, key).status_code for each, key in zip((old, new), keys, strict=True)] == [
            201
        ] * 2
        for each in (old, new):
            again = [new_guest(each, key) for key in keys]
            assert [answer.headers.get("Idempotency-Replayed") for answer in again] == ["true"] * 2
        tag = new.ask(f"/customers/{customer}").headers["ETag"]

        settings = environment(PATRON_DATABASE_URL=own_site.url, **BOTH)
        command = [PATRON, "keys", "rotate"]
        done = subprocess.run(
            command, cwd=tmp_path, env=settings, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "webhook.encryption_key" in done.stdout
        for each in (old, new):
            shown = each.ask(f"/customers/{customer}", headers={"If-None-Match": tag})
            assert shown.status_code == 304, "clients see no change"
    for stored in tokens(own_site).values():
        assert all(Cipher(NEW).decrypt(each) for each in stored)
    with server(own_site, NEW) as alone:
        assert alone.hal(f"/customers/{customer}")["forgot_password"] == "by post"
        assert sign_in(alone, before.json["email"], "by post").status_code == 200
    assert "nothing is left" in patron(own_site, "keys", "rotate", **BOTH).stdout


def test_waits_after_failed_sign_ins_outlast_the_key(own_site: Site) -> None:
    email = new_customer(own_site).email
    for _ in range(5):
        assert sign_in(own_site, email, "wrong").status_code == 401
    with server(own_site, NEW, SECRET) as new:
        assert sign_in(new, email, "wrong").status_code == 401
        assert sign_in(new, email, "wrong").status_code == 429


def test_a_rotation_goes_on_where_it_was_cut_off(own_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_rotation, "AT_ONCE", 2)
    customers = [new_customer(own_site, forgot_password=f"by telephone {each}").id for each in range(7)]
    cipher = Cipher(NEW, SECRET)
    write, written = key_rotation._write, []

    def cut_off(*given: Any) -> None:
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(given)
        write(*given)

    monkeypatch.setattr(key_rotation, "_write", cut_off)
    with pytest.raises(KeyboardInterrupt):
        key_rotation.rotate(own_site.engine, cipher)
    monkeypatch.setattr(key_rotation, "_write", write)
    stored = tokens(own_site)["customer.forgot_password"]
    done = [each for each in stored if cipher.encrypted_anew(each) is None]
    assert 0 < len(done) < len(stored)

    left = key_rotation.rotate(own_site.engine, cipher)
    assert left.anew["customer.forgot_password"] == len(stored) - len(done)
    with server(own_site, NEW) as alone:
        for number, customer in enumerate(customers):
            assert alone.hal(f"/customers/{customer}")["forgot_password"] == f"by telephone {number}"


def test_what_is_written_meanwhile_is_not_overwritten(
    own_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = new_customer(own_site, forgot_password="by telephone")
    changes = key_rotation._changes

    def after_somebody_else(*given: Any) -> Any:
        found = list(changes(*given))
        if given[0].name == "customer":
            mine = (Customer.store_id == 66, Customer.id == customer.id)
            later = {"forgot_password": Cipher(SECRET).encrypt("by post")}
            with own_site.engine.begin() as connection:
                connection.execute(update(Customer).where(*mine).values(later))
        return found

    monkeypatch.setattr(key_rotation, "_changes", after_somebody_else)
    key_rotation.rotate(own_site.engine, Cipher(NEW, SECRET))
    assert customer.shown()["forgot_password"] == "by post"


def test_what_none_of_the_keys_can_read_is_said_and_kept(own_site: Site) -> None:
    fill(own_site)
    before = tokens(own_site)
    said = patron(own_site, "keys", "rotate", PATRON_SECRET_KEY=NEW)

    assert said.returncode == 1
    assert "in webhook.encryption_key" in said.stderr
    assert "nothing is left" not in said.stdout
    assert "a key" not in said.stderr.replace("a key of", "")
    assert tokens(own_site) == before


def test_nothing_is_encrypted_with_a_key_that_no_server_takes(own_site: Site) -> None:
    fill(own_site)
    before = tokens(own_site)
    said = patron(own_site, "keys", "rotate", PATRON_SECRET_KEY="short", PATRON_OTHER_SECRET_KEYS=SECRET)

    assert (said.returncode, "PATRON_SECRET_KEY is too short" in said.stderr) == (1, True)
    assert tokens(own_site) == before


def test_other_keys_are_given_one_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATRON_SECRET_KEY", NEW)
    monkeypatch.setenv("PATRON_BASE_URL", "https://shop.example")
    monkeypatch.setenv("PATRON_OTHER_SECRET_KEYS", f"{SECRET}\n\n {'y' * 40} \n")
    assert from_environment().other_secret_keys == (SECRET, "y" * 40)

    monkeypatch.setenv("PATRON_OTHER_SECRET_KEYS", "short")
    with pytest.raises(Misconfigured, match="PATRON_OTHER_SECRET_KEYS") as refused:
        require_production(from_environment())
    assert "short" not in str(refused.value)
    assert "short" not in repr(from_environment())
