"""Registering: who may, what the form must hold, and who is taken for a person."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.portal.customers import PORTAL, SETTINGS, ask, message, new_customer, sign_in
from tests.portal.hcaptcha import PERSON, StandIn, stand_in
from tests.racing import statuses, together
from tests.site import Site, counted_statements, hash_cheaply, open_site, writing

ON_ONE_ENGINE = True

VERIFICATION = {"type": "hcaptcha", "siteKey": "public key", "secretKey": "secret key"}
PASSWORD = "a pass phrase of mine"


def sign_up(site: Site, **given: Any) -> Any:
    return site.send("POST", f"{PORTAL}/sign_up", given, token=None)


def email() -> str:
    return f"{uuid4().hex}@example.com"


def test_who_registers_is_a_customer(site: Site) -> None:
    mine = email()
    answer = sign_up(site, email=mine, password=PASSWORD, first_name="Ada", last_name="Lovelace")

    assert (answer.status_code, answer.json["success"]) == (200, True)
    signed_in = sign_in(site, mine, PASSWORD)
    customer = ask(site, signed_in.json["session_token"]).json
    assert (customer["email"], customer["first_name"], customer["last_name"]) == (mine, "Ada", "Lovelace")
    shown = site.hal(f"/customers/{customer['id']}")
    assert (shown["is_anonymous"], shown["is_active"], shown["password_hash_type"]) == (False, True, "bcrypt")


def test_the_whole_form_of_foxys_pages_may_be_sent(site: Site) -> None:
    mine = email()
    answer = sign_up(
        site, email=mine, password=PASSWORD, tos=True, verification={"type": "hcaptcha", "token": "x"}
    )

    assert answer.status_code == 200
    assert sign_in(site, mine, PASSWORD).status_code == 200


@pytest.mark.parametrize(
    "name", ["id", "is_active", "is_anonymous", "tax_id", "external_id", "password_hash"]
)
def test_nothing_else_of_the_form_is_kept(site: Site, name: str) -> None:
    mine = email()
    assert sign_up(site, email=mine, password=PASSWORD, **{name: "9999"}).status_code == 200

    token = sign_in(site, mine, PASSWORD).json["session_token"]
    assert site.hal(f"/customers/{ask(site, token).json['id']}")[name] != "9999"


def test_without_a_password_one_is_drawn(site: Site) -> None:
    mine = email()
    assert sign_up(site, email=mine).status_code == 200

    assert sign_in(site, mine, "").status_code == 400
    assert sign_in(site, mine, "x").status_code == 401


LIMITS = {"email": 100, "first_name": 50, "last_name": 50, "password": 50}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"email": None}, "data should have required property 'email'"),
        ({"email": "nonsense"}, 'data.email should match format "email"'),
        *(
            ({name: "x" * most + "@x.example"}, f"data.{name} should NOT be longer than {most} characters")
            for name, most in LIMITS.items()
        ),
        *(({name: 5}, f"data.{name} should be string") for name in LIMITS),
        *(({name: ["x"]}, f"data.{name} should be string") for name in LIMITS),
    ],
)
def test_a_form_that_is_none_is_told_as_foxys_is(site: Site, given: dict[str, Any], said: str) -> None:
    with counted_statements() as statements:
        answer = sign_up(site, **({"email": email(), "password": PASSWORD} | given))

    assert (answer.status_code, message(answer)) == (400, said)
    behind = "sign_in_failure"  # old ones are forgotten behind whichever request comes
    assert [each for each in writing(statements) if behind not in each] == []


def test_all_that_is_wrong_is_told_at_once(site: Site) -> None:
    answer = sign_up(site, first_name=5, last_name="x" * 51)

    assert [each["property"] for each in answer.json["_embedded"]["fx:errors"]] == [
        "email", "first_name", "last_name",
    ]  # fmt: skip


def test_a_password_that_cannot_be_hashed_is_400(site: Site) -> None:
    answer = sign_up(site, email=email(), password="😀" * 40)

    assert answer.status_code == 400
    assert "maximum is 72 bytes" in message(answer)


@pytest.mark.parametrize("spelled", [str, str.upper])
def test_a_taken_email_is_403(site: Site, spelled: Any) -> None:
    taken = new_customer(site).email
    answer = sign_up(site, email=spelled(taken), password=PASSWORD)

    assert answer.status_code == 403
    assert message(answer) == "This email address is already in use by an existing customer of this store."


def test_a_guests_email_is_not_taken(site: Site) -> None:
    guest = new_customer(site, is_anonymous=True, password="")

    assert sign_up(site, email=guest.email, password=PASSWORD).status_code == 200


def test_of_many_who_register_with_one_email_one_does(site: Site) -> None:
    mine = email()
    answers = together(site, [lambda: sign_up(site, email=mine, password=PASSWORD)] * 5)

    assert statuses(answers) == {200: 1, 403: 4}


@pytest.mark.parametrize("sign_up_setting", [None, {"enabled": False}])
def test_where_registration_is_disabled_it_is_401(own_site: Site, sign_up_setting: Any) -> None:
    assert own_site.send("PATCH", SETTINGS, {"signUp": sign_up_setting}).status_code == 200
    for given in ({"email": email()}, {}, {"email": 5}):
        answer = sign_up(own_site, **given)

        assert answer.status_code == 401
        assert message(answer) == "Customer registration is disabled."


# Verification.


@pytest.fixture(scope="module")
def standing_in() -> Iterator[StandIn]:
    with stand_in() as told:
        yield told


@pytest.fixture
def captcha(standing_in: StandIn) -> StandIn:
    """What stands in for hCaptcha, as if nothing had been asked yet."""
    standing_in.status, standing_in.body = 200, None
    standing_in.asked.clear()
    return standing_in


@pytest.fixture(scope="module")
def verifying(
    engine_name: str, tmp_path_factory: pytest.TempPathFactory, standing_in: StandIn
) -> Iterator[Site]:
    """A site where those who register are verified."""
    folder = tmp_path_factory.mktemp("verifying")
    with open_site(engine_name, folder, hcaptcha_url=standing_in.url) as site:
        hash_cheaply(site)
        settings = {"signUp": {"enabled": True, "verification": VERIFICATION}}
        assert site.send("PATCH", SETTINGS, settings).status_code == 200
        yield site


def verified(site: Site, token: Any) -> Any:
    verification = {"type": "hcaptcha", "token": token}
    return sign_up(site, email=email(), password=PASSWORD, verification=verification)


def test_who_is_a_person_is_asked_of_hcaptcha(verifying: Site, captcha: StandIn) -> None:
    assert verified(verifying, PERSON).status_code == 200
    assert captcha.asked == [{"secret": "secret key", "response": PERSON, "remoteip": "127.0.0.1"}]


def test_a_form_brings_the_token_as_json(verifying: Site) -> None:
    given = {"email": email(), "verification": f'{{"type": "hcaptcha", "token": "{PERSON}"}}'}
    form = "application/x-www-form-urlencoded"

    assert verifying.send("POST", f"{PORTAL}/sign_up", given, form, token=None).status_code == 200


def test_who_is_none_is_refused(verifying: Site, captcha: StandIn) -> None:
    answer = verified(verifying, "a program")

    assert (answer.status_code, message(answer)[:26]) == (400, "Client verification failed")
    assert len(captcha.asked) == 1


@pytest.mark.parametrize("verification", [None, "x", {}, {"token": ""}, {"token": 5}, {"token": None}, [1]])
def test_who_brings_no_token_is_not_even_asked_about(
    verifying: Site, captcha: StandIn, verification: Any
) -> None:
    answer = sign_up(verifying, email=email(), password=PASSWORD, verification=verification)

    assert (answer.status_code, message(answer)[:26]) == (400, "Client verification failed")
    assert captcha.asked == []


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"{}"),
        (302, b"{}"),
        (200, b"nonsense"),
        (200, b"\xff"),
        (200, b""),
        (404, b'{"success": true}'),
    ],
)
def test_where_it_makes_no_sense_nobody_is_registered(
    verifying: Site, captcha: StandIn, status: int, body: bytes
) -> None:
    captcha.status, captcha.body = status, body
    with counted_statements() as statements:
        answer = verified(verifying, PERSON)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    behind = "sign_in_failure"  # old ones are forgotten behind whichever request comes
    assert [each for each in writing(statements) if behind not in each] == []


@pytest.mark.parametrize("body", [b"[]", b"true", b'{"success": "true"}', b'{"success": 1}', b"{}"])
def test_only_true_is_true(verifying: Site, captcha: StandIn, body: bytes) -> None:
    captcha.body = body

    assert verified(verifying, PERSON).status_code == 400


def test_where_it_does_not_answer_nobody_is_registered(engine_name: str, tmp_path: Path) -> None:
    with open_site(engine_name, tmp_path, hcaptcha_url="http://127.0.0.1:1/") as site:
        settings = {"signUp": {"enabled": True, "verification": VERIFICATION}}
        assert site.send("PATCH", SETTINGS, settings).status_code == 200

        assert verified(site, PERSON).status_code == 503


def test_a_faulty_form_is_told_before_anybody_is_asked(verifying: Site, captcha: StandIn) -> None:
    assert sign_up(verifying, email="nonsense", verification={"token": PERSON}).status_code == 400
    assert captcha.asked == []


def test_the_secret_is_shown_to_nobody_but_the_store(verifying: Site) -> None:
    public = verifying.ask(f"{PORTAL}/customer_portal_settings", token=None)

    assert public.json["sign_up"] == {
        "enabled": True,
        "verification": {"type": "hcaptcha", "site_key": "public key"},
    }
    assert "secret key" not in public.text
