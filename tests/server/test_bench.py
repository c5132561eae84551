"""`make bench` runs: its figures are for people, but that it measures what it says is checked here."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Engine, Table, select

from app import create_app
from app.config import Config
from app.resources.attribute import Attribute
from app.resources.customer import Customer
from app.resources.customer_address import CustomerAddress
from app.resources.payment_method import PaymentMethod
from tests.benchmarks.databases import filled
from tests.benchmarks.documents import BASE, STORE_ID
from tests.benchmarks.serve import SECRET

ROOT = Path(__file__).parents[2]

DOCUMENTS = (
    "one customer",
    "one customer, all zooms",
    "page of 20",
    "page of 300, all zooms",
    "search by email",
    "304",
    "page of 20 at 90 %",
    "PATCH",
)
FEW = ["--sizes", "500", "--rounds", "1", "--seconds", "0.02", "--sign-ins", "1", "--requests-only"]


def test_a_short_benchmark_compares_the_same_bytes_and_reports_every_document_and_format() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", *FEW, "--engines", "sqlite"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    spread = r"\d+\.\d\d \[.*?\]"
    for document in DOCUMENTS:
        title = rf"^{re.escape(document)} +"
        for row in (
            rf"({spread} >= [01]\.\d+(?: MISSED)? +){{3}}{spread}$",
            r"([\d,]+ \([\d.]+\) *){5}$",
            r"([\d.]+ / [\d.]+ *){5}$",
            rf"{spread} +1\.00 \[1\.00-1\.00\].*{spread}$",
        ):
            assert re.search(title + row, ran.stdout, re.MULTILINE), ran.stdout
    for line in (
        r"An idle Patron has \d+ MB",
        r"explorer's page of a customer: \d.* ms of CPU",
        r"Token: .* of a warm GET",
        r"Sign-ins a second .* bare bcrypt",
        r"  sign-in, HAL\+XML: .* p50 \d",
        r"GETs while 1 customers",
        r"^(\d+ goals are missed|Every goal holds)\.$",
    ):
        assert re.search(line, ran.stdout, re.MULTILINE), ran.stdout


def test_what_is_filled_in_in_bulk_is_column_for_column_what_the_api_writes(tmp_path: Path) -> None:
    with filled("sqlite", 500, tmp_path, None, lambda _: None) as database:
        app = create_app(Config(database_url=database.url, base_url=BASE, secret_key=SECRET))
        engine = app.extensions["patron"].engine
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {database.token}"

        copied = _copy(client, 7)

        for kind, key in _TABLES:
            ours, theirs = (_columns(engine, kind, key, owner) for owner in (7, copied))
            assert ours == theirs
            assert ours
        assert copied == 501, "ids go on behind those that are there"
        page = client.get(f"/stores/{STORE_ID}/customers?limit=1")
        assert page.get_json()["total_items"] == 501
        app.extensions["patron"].reader.close()
        engine.dispose()


_TABLES: tuple[tuple[Any, str], ...] = (
    (Customer, "id"),
    (Attribute, "customer_id"),
    (CustomerAddress, "customer_id"),
    (PaymentMethod, "customer_id"),
)
_OWN = {"id", "customer_id", "email", "email_key", "last_login_date", "date_created", "date_modified"}
"""In what a copy differs."""


def _copy(client: FlaskClient, number: int) -> int:
    """A customer like this one, made over the API."""
    zoom = "attributes,customer_addresses,default_payment_method"
    shown = client.get(f"/customers/{number}?zoom={zoom}").get_json()
    embedded = shown["_embedded"]
    hidden = {"id", "password_salt", "forgot_password"}
    body = {name: value for name, value in shown.items() if name[0] != "_" and name not in hidden}
    made = client.post(f"/stores/{STORE_ID}/customers", json=body | {"email": "a@copy.example"})
    assert made.status_code == 201, made.data
    path = f"/customers/{made.get_json()['id']}"
    for each in embedded["fx:attributes"]:
        assert client.post(f"{path}/attributes", json=_properties(each)).status_code == 201
    for each in embedded["fx:customer_addresses"]:
        which = "billing" if each["is_default_billing"] else "shipping"
        answer = client.patch(f"{path}/default_{which}_address", json=_properties(each))
        assert answer.status_code == 200, answer.data
    card = {"cc_number": "4000000000050007"} | {
        name: embedded["fx:default_payment_method"][name] for name in ("cc_exp_month", "cc_exp_year")
    }
    assert client.patch(f"{path}/default_payment_method", json=card).status_code == 200
    return int(made.get_json()["id"])


def _properties(shown: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in shown.items() if name[0] != "_"}


def _columns(engine: Engine, kind: Any, key: str, owner: int) -> list[dict[str, Any]]:
    table: Table = kind.__table__
    named = select(table).where(table.c.store_id == STORE_ID, table.c[key] == owner).order_by(table.c.id)
    with engine.connect() as connection:
        rows = connection.execute(named).mappings().all()
    return [{name: value for name, value in row.items() if name not in _OWN} for row in rows]
