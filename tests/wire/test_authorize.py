"""GET /authorize: where a browser is sent with an answer, and where with none."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from app import create_app
from app.config import Config
from app.db.migrate import upgrade
from tests.databases import empty_database
from tests.site import SECRET, Site
from tests.wire.oauth import CHALLENGE, REDIRECT, Browser, add_client, sent_back

ON_ONE_ENGINE = True

STATE = "a state/of+mine"
GOOD = {"response_type": "code", "scope": "store_full_access", "state": STATE}


def ask(site: Site, query: str | dict[str, str], **headers: str) -> TestResponse:
    text = query if isinstance(query, str) else urlencode(query)
    with site.app.test_client() as client:
        return client.get(f"/authorize?{text}", headers=headers)


def is_an_error_page(answer: TestResponse, status: int = 400) -> bool:
    """Nobody is sent anywhere."""
    return (
        answer.status_code == status
        and "Location" not in answer.headers
        and "This did not work" in answer.text
        and "<form" not in answer.text
        and answer.headers["Cache-Control"] == "no-store"
    )


NEAR_MISSES = (
    *(
        "https://app.example/callback",
        "https://app.example/callback?of=patron&",
        REDIRECT + "#",
        REDIRECT + " ",
    ),
    *(REDIRECT + "/", REDIRECT + "/../x", REDIRECT + "x", REDIRECT + "\n", REDIRECT + "&x=1", " " + REDIRECT),
    *("HTTPS://app.example/callback?of=patron", "https://APP.example/callback?of=patron"),
    *("https://app.example:443/callback?of=patron", "https://app.example./callback?of=patron"),
    *("https://app.example/Callback?of=patron", "https://app.example/callback?of=Patron"),
    *("https://app.example/%63allback?of=patron", "https://app.example/callback?of=%70atron"),
    *("https://app.example//callback?of=patron", "https://app.example/./callback?of=patron"),
    *("http://app.example/callback?of=patron", "//app.example/callback?of=patron", "/callback?of=patron"),
    *("https://user@app.example/callback?of=patron", "https://app.example@evil.example/callback?of=patron"),
    *("https://evil.example/callback?of=patron", "https://app.example.evil.example/callback?of=patron"),
    *("https://sub.app.example/callback?of=patron", "https://app.example\\@evil.example/callback?of=patron"),
    *("javascript:alert(1)", "data:text/html,x", "https://аpp.example/callback?of=patron", "x", "null"),
)


@pytest.mark.parametrize("redirect_uri", NEAR_MISSES)
def test_an_address_that_is_not_the_registered_one_gets_nothing(shared_site: Site, redirect_uri: str) -> None:
    client, _ = add_client(shared_site)
    asked = {**GOOD, "client_id": client.client_id, "redirect_uri": redirect_uri}

    assert is_an_error_page(ask(shared_site, asked))
    assert is_an_error_page(ask(shared_site, {**asked, "response_type": "nonsense"}))


def test_an_unknown_client_gets_nothing(shared_site: Site) -> None:
    for name in ("", "nobody", "SANDBOX", "' OR 1=1", "x" * 5000, "é", "<script>"):
        answer = ask(shared_site, {**GOOD, "client_id": name, "redirect_uri": REDIRECT})
        assert is_an_error_page(answer)
        assert "<script" not in answer.text


@pytest.mark.parametrize(
    "more", ["&client_id=sandbox", "&state=a", "&x=1&x=2", "&x=%00", "&x=%ff", "&x=%zz", "&=", "&x=" * 2000]
)
def test_a_query_that_cannot_be_read_gets_nothing(shared_site: Site, more: str) -> None:
    assert is_an_error_page(ask(shared_site, urlencode({**GOOD, "client_id": "sandbox"}) + more))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"state": None}, "invalid_request"),
        ({"state": ""}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "client_full_access"}, "invalid_scope"),
        ({"scope": "store_full_access user_full_access"}, "invalid_scope"),
        ({"scope": "é"}, "invalid_scope"),
        ({"code_challenge": CHALLENGE}, "invalid_request"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "s256"}, "invalid_request"),
        ({"code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge": CHALLENGE + "=", "code_challenge_method": "S256"}, "invalid_request"),
    ],
)
def test_a_known_client_is_told_what_is_wrong(
    shared_site: Site, changes: dict[str, str | None], error: str
) -> None:
    client, _ = add_client(shared_site)
    asked: dict[str, Any] = {**GOOD, "client_id": client.client_id, **changes}
    answer = ask(shared_site, {name: value for name, value in asked.items() if value is not None})

    assert answer.location.startswith(REDIRECT + "&")
    said = sent_back(answer)
    assert said.pop("error") == error
    assert said.pop("error_description")
    state = {"state": STATE} if asked["state"] else {}
    assert said == {"of": "patron", "iss": "http://localhost", **state}


def test_a_public_client_must_use_pkce(shared_site: Site) -> None:
    client, _ = add_client(shared_site, is_public=True)
    asked = {**GOOD, "client_id": client.client_id}

    assert sent_back(ask(shared_site, asked))["error"] == "invalid_request"
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    assert ask(shared_site, asked | pkce).status_code == 200


def test_consent_sends_a_code_the_state_and_who_gave_it(shared_site: Site) -> None:
    client, _ = add_client(shared_site)
    answer = Browser(shared_site, client).sign_in().send("allow", store_id="66")

    assert answer.location.startswith(REDIRECT + "&code=")
    said = sent_back(answer)
    assert len(said.pop("code")) >= 40
    assert said == {"of": "patron", "state": STATE, "iss": "http://localhost"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_denial_is_told_with_the_state(shared_site: Site) -> None:
    client, _ = add_client(shared_site, redirect_uri="http://localhost:9/back")
    for browser in (Browser(shared_site, client), Browser(shared_site, client).sign_in()):
        answer = browser.send("deny")
        assert answer.location.startswith("http://localhost:9/back?error=access_denied&")
        said = sent_back(answer)
        assert (said["error"], said["state"], said["iss"]) == ("access_denied", STATE, "http://localhost")


def test_a_forged_host_gets_an_error_page(shared_site: Site) -> None:
    answer = ask(shared_site, {**GOOD, "client_id": "sandbox"}, Host="evil.example/x")

    assert is_an_error_page(answer)


def test_options_says_what_there_is(shared_site: Site) -> None:
    for path, allowed in (
        ("/authorize", "GET, HEAD, POST, OPTIONS"),
        ("/.well-known/oauth-authorization-server", "GET, HEAD, OPTIONS"),
    ):
        answer = shared_site.ask(path, token=None, method="OPTIONS")
        assert (answer.status_code, answer.headers["Allow"]) == (200, allowed)
        assert shared_site.ask(path, token=None, method="DELETE").status_code == 405


def test_options_of_the_metadata_is_json_too(shared_site: Site) -> None:
    answer = shared_site.ask("/.well-known/oauth-authorization-server", token=None, method="OPTIONS")

    assert (answer.content_type, answer.headers["Access-Control-Allow-Origin"]) == ("application/json", "*")
    assert json.loads(answer.data) == {"message": "Supported here: GET, HEAD, OPTIONS."}


@pytest.mark.parametrize("path", ["", "/of/patron"])
def test_the_metadata_of_an_issuer_with_a_path_stands_where_clients_look(
    engine_name: str, tmp_path: Path, path: str
) -> None:
    issuer = f"https://api.example{path}"
    well_known = "/.well-known/oauth-authorization-server"
    with empty_database(engine_name, tmp_path) as url:
        upgrade(url)
        client = create_app(Config(database_url=url, secret_key=SECRET, base_url=issuer)).test_client()
        for at in {well_known, well_known + path}:
            assert json.loads(client.get(at).data)["issuer"] == issuer
        assert client.get(f"{well_known}/of/another").status_code == 404


def test_the_metadata_says_what_the_server_does(shared_site: Site) -> None:
    answer = shared_site.ask("/.well-known/oauth-authorization-server", None, token=None)
    document = json.loads(answer.data)

    assert answer.content_type == "application/json"
    assert document["issuer"] == "http://localhost"
    for name, method in (("token_endpoint", "POST"), ("revocation_endpoint", "POST")):
        assert shared_site.ask(document[name], token=None, method=method).status_code == 400
    assert is_an_error_page(shared_site.ask(document["authorization_endpoint"], token=None))
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["response_types_supported"] == ["code"]
    assert document["authorization_response_iss_parameter_supported"] is True
    assert set(document["grant_types_supported"]) == {
        "refresh_token", "client_credentials", "authorization_code",
    }  # fmt: skip
