"""Batches over the wire: their parts are answered as if they had come alone, change sets as a whole."""

import json
import re
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from app.odata.batch.parts import MOST_PARTS
from app.odata.batch.passwords import MOST_PASSWORDS
from app.odata.bodies import MOST_BELOW
from app.passwords import observers
from app.writing.joint import MOST_WRITES
from tests.logs import captured_logs
from tests.odata.requests import new_basic, new_customer, odata
from tests.racing import FEW, assert_counted, together
from tests.site import Site, counted_statements


@pytest.fixture
def site(shared_site: Site) -> Site:
    return shared_site


def email() -> str:
    return f"{uuid4().hex}@example.com"


def batched(site: Site, *requests: Any, **options: str) -> list[dict[str, Any]]:
    answer = odata(site, "POST", "$batch", {"requests": requests}, **options)
    assert (answer.status_code, answer.headers["OData-Version"]) == (200, "4.0"), answer.text
    responses: list[dict[str, Any]] = json.loads(answer.data)["responses"]
    return responses


def each(name: str, method: str, url: str, body: Any = None, **members: Any) -> dict[str, Any]:
    return {"id": name, "method": method, "url": url, **({} if body is None else {"body": body}), **members}


def statuses(responses: list[dict[str, Any]]) -> list[int]:
    return [response["status"] for response in responses]


def count(site: Site) -> int:
    return int(odata(site, "GET", "Customer/$count").text)


def test_a_customer_and_addresses_are_made_and_read_in_one_batch(site: Site) -> None:
    given = {"Email": email(), "Name": "Ada Lovelace", "Password": "analytical engine"}
    address = {"DisplayLabel": "Home", "IsDefault": True, "Address": {"Address1": "12 St James's Square"}}
    responses = batched(
        site,
        each("1", "post", "Customer", given, atomicityGroup="g"),
        each("2", "post", "$1/BillingAddresses", address, atomicityGroup="g"),
        each("3", "patch", "$2", {"Address": {"City": "London"}}, atomicityGroup="g"),
        each("4", "put", "$1/CustomerId/$value", "E-1", headers={"content-type": "text/plain"}),
        each("5", "get", "$1?$expand=BillingAddresses&$select=Name,CustomerId", dependsOn=["g"]),
        each("6", "get", "$1/Name/$value"),
        each("7", "get", "Customer/$count"),
        each("8", "get", "$metadata"),
    )

    assert statuses(responses)[:3] == [201, 201, 200]
    assert statuses(responses)[4:] == [200] * 4
    read = responses[4]["body"]
    assert (read["Name"], read["BillingAddresses"][0]["Address"]["City"]) == ("Ada Lovelace", "London")
    assert (responses[5]["body"], responses[6]["body"]) == ("Ada Lovelace", str(count(site)))
    location = responses[0]["headers"]["location"]
    assert odata(site, "GET", location.rpartition("/")[2]).status_code == 200
    assert_counted(site)


def test_of_a_change_set_that_fails_nothing_is_left(site: Site) -> None:
    before, taken = count(site), email()
    with captured_logs() as lines:
        responses = batched(
            site,
            each("1", "post", "Customer", {"Email": taken, "Password": "difference"}, atomicityGroup="g"),
            each("2", "post", "$1/ShippingAddresses", {"Address": {"Address1": "x"}}, atomicityGroup="g"),
            each("3", "post", "Customer", {"Email": taken.upper()}, atomicityGroup="g"),
            each("4", "get", "Customer/$count"),
        )

    assert statuses(responses) == [424, 424, 409, 200]
    assert responses[2]["body"]["error"]["target"] == "Email"
    assert (count(site), int(responses[3]["body"])) == (before, before)
    assert lines.of("audit") == [], "what was undone has not happened"
    assert_counted(site)


def test_a_change_set_sees_what_it_has_written_itself(site: Site) -> None:
    one, other = new_customer(site, Name="One"), new_customer(site, Name="Other")
    responses = batched(
        site,
        each("1", "patch", f"Customer({one['Id']})", {"Name": "First"}, atomicityGroup="g"),
        each("2", "patch", f"Customer({one['Id']})", {"CustomerId": "E-2"}, atomicityGroup="g"),
        each("3", "delete", f"Customer({other['Id']})", atomicityGroup="g"),
        each("4", "patch", f"Customer({other['Id']})", {"Name": "Gone"}, atomicityGroup="h"),
    )

    assert statuses(responses) == [200, 200, 204, 404]
    assert (responses[1]["body"]["Name"], responses[1]["body"]["CustomerId"]) == ("First", "E-2")
    assert odata(site, "GET", f"Customer({other['Id']})").status_code == 404


def test_a_change_set_moves_a_default_and_empties_a_use(site: Site) -> None:
    made = new_customer(
        site,
        BillingAddresses=[
            {"DisplayLabel": "A", "IsDefault": True, "Address": {"Address1": "x"}},
            {"DisplayLabel": "B", "Address": {"Address1": "y"}},
        ],
    )
    first, second = (address["Id"] for address in made["BillingAddresses"])
    owner = f"Customer({made['Id']})"
    responses = batched(
        site,
        each("1", "patch", f"{owner}/BillingAddresses({second})", {"IsDefault": True}, atomicityGroup="g"),
        each("2", "delete", f"{owner}/BillingAddresses({first})", atomicityGroup="g"),
        each("3", "get", f"{owner}/BillingAddresses"),
    )

    assert statuses(responses) == [200, 204, 200]
    assert [(one["Id"], one["IsDefault"]) for one in responses[2]["body"]["value"]] == [(second, True)]


def test_conditions_hold_in_a_change_set_and_may_refer_to_what_was_read(site: Site) -> None:
    owner = f"Customer({new_customer(site)['Id']})"
    responses = batched(
        site,
        each("1", "get", owner),
        each("2", "patch", owner, {"Name": "First"}, headers={"if-match": "$1"}, atomicityGroup="g"),
        each("3", "patch", owner, {"Name": "Second"}, headers={"if-match": "$1"}, atomicityGroup="h"),
        each("4", "patch", owner, {"Name": "Third"}, headers={"if-match": "$2"}, atomicityGroup="i"),
    )

    assert statuses(responses) == [200, 200, 412, 200]


def test_each_request_needs_the_permission_that_it_would_need_alone(site: Site) -> None:
    who = new_basic(site, ["view", "edit"])
    owner = f"Customer({new_customer(site)['Id']})"
    responses = batched(
        site,
        each("1", "get", owner),
        each("2", "patch", owner, {"Name": "Kept"}),
        each("3", "patch", owner, {"Name": "Undone"}, atomicityGroup="g"),
        each("4", "delete", owner, atomicityGroup="g"),
        each("5", "post", "Customer", {"Email": email()}),
        each("6", "get", f"{owner}/Name"),
        authorization=who,
    )

    assert statuses(responses) == [200, 200, 424, 403, 403, 200]
    assert responses[5]["body"]["value"] == "Kept"


def test_nobody_has_a_batch_without_signing_in(site: Site) -> None:
    answer = odata(site, "POST", "$batch", {"requests": []}, authorization="Bearer wrong")

    assert answer.status_code == 401
    assert odata(site, "GET", "$batch").status_code == 405


def test_passwords_are_hashed_before_the_change_set_begins_and_once(site: Site) -> None:
    hashed = list[str]()
    watch = partial(_note, hashed)
    observers.append(watch)
    try:
        made = [
            each(
                str(at),
                "post",
                "Customer",
                {"Email": email(), "Password": f"a password {at}"},
                atomicityGroup="g",
            )
            for at in range(5)
        ]
        with counted_statements() as statements:
            responses = batched(site, *made)
    finally:
        observers.remove(watch)

    assert statuses(responses) == [201] * 5
    assert hashed == ["make"] * 5
    blocks = [text for text in statements if "id_block" in text]
    assert len(blocks) <= 4, "ids come in blocks"


def _note(noted: list[str], _type: str, purpose: str) -> None:
    noted.append(purpose)


def test_change_sets_that_race_are_all_kept(site: Site) -> None:
    one, other = (f"Customer({new_customer(site)['Id']})" for _ in range(2))

    def change(at: int) -> list[int]:
        path = (one, other) if at % 2 else (other, one)
        name = ["Name", "CustomerId", "CurrencyCode"][at % 3]
        return statuses(
            batched(
                site,
                each(
                    "1",
                    "patch",
                    path[0],
                    {name: "USD"},
                    atomicityGroup="g",
                ),
                each("2", "patch", path[1], {"IsActive": False}, atomicityGroup="g"),
            )
        )

    answers = together(site, [partial(change, at) for at in range(FEW)])

    assert answers == [[200, 200]] * FEW
    assert [json.loads(odata(site, "GET", path).data)["IsActive"] for path in (one, other)] == [False, False]


def test_change_sets_that_write_in_any_order_are_all_kept(site: Site) -> None:
    shared = [f"Customer({new_customer(site)['Id']})" for _ in range(3)]
    street = {"Address": {"Address1": "1 Way"}, "IsDefault": True}

    def change(at: int) -> list[int]:
        writes = [
            ("patch", shared[at % 3], {"CustomerId": str(at)}),
            ("post", "Customer", {"Email": email(), "BillingAddresses": [street]}),
            ("post", f"{shared[(at + 1) % 3]}/BillingAddresses", {**street, "DisplayLabel": str(at)}),
        ]
        turned = [*writes[at % 3 :], *writes[: at % 3]]
        return sorted(
            statuses(
                batched(site, *(each(str(no), *one, atomicityGroup="g") for no, one in enumerate(turned)))
            )
        )

    answers = together(site, [partial(change, at) for at in range(FEW)])

    assert answers == [[200, 201, 201]] * FEW
    for path in shared:
        addresses = json.loads(odata(site, "GET", f"{path}/BillingAddresses").data)["value"]
        assert [address["IsDefault"] for address in addresses].count(True) == 1
        assert len(addresses) == FEW // 3
    assert_counted(site)


def test_what_is_said_of_an_entity_that_is_made_and_gone_names_its_own_id(site: Site) -> None:
    before = new_customer(site)["Id"]
    responses = batched(
        site,
        each("1", "post", "Customer", {"Email": email(), "Password": "difference"}, atomicityGroup="g"),
        each("2", "delete", "$1", atomicityGroup="g"),
        each("3", "patch", "$1", {"Name": "Gone"}, atomicityGroup="g"),
    )

    assert statuses(responses) == [424, 424, 404]
    (named,) = re.findall(r"[0-9]+", responses[2]["body"]["error"]["message"])
    assert before < int(named) < new_customer(site)["Id"]


@pytest.mark.parametrize("group", [{}, {"atomicityGroup": "g"}], ids=["alone", "together"])
def test_a_batch_sets_only_so_many_passwords(site: Site, group: dict[str, str]) -> None:
    hashed, before = list[str](), count(site)
    watch = partial(_note, hashed)
    observers.append(watch)
    try:
        responses = batched(
            site,
            *(
                each(str(at), "post", "Customer", {"Email": email(), "Password": f"word {at}"}, **group)
                for at in range(MOST_PASSWORDS + 1)
            ),
            each("last", "post", "Customer", {"Email": email()}),
        )
    finally:
        observers.remove(watch)

    undone = MOST_PASSWORDS if group else 0
    assert statuses(responses) == [424 if group else 201] * MOST_PASSWORDS + [400, 201]
    error = responses[MOST_PASSWORDS]["body"]["error"]
    assert (error["code"], error["target"]) == ("too_many", "Password")
    assert (len(hashed), count(site)) == (MOST_PASSWORDS, before + MOST_PASSWORDS + 1 - undone)


def test_no_more_is_written_as_a_whole_than_others_can_wait_for(site: Site) -> None:
    before, street = count(site), {"Address": {"Address1": "1 Way"}}
    many = [
        each(
            str(at),
            "post",
            "Customer",
            {"Email": email(), "BillingAddresses": [street] * MOST_BELOW},
            headers={"prefer": "return=minimal"},
            atomicityGroup="g",
        )
        for at in range(MOST_WRITES // (1 + MOST_BELOW) + 1)
    ]
    responses = batched(site, *many)

    assert statuses(responses) == [424] * (len(many) - 1) + [400]
    assert responses[-1]["body"]["error"]["code"] == "too_many"
    assert count(site) == before


def test_a_batch_is_not_larger_than_one_may_be(site: Site) -> None:
    requests = [each(str(at), "get", "Account") for at in range(MOST_PARTS + 1)]
    assert odata(site, "POST", "$batch", {"requests": requests}).status_code == 400
    assert odata(site, "POST", "$batch", b" " * (1024 * 1024 + 1)).status_code == 413
    assert len(batched(site, *requests[1:])) == MOST_PARTS


def test_a_multipart_batch_is_answered_over_the_wire(site: Site) -> None:
    body = (
        "--b\r\nContent-Type: application/http\r\n\r\n"
        "GET /odata/v1/Customer?$top=1 HTTP/1.1\r\nHost: localhost\r\n\r\n\r\n"
        "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
        "--c\r\nContent-Type: application/http\r\nContent-ID: 1\r\n\r\n"
        f'POST Customer HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{{"Email":"{email()}"}}\r\n'
        "--c\r\nContent-Type: application/http\r\nContent-ID: 2\r\n\r\n"
        "PATCH $1 HTTP/1.1\r\nContent-Type: application/json\r\nPrefer: return=minimal\r\n\r\n"
        '{"Name":"Ida"}\r\n'
        "--c--\r\n"
        "--b--\r\n"
    )
    answer = odata(site, "POST", "$batch", body.encode(), Content_Type="multipart/mixed; boundary=b")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("multipart/mixed; boundary=batch_")
    assert [line for line in answer.text.splitlines() if line.startswith("HTTP/")] == [
        "HTTP/1.1 200 OK",
        "HTTP/1.1 201 Created",
        "HTTP/1.1 204 No Content",
    ]


def test_isolation_is_refused_for_a_batch_and_for_each_of_its_requests(site: Site) -> None:
    for name in ("OData_Isolation", "Isolation"):
        assert odata(site, "POST", "$batch", {"requests": []}, **{name: "snapshot"}).status_code == 412
    requests = each("1", "get", "Account", headers={"isolation": "Snapshot"}), each("2", "get", "Account")
    assert statuses(batched(site, *requests)) == [412, 200]
