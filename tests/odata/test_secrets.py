"""What is no client's to set or to see in OData: columns that the face does not show, hashes, passwords."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import Table, select

from app.db.engine import unguarded_engine
from app.odata.edm import MODEL, EntityType
from app.sandbox import STORE_ID
from tests.logs import Lines, captured_logs
from tests.odata.requests import new_basic, new_customer, odata
from tests.site import Site, hash_cheaply, open_site

CANARY = "CaNaRy77"
ADDRESS = {"Address": {"Address1": "1 Way"}}
NEW: Mapping[str, Any] = {
    "Customer": {"Email": f"{CANARY}@example.com"},
    "CustomerBillingAddress": {**ADDRESS, "CustomerId": 120},
}
"""A least body for each; the two sets of addresses are one resource."""

each_set = pytest.mark.parametrize("name", NEW)


@pytest.fixture
def site(shared_site: Site) -> Site:
    return shared_site


def pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def hidden(entity: EntityType) -> list[str]:
    """What the row has and the entity has not: as the API calls it, and as OData might."""
    shown = {each.column for each in entity.primitives.values()}
    columns = [str(column.name) for column in entity.resource.table.columns if column.name not in shown]
    guessed = [*columns, *map(pascal, columns), "Version", "StoreId", "version", "store_id", "is_sandbox"]
    return [name for name in guessed if name not in entity.members]


def row(site: Site, table: Table, row_id: int) -> dict[str, Any]:
    opened = unguarded_engine(site.url)
    with opened.connect() as connection:
        named = select(table).where(table.c.store_id == STORE_ID, table.c.id == row_id)
        found = dict(connection.execute(named).mappings().one())
    opened.dispose()
    return found


def foreign(value: Any) -> Any:
    """A value that a column might take, unlike the one that it has."""
    return not value if isinstance(value, bool) else 987654 if isinstance(value, int) else "f" * 8


@each_set
def test_no_body_sets_a_column_that_the_face_does_not_show(site: Site, name: str) -> None:
    entity, table = MODEL[name], MODEL[name].resource.table
    made = json.loads(odata(site, "POST", name, NEW[name]).data)
    before, path = row(site, table, made["Id"]), f"{name}({made['Id']})"
    for property_ in hidden(entity):
        body = {property_: foreign(before.get(property_))}
        for method, to, sent in (
            ("PATCH", path, body),
            ("PUT", path, made | body),
            ("POST", name, NEW[name] | body),
        ):
            assert odata(site, method, to, sent).status_code == 400, (method, property_)
    assert row(site, table, made["Id"]) == before
    if name == "Customer":
        odata(site, "DELETE", path)


@each_set
def test_what_the_service_sets_no_body_does(site: Site, name: str) -> None:
    entity, table = MODEL[name], MODEL[name].resource.table
    made = json.loads(odata(site, "POST", name, NEW[name]).data)
    before, path = row(site, table, made["Id"]), f"{name}({made['Id']})"
    computed = {of[-1]: each for of, each in entity.primitives.items() if each.computed}
    assert {"Id"} <= computed.keys()
    for property_, each in computed.items():
        for value in (987654, "2001-02-03T04:05:06Z", None):
            assert odata(site, "PATCH", path, {property_: value}).status_code == 200, property_
            assert odata(site, "PUT", f"{path}/{property_}", {"value": value}).status_code == 405
        assert row(site, table, made["Id"])[str(each.column)] == before[str(each.column)]
    assert odata(site, "GET", path).json["Id"] == made["Id"]
    if name == "Customer":
        odata(site, "DELETE", path)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", MODEL)
def test_what_is_hidden_is_no_name_of_anything(site: Site, name: str) -> None:
    """Or answers would tell of it one bit at a time."""
    entity = MODEL[name]
    secret = ["Password", "password"] if name == "Customer" else []
    for property_ in (*hidden(entity), *secret):
        for query in (
            f"$filter={property_} eq 'x'",
            f"$filter=startswith({property_},'x')",
            f"$filter={property_} ne null",
            f"$orderby={property_}",
            f"$orderby=length({property_})",
        ):
            assert odata(site, "GET", f"{name}?{query}").status_code == 400, query
        if property_ not in secret:
            assert odata(site, "GET", f"{name}?$select={property_}").status_code == 400
            assert odata(site, "GET", f"{name}?$expand={property_}").status_code == 400
        key = STORE_ID if name == "Account" else 115
        for path in (f"{name}({key})/{property_}", f"{name}({key})/{property_}/$value"):
            assert odata(site, "GET", path).status_code in {400, 404}, path
    if name != "Customer":
        return
    for lambda_ in ("BillingAddresses/any(a: a/Customer/Password eq 'x')", "Account/StoreDomain eq 'x'"):
        assert odata(site, "GET", f"Customer?$filter={lambda_}").status_code == 400


def test_no_answer_has_a_secret_in_it(site: Site) -> None:
    made = new_customer(site, Password=CANARY, BillingAddresses=[ADDRESS])
    path = f"Customer({made['Id']})"
    site.send("PATCH", f"/customers/{made['Id']}", {"forgot_password": f"forgot {CANARY}"})
    stored = row(site, MODEL["Customer"].resource.table, made["Id"])
    secrets = [
        CANARY,
        stored["password_hash"],
        *filter(None, [stored["password_salt"], stored["forgot_password"]]),
    ]
    full = {"Accept": "application/json;odata.metadata=full"}
    answers = [
        odata(site, "GET", path, **full),
        odata(site, "GET", f"{path}?$expand=*&$select=*"),
        odata(site, "GET", f"{path}?$select=Password,Id"),
        odata(site, "GET", f"{path}/BillingAddresses?$expand=Customer"),
        odata(site, "GET", "Customer?$orderby=Id desc&$top=5", **full),
        odata(site, "PATCH", path, {"Password": CANARY}, Prefer="return=representation"),
        odata(site, "PATCH", path, {"Password": CANARY, "Nonsense": 1}),
        odata(site, "PATCH", path, {"Password": [CANARY]}),
        odata(site, "PUT", path, {**made, "Password": f"{CANARY}{CANARY * 20}"}),
        odata(site, "PUT", f"{path}/Password", {"value": CANARY}),
        odata(site, "PUT", f"{path}/Password/$value", CANARY.encode(), Content_Type="text/plain"),
        odata(site, "POST", "Customer", f'{{"Password": "{CANARY}'.encode()),
        odata(site, "POST", "Customer", {"Email": made["Email"], "Password": CANARY}),
        odata(
            site,
            "POST",
            "$batch",
            {"requests": [{"id": "1", "method": "patch", "url": path, "body": {"Password": CANARY, "x": 1}}]},
        ),
    ]
    for answer in answers:
        assert answer.status_code < 500
        assert [secret for secret in secrets if secret in answer.text] == [], answer.text
        assert "password_" not in answer.text.lower().replace("forcepasswordreset", "")


PATHS = (
    "",
    "$metadata",
    "Customer",
    "Customer(115)",
    "Customer(115)/Password",
    "Account(66)",
    "$batch",
    "nonsense",
)
HEADERS = (
    *(
        "Accept",
        "Authorization",
        "Content-Type",
        "Cookie",
        "If-Match",
        "Prefer",
        "OData-Version",
        "OData-MaxVersion",
    ),
    *("User-Agent", "X-Api-Key", "OData-Isolation", "Proxy-Authorization"),
)


@pytest.fixture(scope="module")
def logged_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with captured_logs(), open_site("sqlite", tmp_path_factory.mktemp("logs")) as opened:
        hash_cheaply(opened)
        yield opened


def test_no_secret_stands_in_the_log(logged_site: Site) -> None:
    key = new_basic(logged_site)
    plain = base64.b64decode(key.removeprefix("Basic ")).decode().partition(":")[2]
    wrong = f"Basic {base64.b64encode(f'foxglove.example:{CANARY}'.encode()).decode()}"
    bodies: list[Any] = [
        {"Email": f"{CANARY}@example.com", "Password": CANARY},
        {"Password": [CANARY], CANARY: CANARY},
        f'{{"Password": "{CANARY}'.encode(),
        {"requests": [{"id": "1", "method": "post", "url": "Customer", "body": {"Password": CANARY}}]},
        {"requests": [{"id": CANARY, "method": CANARY, "url": CANARY, "headers": {"authorization": CANARY}}]},
        {"requests": [{"id": "1", "method": "get", "url": f"Customer?$filter=Password eq '{CANARY}'"}]},
    ]
    with captured_logs() as lines:
        for path in PATHS:
            for authorization in (key, wrong, f"Bearer {CANARY}"):
                for method in ("POST", "PATCH", "PUT", "DELETE"):
                    for body in bodies:
                        odata(logged_site, method, path, body, authorization=authorization)
                for query in (
                    f"$filter=Password eq '{CANARY}'",
                    f"$skiptoken={CANARY}",
                    f"{CANARY}={CANARY}",
                ):
                    odata(logged_site, "GET", f"{path}?{query}", authorization=authorization)
            for header in HEADERS:
                odata(logged_site, "GET", path, **{"authorization": key, header.replace("-", "_"): CANARY})
        boundary = {"Content_Type": f"multipart/mixed; boundary={CANARY}"}
        request = f"POST {CANARY} HTTP/1.1\r\n{CANARY}: {CANARY}\r\n\r\n{CANARY}"
        part = f"--{CANARY}\r\nContent-Type: application/http\r\n\r\n{request}"
        odata(
            logged_site, "POST", "$batch", f"{part}\r\n--{CANARY}--".encode(), authorization=key, **boundary
        )

    assert lines.of("refused")
    assert_clean(
        lines, [CANARY, CANARY.lower(), plain, key.removeprefix("Basic "), "$2b$", logged_site.token]
    )


def assert_clean(lines: Lines, secrets: list[str]) -> None:
    for secret in secrets:
        assert [line for line in lines.text.splitlines() if secret in line] == []
