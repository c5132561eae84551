"""The settings: as the store writes them in the API, and as the portal's pages read them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from app.resources.customer_portal_settings import CustomerPortalSettings
from app.sandbox import OTHER_STORE_ID, STORE_ID
from tests.portal.customers import PORTAL, SETTINGS
from tests.site import FORMATS, HAL, XML, Site, open_site
from tests.wire.documents import refusals
from tests.wire.test_scopes import token_with

PUBLIC = f"{PORTAL}/customer_portal_settings"
PROPERTIES = [
    "allowedOrigins", "subscriptions", "sso", "ssoSecret", "sessionLifespanInMinutes", "signUp",
    "jwtSharedSecret", "jwtPrivateKey", "date_created", "date_modified",
]  # fmt: skip
RULE = {"jsonataQuery": "*", "values": ["1w"]}
NEXT = {"jsonataQuery": "*", "min": "2w", "max": "1y", "disallowedDates": ["2031-01-01"]}


@pytest.fixture(scope="module")
def site(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose settings this module changes."""
    with open_site(engine_name, tmp_path_factory.mktemp("settings")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def as_they_were(site: Site) -> Iterator[None]:
    before = site.ask(SETTINGS)
    yield
    assert site.send("PUT", SETTINGS, before.data, HAL).status_code == 200


def patched(site: Site, **properties: Any) -> dict[str, Any]:
    answer = site.send("PATCH", SETTINGS, properties)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json
    return document


def subscriptions(**given: Any) -> dict[str, Any]:
    return {"subscriptions": given}


def test_the_properties_have_hapis_names_in_its_order(site: Site) -> None:
    found = site.hal(SETTINGS)

    assert [name for name in found if not name.startswith("_")] == PROPERTIES
    assert found["_links"]["self"]["title"] == "Store Customer Portal Settings"
    assert found["_links"]["fx:store"]["title"] == "This Store"


@pytest.mark.parametrize(
    ("given", "name", "said"),
    [
        ({"allowedOrigins": "https://a.example"}, "allowedOrigins", "is not a list"),
        ({"allowedOrigins": ["http://a.example"]}, "allowedOrigins[0]", "must be an origin"),
        ({"allowedOrigins": ["https://a.example", "*"]}, "allowedOrigins[1]", "must be an origin"),
        ({"allowedOrigins": ["https://a.example/path"]}, "allowedOrigins[0]", "must be an origin"),
        ({"allowedOrigins": ["null"]}, "allowedOrigins[0]", "must be an origin"),
        ({"allowedOrigins": ["http://localhost.evil.example"]}, "allowedOrigins[0]", "must be an origin"),
        ({"allowedOrigins": [5]}, "allowedOrigins[0]", "is not a string"),
        ({"allowedOrigins": ["https://a.example"] * 11}, "allowedOrigins", "holds too many (maximum is 10)"),
        ({"allowedOrigins": None}, "allowedOrigins", "can't be blank"),
        ({"sso": "yes"}, "sso", "is not true or false"),
        ({"sessionLifespanInMinutes": 0}, "sessionLifespanInMinutes", "greater than or equal to 1"),
        ({"sessionLifespanInMinutes": 40321}, "sessionLifespanInMinutes", "less than or equal to 40320"),
        ({"jwtSharedSecret": "x" * 39}, "jwtSharedSecret", "is too short (minimum is 40 characters)"),
        ({"jwtSharedSecret": "x" * 101}, "jwtSharedSecret", "is too long (maximum is 100 characters)"),
        ({"ssoSecret": "x" * 101}, "ssoSecret", "is too long (maximum is 100 characters)"),
        ({"signUp": "yes"}, "signUp", "is not an object"),
        ({"signUp": {"enabled": 1}}, "signUp.enabled", "is not true or false"),
        ({"signUp": {"nonsense": 1}}, "signUp.nonsense", "is not known here"),
        (
            {"signUp": {"enabled": True, "verification": {"type": "x", "siteKey": "a", "secretKey": "b"}}},
            "signUp.verification.type",
            "is not included in the list: hcaptcha",
        ),
        (
            {"signUp": {"enabled": True, "verification": {"type": "hcaptcha"}}},
            "signUp.verification.siteKey",
            "can't be blank",
        ),
        (subscriptions(allowNextDateModification=5), "subscriptions.allowNextDateModification", "neither"),
        (
            subscriptions(allowFrequencyModification=[RULE] * 11),
            "subscriptions.allowFrequencyModification",
            "holds too many (maximum is 10)",
        ),
        (
            subscriptions(allowFrequencyModification=[RULE | {"values": ["1w"] * 21}]),
            "subscriptions.allowFrequencyModification[0].values",
            "holds too many (maximum is 20)",
        ),
        (
            subscriptions(allowFrequencyModification=[RULE, RULE | {"values": ["weekly"]}]),
            "subscriptions.allowFrequencyModification[1].values[0]",
            "is too long (maximum is 4 characters)",
        ),
        (
            subscriptions(allowFrequencyModification=[RULE | {"jsonataQuery": "x" * 201}]),
            "subscriptions.allowFrequencyModification[0].jsonataQuery",
            "is too long (maximum is 200 characters)",
        ),
        (
            subscriptions(allowNextDateModification=[NEXT | {"disallowedDates": ["tomorrow"]}]),
            "subscriptions.allowNextDateModification[0].disallowedDates[0]",
            "must be a date",
        ),
        (
            subscriptions(allowNextDateModification=[NEXT | {"allowedDays": {"type": "year", "days": [1]}}]),
            "subscriptions.allowNextDateModification[0].allowedDays.type",
            "is not included in the list: day, month",
        ),
    ],
)
def test_what_is_wrong_is_told_with_the_way_to_it(
    site: Site, given: dict[str, Any], name: str, said: str
) -> None:
    before = site.hal(SETTINGS)
    told = refusals(site.send("PATCH", SETTINGS, given))

    assert said in told[name]
    assert told[name].startswith(name)
    assert site.hal(SETTINGS) == before


def test_a_patch_merges_objects_and_a_put_replaces_them(site: Site) -> None:
    rules = [NEXT | {"allowedDays": {"type": "month", "days": [1, 15]}}]
    patched(site, **subscriptions(allowFrequencyModification=[RULE], allowNextDateModification=rules))
    merged = patched(site, **subscriptions(allowNextDateModification=True))

    assert merged["subscriptions"] == {
        "allowFrequencyModification": [RULE],
        "allowNextDateModification": True,
    }
    answer = site.send("PUT", SETTINGS, subscriptions(allowNextDateModification=True))
    assert answer.json["subscriptions"] == {
        "allowFrequencyModification": [],
        "allowNextDateModification": True,
    }
    assert answer.json["allowedOrigins"] == []
    assert answer.json["jwtSharedSecret"] == merged["jwtSharedSecret"], "a secret that is left out is kept"


def test_what_means_the_same_is_no_change(site: Site) -> None:
    patched(site, signUp={"enabled": True, "verification": None})
    tag = site.ask(SETTINGS).headers["ETag"]
    patched(site, signUp={"enabled": True}, **subscriptions(allowNextDateModification=False))

    assert site.ask(SETTINGS).headers["ETag"] == tag


def test_secrets_are_drawn_where_they_are_needed(site: Site) -> None:
    settings = patched(site, sso=True)
    assert len(settings["ssoSecret"]) == 64
    assert patched(site, sso=True)["ssoSecret"] == settings["ssoSecret"]
    drawn = patched(site, jwtSharedSecret=None)["jwtSharedSecret"]
    assert len(drawn) == 64
    assert patched(site, jwtSharedSecret="")["jwtSharedSecret"] != drawn


def test_secrets_are_stored_unreadable(site: Site) -> None:
    verification = {"type": "hcaptcha", "siteKey": "site", "secretKey": "hush secret key"}
    patched(
        site,
        ssoSecret="hush sso",
        jwtSharedSecret="hush" * 12,
        signUp={"enabled": True, "verification": verification},
    )
    columns = CustomerPortalSettings.__table__.c
    with site.engine.connect() as connection:
        row = connection.execute(select(*columns).where(columns.store_id == STORE_ID)).one()
    assert "hush" not in str(row)


@pytest.mark.parametrize("media_type", FORMATS)
def test_who_only_reads_sees_no_secret(site: Site, media_type: str) -> None:
    token = token_with(site, "store_read_access")
    answer = site.ask(SETTINGS, media_type, token=token)

    assert answer.status_code == 200
    for name in ("ssoSecret", "jwtSharedSecret", "jwtPrivateKey", "signUp"):
        assert name not in answer.text
    assert "allowedOrigins" in answer.text


def test_before_they_are_written_they_stand_blank(site: Site) -> None:
    path, token = f"/stores/{OTHER_STORE_ID}/customer_portal_settings", site.other_store_token
    blank = site.ask(path, token=token)

    assert blank.status_code == 200
    assert blank.headers["ETag"].startswith('"0-')
    assert blank.json["allowedOrigins"] == []
    assert blank.json["subscriptions"]["allowNextDateModification"] is False


# As the portal's pages read them.

EVERYTHING = {
    "allowedOrigins": ["https://www.shop.example"],
    "subscriptions": {
        "allowFrequencyModification": [RULE],
        "allowNextDateModification": [NEXT | {"allowedDays": {"type": "day", "days": [1]}}],
    },
    "sso": True,
    "sessionLifespanInMinutes": 90,
    "signUp": {
        "enabled": True,
        "verification": {"type": "hcaptcha", "siteKey": "public", "secretKey": "hush"},
    },
}


def test_pages_read_them_in_snake_case_without_a_session(site: Site) -> None:
    patched(site, **EVERYTHING)
    found = site.hal(PUBLIC, token=None)
    del found["_links"]

    assert found.pop("tos_checkbox_settings") == {
        "usage": "none",
        "url": "",
        "initial_state": "unchecked",
        "is_hidden": True,
    }
    assert found.pop("cart_display_config")["show_sub_frequency"] is True
    assert found == {
        "allowed_origins": ["https://www.shop.example"],
        "subscriptions": {
            "allow_frequency_modification": [{"jsonata_query": "*", "values": ["1w"]}],
            "allow_next_date_modification": [
                {
                    "jsonata_query": "*",
                    "min": "2w",
                    "max": "1y",
                    "disallowed_dates": ["2031-01-01"],
                    "allowed_days": {"type": "day", "days": [1]},
                }
            ],
        },
        "session_lifespan_in_minutes": 90,
        "sso": True,
        "sign_up": {"enabled": True, "verification": {"type": "hcaptcha", "site_key": "public"}},
    }


@pytest.mark.parametrize("media_type", FORMATS)
def test_no_secret_is_among_them(site: Site, media_type: str) -> None:
    settings = patched(site, **EVERYTHING)
    answer = site.ask(PUBLIC, media_type, token=None)

    assert answer.status_code == 200
    for secret in (settings["jwtSharedSecret"], settings["ssoSecret"], "hush"):
        assert secret not in answer.text


def test_where_they_do_not_say_the_store_says_how_long_a_session_lasts(site: Site) -> None:
    patched(site, sessionLifespanInMinutes=None)
    for seconds, minutes in ((0, 720), (3600, 60), (90, 2)):
        assert site.send("PATCH", "/stores/66", {"app_session_time": seconds}).status_code == 200
        assert site.hal(PUBLIC, token=None)["session_lifespan_in_minutes"] == minutes
    given = {"email": "ada.okafor@example.com", "password": "correct horse battery staple"}
    signed_in = site.send("POST", f"{PORTAL}/authenticate", given, token=None)
    assert signed_in.json["expires_in"] == 90


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_pages_write_none_of_them(site: Site, method: str) -> None:
    assert site.send(method, PUBLIC, {"sso": True}, token=None).status_code == 405


def test_lists_and_objects_come_and_go_in_xml(site: Site) -> None:
    patched(site, **EVERYTHING)
    before, document = site.hal(SETTINGS), site.ask(SETTINGS, XML)
    assert site.send("PUT", SETTINGS, document.data, XML).status_code == 200

    assert site.hal(SETTINGS) == before


def test_a_form_takes_them_as_json(site: Site) -> None:
    form = {"subscriptions": EVERYTHING["subscriptions"], "allowedOrigins": ["https://a.example"]}
    answer = site.send("PATCH", SETTINGS, form, "application/x-www-form-urlencoded")

    assert answer.json["subscriptions"]["allowFrequencyModification"] == [RULE]
    broken = site.send("PATCH", SETTINGS, b"allowedOrigins=%5B1", "application/x-www-form-urlencoded")
    assert refusals(broken) == {"allowedOrigins": "allowedOrigins is not a list"}
    emptied = site.send("PATCH", SETTINGS, b"allowedOrigins=", "application/x-www-form-urlencoded")
    assert json.loads(emptied.data)["allowedOrigins"] == []
