"""The payment method as it is written: a number is checked and forgotten, a code never taken."""

from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.db.tables import now
from app.resources.payment_method import CODES_ON_CARDS
from tests.site import FORMATS, Site, counted_statements, writing
from tests.wire.documents import read, refusals
from tests.wire.encodings import FORM, MERGE, MULTIPART, PATCH
from tests.wire.test_writing_passwords import stored_text
from tests.wire.valid import REGISTRY, new

CUSTOMER = REGISTRY.types["customer"]
YEAR = now().year
EXPIRY = {"cc_exp_month": "12", "cc_exp_year": str(YEAR + 3)}
VISA = "4111111111111111"
CARD = {"cc_number": VISA, **EXPIRY}
SHOWN = ("save_cc", "cc_type", "cc_number_masked", "cc_exp_month", "cc_exp_year")
BLANK = {
    "save_cc": False,
    "cc_type": None,
    "cc_number_masked": None,
    "cc_exp_month": None,
    "cc_exp_year": None,
}


@pytest.fixture
def card(shared_site: Site) -> str:
    """The path of the payment method of a customer who has none."""
    return new(shared_site, CUSTOMER) + "/default_payment_method"


def shown(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: properties[name] for name in SHOWN}


@pytest.mark.parametrize(
    ("number", "kind", "masked"),
    [
        (VISA, "visa", "xxxxxxxxxxxx1111"),
        ("5555 5555 5555 4444", "mastercard", "xxxxxxxxxxxx4444"),
        ("3782-822463-10005", "amex", "xxxxxxxxxxx0005"),
        ("6011111111111117", "discover", "xxxxxxxxxxxx1117"),
        ("3530 1113 3330 0000", "jcb", "xxxxxxxxxxxx0000"),
    ],
)
@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_of_a_card_its_type_masked_number_and_expiry_are_kept(
    shared_site: Site, card: str, method: str, number: str, kind: str, masked: str
) -> None:
    answer = shared_site.send(method, card, {"cc_number": number, **EXPIRY})

    assert answer.status_code == 200, answer.text
    kept = {"save_cc": True, "cc_type": kind, "cc_number_masked": masked, **EXPIRY}
    assert shown(answer.json) == shown(shared_site.hal(card)) == kept
    assert "cc_number" not in answer.json


@pytest.mark.parametrize(
    "media_type", ["application/json", "text/plain", *FORMATS, FORM, MULTIPART, MERGE, PATCH]
)
def test_a_card_number_stands_in_no_table_log_or_answer(
    shared_site: Site, card: str, media_type: str
) -> None:
    said = ""
    with capture_logs() as logged:
        for body in (
            CARD,
            CARD | {"cc_exp_month": "13"},
            CARD | {"cc_cvv": "999"},
            CARD | {"cc_number": f"{VISA}0"},
            {"cc_numbre": VISA},
            {"cc_exp_month": VISA},
            {"cc_number": VISA},
        ):
            answer = shared_site.send("PATCH", card, body, media_type)
            said += f"{answer.headers}{answer.text}"
    said += "".join(shared_site.ask(card, each).text for each in FORMATS)

    assert shared_site.hal(card)["cc_number_masked"] == "xxxxxxxxxxxx1111"
    for place in (said, str(logged), stored_text(shared_site)):
        assert VISA not in place


@pytest.mark.parametrize("media_type", FORMATS)
def test_a_blank_one_put_back_with_a_card_holds_the_card(
    shared_site: Site, card: str, media_type: str
) -> None:
    blank = read(shared_site, card, media_type)
    for name, value in CARD.items():
        blank.set(name, value)

    assert shared_site.send("PUT", card, blank.body, media_type).json["cc_type"] == "visa", (
        "save_cc was false"
    )


WORDS = [
    ({"cc_number": "4111111111111112", **EXPIRY}, {"cc_number": "cc_number is not a valid card number"}),
    (
        {"cc_number": "0000000000000000", **EXPIRY},
        {"cc_number": "cc_number is not of a card type that is known"},
    ),
    ({"cc_number": int(VISA), **EXPIRY}, {"cc_number": "cc_number is not a string"}),
    ({"cc_exp_month": "01"}, {"cc_number": "cc_number can't be blank"}),
    ({"save_cc": True}, {"cc_number": "cc_number can't be blank"}),
    (
        {"cc_number": VISA},
        {"cc_exp_month": "cc_exp_month can't be blank", "cc_exp_year": "cc_exp_year can't be blank"},
    ),
    (
        {"cc_number": "1", "cc_exp_month": "13", "cc_exp_year": "2"},
        {
            "cc_number": "cc_number is not a valid card number",
            "cc_exp_month": "cc_exp_month must be a month from 01 to 12",
            "cc_exp_year": "cc_exp_year must be a year of four digits",
        },
    ),
    (
        {"cc_number": VISA, "cc_exp_month": "12", "cc_exp_year": str(YEAR - 1)},
        {"cc_exp_year": "cc_exp_year is in the past: the card has expired"},
    ),
    (
        {"cc_token": "x", **CARD},
        {"cc_token": "cc_token belongs to Foxy's own card embed, which is not here: send cc_number"},
    ),
]


@pytest.mark.parametrize(("body", "said"), WORDS, ids=[str(body)[:50] for body, _ in WORDS])
def test_a_fault_is_told_and_nothing_is_written(
    shared_site: Site, card: str, body: dict[str, Any], said: dict[str, str]
) -> None:
    with counted_statements() as statements:
        assert refusals(shared_site.send("PATCH", card, body)) == said
    assert writing(statements) == []
    assert shown(shared_site.hal(card)) == BLANK


def test_a_card_is_good_until_the_last_day_of_its_month(shared_site: Site, card: str) -> None:
    this = now()
    last = this.replace(day=1) - timedelta(days=1)

    for month, status in ((this, 200), (last, 400)):
        expiry = {"cc_exp_month": f"{month.month:02d}", "cc_exp_year": str(month.year)}
        assert shared_site.send("PATCH", card, {"cc_number": VISA, **expiry}).status_code == status


@pytest.mark.parametrize("prefer", ["", "handling=lenient"])
def test_a_cards_code_is_never_taken(shared_site: Site, card: str, prefer: str) -> None:
    for name in (*CODES_ON_CARDS, "CC_CVV2", "Cvv"):
        said = refusals(shared_site.send("PATCH", card, CARD | {name: "999"}, Prefer=prefer))
        assert said == {name: f"{name} is never stored, nor taken: leave it out"}
    assert shown(shared_site.hal(card)) == BLANK


def test_a_saved_card_is_changed_and_cleared(shared_site: Site, card: str) -> None:
    saved = shared_site.send("PATCH", card, CARD).json
    for nothing in ({}, {"save_cc": True}, {"cc_number": ""}, {"cc_number": None}, saved):
        assert shared_site.send("PATCH", card, nothing).json == saved
    later = shared_site.send("PATCH", card, {"cc_exp_month": "11"}).json
    assert shown(later) == shown(saved) | {"cc_exp_month": "11"}
    past = {"cc_exp_year": str(YEAR - 1)}
    assert refusals(shared_site.send("PATCH", card, past)).keys() == {"cc_exp_year"}
    assert refusals(shared_site.send("PATCH", card, {"cc_number": VISA})).keys() == EXPIRY.keys(), (
        "a new card"
    )
    assert refusals(shared_site.send("PUT", card, {})).keys() == EXPIRY.keys()

    cleared = shared_site.send("PATCH", card, {"save_cc": False})
    assert (cleared.status_code, shown(cleared.json)) == (200, BLANK)
    assert cleared.headers["ETag"].startswith('"3-')
    assert shown(shared_site.send("PUT", card, CARD).json)["cc_type"] == "visa"
    assert shown(shared_site.send("PUT", card, {"save_cc": False}).json) == BLANK


def test_an_expired_card_is_put_back_as_it_is(own_site: Site) -> None:
    path = "/customers/115/default_payment_method"
    before = own_site.ask(path)
    with own_site.app.extensions["patron"].engine.begin() as connection:
        cursor = connection.connection.cursor()
        cursor.execute(
            "UPDATE payment_method SET cc_exp_year = '2019' WHERE store_id = 66 AND customer_id = 115"
        )

    expired = before.json | {"cc_exp_year": "2019"}
    assert own_site.send("PUT", path, expired).json == expired
    assert refusals(own_site.send("PUT", path, expired | {"cc_exp_month": "05"})).keys() == {"cc_exp_year"}


def test_a_guest_has_no_saved_card(shared_site: Site) -> None:
    path = new(shared_site, CUSTOMER, is_anonymous=True) + "/default_payment_method"

    said = {"cc_number": "cc_number cannot be set: a guest has no saved card"}
    for method in ("PATCH", "PUT"):
        assert refusals(shared_site.send(method, path, CARD)) == said
    assert shown(shared_site.hal(path)) == BLANK
    assert shown(shared_site.send("PUT", path, shared_site.ask(path).data).json) == BLANK


@pytest.mark.parametrize("method", ["DELETE", "POST"])
def test_a_payment_method_is_cleared_not_deleted(shared_site: Site, card: str, method: str) -> None:
    answer = shared_site.send(method, card)

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, PUT, PATCH, OPTIONS")


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_card_is_saved_only_for_who_may_pay_by_card(shared_site: Site, method: str) -> None:
    customer = new(shared_site, CUSTOMER)
    card = f"{customer}/default_payment_method"
    assert shared_site.send("PATCH", customer, {"enable_credit_cards": False}).status_code == 200

    said = {"cc_number": "cc_number cannot be saved: enable_credit_cards of the customer is false"}
    assert refusals(shared_site.send(method, card, CARD), 409) == said
    assert shown(shared_site.hal(card)) == BLANK
    assert shared_site.send(method, card, shared_site.ask(card).data).status_code == 200, "nothing is saved"
    assert shared_site.send("PATCH", customer, {"enable_credit_cards": True}).status_code == 200
    assert shared_site.send(method, card, CARD).status_code == 200


def test_a_card_that_may_no_longer_be_used_can_only_be_cleared(shared_site: Site) -> None:
    customer = new(shared_site, CUSTOMER)
    card = f"{customer}/default_payment_method"
    assert shared_site.send("PATCH", card, CARD).status_code == 200
    assert shared_site.send("PATCH", customer, {"enable_credit_cards": False}).status_code == 200

    assert refusals(shared_site.send("PATCH", card, {"cc_exp_month": "01"}), 409).keys() == {"save_cc"}
    assert shown(shared_site.send("PATCH", card, {"save_cc": False}).json) == BLANK
