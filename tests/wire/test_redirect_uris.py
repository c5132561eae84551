"""Addresses that browsers are sent to with a code: which are taken, and on whose machine the port is free."""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder, TestResponse

from app.auth.pages import sent_to
from app.redirect_uris import is_redirect_uri
from tests.site import Site
from tests.wire.documents import refusals
from tests.wire.oauth import Browser, add_client, ask_token, declined, sent_back
from tests.wire.valid import REGISTRY, least

ON_ONE_ENGINE = True

GOOD = {"response_type": "code", "scope": "store_full_access", "state": "x"}

NOWHERE = (
    *(
        "https://a..b/",
        "https://.a/",
        "https:///x",
        "https://a]b/",
        "https://[/",
        "https://[x]/",
        "https://]/",
    ),
    *("https://[::1/", "https://[::1]x/", "https://[fe80::1%25eth0]/", "https://[127.0.0.1]/"),
    *("http://localhost:99999", "http://localhost:0", "https://a.example:abc/", "https://a.example:65536/"),
    *("https://℀.com/", "https://\u200d/", f"https://{'a' * 190}", f"https://{'a' * 64}.example/"),
    *("https://a.example/\x01", "https://a.example/\u202e", "https://a.example/\x7f", "https://:443/"),
    *("com.example.app:/back", "com.example.app://back", "http://app.example/", "https://user@app.example/"),
    *(
        "https://a\\@b.example/",
        "https://a b/",
        "https://a.example/#",
        "javascript:alert(1)",
        "https://a%2eb/",
    ),
)
SOMEWHERE = (
    *(
        "https://app.example",
        "https://app.example.",
        "https://app.example?x=1",
        "https://app.example:65535/x",
    ),
    *(
        "https://b\u00fccher.example/pfad/\u00e9",
        "https://xn--bcher-kva.example/",
        "https://an_underscore.example/",
    ),
    *("https://192.0.2.1/", "https://[2001:db8::1]:8443/x", "http://[::1]:9", "https://a.example/[x]|{y}"),
    *(f"https://{'a' * 63}.example/", "https://intranet/"),
)


def ask(site: Site, **parameters: str) -> TestResponse:
    with site.app.test_client() as client:
        return client.get("/authorize?" + urlencode(parameters))


def leads_nowhere(answer: TestResponse) -> bool:
    return answer.status_code == 400 and "Location" not in answer.headers and "did not work" in answer.text


@pytest.mark.parametrize("redirect_uri", NOWHERE)
def test_an_address_that_leads_nowhere_is_neither_taken_nor_followed(
    shared_site: Site, redirect_uri: str
) -> None:
    asked = least(REGISTRY.types["client"]) | {"redirect_uri": redirect_uri}
    if redirect_uri.isprintable():
        assert refusals(shared_site.send("POST", "/clients", asked)).keys() == {"redirect_uri"}

    client, _ = add_client(shared_site, redirect_uri=redirect_uri)
    named = {**GOOD, "client_id": client.client_id}
    assert not is_redirect_uri(redirect_uri)
    for changes in ({}, {"redirect_uri": redirect_uri}, {"response_type": "x"}):
        assert leads_nowhere(ask(shared_site, **{**named, **changes}))


@pytest.mark.parametrize("redirect_uri", SOMEWHERE)
def test_an_address_that_leads_somewhere_is_taken_and_followed(shared_site: Site, redirect_uri: str) -> None:
    asked = least(REGISTRY.types["client"]) | {"redirect_uri": redirect_uri}
    assert shared_site.send("POST", "/clients", asked).status_code == 201

    client, _ = add_client(shared_site, redirect_uri=redirect_uri)
    assert sent_back(ask(shared_site, client_id=client.client_id))["error"] == "unsupported_response_type"


HOSTS = st.text(max_size=70) | st.from_regex(r"\[?[a-z0-9.:%_-]{0,66}\]?(:[0-9]{0,6})?", fullmatch=True)


@settings(max_examples=300)
@given(scheme=st.sampled_from(["https", "http"]), host=HOSTS, path=st.text(max_size=9))
def test_whatever_is_taken_can_be_followed(scheme: str, host: str, path: str) -> None:
    for address in (f"{scheme}://{host}", f"{scheme}://{host}/{path}", f"https://a.example{path}"):
        if is_redirect_uri(address):
            sent = sent_to(f"{address}?code=x").get_wsgi_headers(EnvironBuilder().get_environ())
            assert sent["Location"].startswith(f"{scheme}://") or address.startswith("https://a.example")


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
@pytest.mark.parametrize("registered", ["", ":8080"])
def test_a_users_own_machine_is_reached_on_any_port(shared_site: Site, host: str, registered: str) -> None:
    at = f"http://{host}"
    client, _ = add_client(shared_site, redirect_uri=f"{at}{registered}/back?x=1")
    named = {"client_id": client.client_id, "response_type": "x"}

    for port in ("", ":80", ":8080", ":51004", ":65535"):
        answer = ask(shared_site, **named, redirect_uri=f"{at}{port}/back?x=1")
        assert answer.location.startswith(f"{at}{port}/back?x=1&error=")
    for near in (
        *(f"{at}:0/back?x=1", f"{at}:65536/back?x=1", f"{at}:x/back?x=1", f"{at}:51004/back?x=2"),
        *(
            f"{at}:51004/Back?x=1",
            f"{at}:51004",
            f"https://{host}:51004/back?x=1",
            f"{at}.a.example/back?x=1",
        ),
        *(f"{at}:51004@a.example/back?x=1", f"{at}:51004/back?x=1#", "http://127.0.0.2:51004/back?x=1"),
        f"{at}:{'0' * 200}80/back?x=1",
    ):
        assert leads_nowhere(ask(shared_site, **named, redirect_uri=near))


def test_a_code_for_ones_own_machine_is_bound_to_the_port_that_it_went_to(shared_site: Site) -> None:
    client, secret = add_client(shared_site, redirect_uri="http://127.0.0.1/back")
    there = "http://127.0.0.1:51004/back"
    fields: dict[str, Any] = {"client_id": client.client_id, "client_secret": secret}
    fields |= {"grant_type": "authorization_code"}
    browser = Browser(shared_site, client, redirect_uri=there)
    fields["code"] = browser.code()

    assert there.removesuffix("/back") in browser.page.text, "who consents sees where it leads"
    wrong = ask_token(shared_site, **fields, redirect_uri="http://127.0.0.1:51005/back")
    assert declined(wrong)[1] == "invalid_grant"
    assert ask_token(shared_site, **fields, redirect_uri=there).status_code == 200


def test_an_address_elsewhere_has_the_port_that_it_was_registered_with(shared_site: Site) -> None:
    client, _ = add_client(shared_site, redirect_uri="https://app.example:8443/back")

    assert leads_nowhere(
        ask(shared_site, **GOOD, client_id=client.client_id, redirect_uri="https://app.example:8444/back")
    )


@pytest.mark.parametrize("odd", ["\u202e", "\u202a", "\u2066", "\u2069", "\u0085", "\t", "\n"])
@pytest.mark.parametrize("name", ["project_name", "company_name"])
def test_who_asks_for_consent_has_a_name_that_turns_no_words_around(
    shared_site: Site, name: str, odd: str
) -> None:
    asked = least(REGISTRY.types["client"]) | {name: f"Trusted{odd}Bank"}

    assert refusals(shared_site.send("POST", "/clients", asked)) == {name: f"{name} is invalid"}
