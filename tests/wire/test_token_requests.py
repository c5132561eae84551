"""What POST /token and /revoke answer to what is malformed, hostile or merely wrong: never a 5xx."""

import json
from io import BytesIO
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.bodies import LARGEST
from app.sandbox import CLIENT
from tests.site import FORMATS, HAL, XML, Site
from tests.wire.oauth import FORM, add_client, ask_token, by_sandbox, declined, post

ON_ONE_ENGINE = True

ENDPOINTS = ("/token", "/revoke")
NO_CREDENTIALS = (400, "invalid_client", "Client credentials were not found in the headers or body")
NO_SECRET = (400, "invalid_client", "This client is invalid or must authenticate using a client secret")
INVALID = (400, "invalid_client", "The client credentials are invalid")
ASKED = {"grant_type": "refresh_token", "refresh_token": "x", "token": "x"}


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, NO_CREDENTIALS),
        ({"client_secret": "x"}, NO_CREDENTIALS),
        ({"client_id": CLIENT}, NO_SECRET),
        ({"client_id": CLIENT, "client_secret": ""}, NO_SECRET),
        ({"client_id": "nobody"}, NO_SECRET),
        ({"client_id": CLIENT, "client_secret": "wrong"}, INVALID),
        ({"client_id": "nobody", "client_secret": "wrong"}, INVALID),
        ({"client_id": "n\u00f6body", "client_secret": "wr\u00f6ng"}, INVALID),
        ({"client_id": "x" * 5000, "client_secret": "x" * 100_000}, INVALID),
        ({"client_id": "' OR 1=1 --", "client_secret": "x"}, INVALID),
        ({"client_id": CLIENT.upper(), "client_secret": "x"}, INVALID),
    ],
)
def test_who_proves_nothing_gets_nothing(
    shared_site: Site, path: str, fields: dict[str, str], said: tuple[int, str, str]
) -> None:
    assert declined(ask_token(shared_site, path, **ASKED, **fields)) == said


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ",
        "Basic !!!!",
        "Basic eA==",
        "Basic /////w==",
        "basic eDp5",
        "Basic eDp5 eDp5",
        "Basic Og==",
        "Basic c2FuZGJveDo=",
        "Basic c2FuZGJveDp3cm9uZw==",
        "Basic AAAA",
        "Basic c2FuZGJveDolZmY=",
        "Basic " + "eDp5" * 20_000,
    ],
)
def test_a_basic_header_that_proves_nothing_is_challenged(shared_site: Site, path: str, header: str) -> None:
    answer = post(shared_site, path, urlencode(ASKED).encode(), Authorization=header)

    assert declined(answer)[:2] == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="patron"'


def test_a_header_and_a_body_that_disagree_are_refused(shared_site: Site) -> None:
    right = f"{CLIENT}:{shared_site.client_secret}"
    for fields in ({"client_id": "another"}, {"client_id": CLIENT, "client_secret": "another"}):
        answer = ask_token(shared_site, basic=right, **ASKED, **fields)
        said = "The client credentials in the header are not those in the body"
        assert declined(answer) == (400, "invalid_request", said)


def test_a_public_client_has_no_secret(shared_site: Site) -> None:
    client, _ = add_client(shared_site, is_public=True)

    answer = ask_token(shared_site, client_id=client.client_id, client_secret="any", **ASKED)
    assert declined(answer) == INVALID
    answer = ask_token(shared_site, basic=f"{client.client_id}:", **ASKED)
    assert declined(answer) == (400, "invalid_grant", "Invalid refresh token")


def test_what_stands_in_the_query_is_not_looked_at(shared_site: Site) -> None:
    query = urlencode({"client_id": CLIENT, "client_secret": shared_site.client_secret})

    answer = ask_token(shared_site, f"/token?{query}", grant_type="client_credentials")
    assert declined(answer) == NO_CREDENTIALS
    answer = ask_token(shared_site, f"/token?{query}&grant_type=client_credentials")
    assert declined(answer)[1] == "invalid_request"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, ("invalid_request", "The grant type was not specified in the request")),
        ({"grant_type": ""}, ("invalid_request", "The grant type was not specified in the request")),
        ({"grant_type": "x"}, ("unsupported_grant_type", 'Grant type "x" not supported')),
        ({"grant_type": "password"}, ("unsupported_grant_type", 'Grant type "password" not supported')),
        ({"grant_type": '"\\é\u202e'}, ("unsupported_grant_type", 'Grant type ""\\??" not supported')),
        (
            {"grant_type": "refresh_token"},
            ("invalid_request", 'Missing parameter: "refresh_token" is required'),
        ),
        ({"grant_type": "authorization_code"}, ("invalid_request", 'Missing parameter: "code" is required')),
    ],
)
def test_what_a_request_lacks_is_said(
    shared_site: Site, fields: dict[str, str], said: tuple[str, str]
) -> None:
    assert declined(by_sandbox(shared_site, **fields)) == (400, *said)


def test_a_revocation_names_a_token(shared_site: Site) -> None:
    answer = by_sandbox(shared_site, path="/revoke")

    assert declined(answer) == (400, "invalid_request", 'Missing parameter: "token" is required')


def credentials(site: Site) -> bytes:
    return urlencode({"client_id": CLIENT, "client_secret": site.client_secret, **ASKED}).encode()


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    "more",
    [
        b"&client_id=sandbox",
        b"&token=y&grant_type=refresh_token",
        b"&refresh_token=a&refresh_token=a",
        b"&x=1&x=2",
        b"&x=%00",
        b"&%00=x",
        b"&x=\x00",
        b"&x=%ff",
        b"&x=\xff\xfe",
        b"&x=%ED%A0%80",
        b"&x=%zz",
        b"&x=%",
        b"&=x",
        b"&0[a]=b",
        b"&x=" * 2000,
    ],
)
def test_a_form_that_is_malformed_or_says_something_twice_is_refused(
    shared_site: Site, path: str, more: bytes
) -> None:
    answer = post(shared_site, path, credentials(shared_site) + more)

    assert declined(answer)[:2] == (400, "invalid_request")


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    "raw",
    [
        *(b"{", b"[]", b"null", b'"x"', b"1", b'{"grant_type": 1}', b'{"grant_type": ["a"]}', b"\xff"),
        *(
            b'{"a": "x", "a": "x"}',
            b'{"a": "\\u0000"}',
            b'{"a": "\\ud800"}',
            b"[" * 5000,
            b'{"client_id": {}}',
        ),
    ],
)
def test_json_that_is_no_object_of_texts_is_refused(shared_site: Site, path: str, raw: bytes) -> None:
    assert declined(post(shared_site, path, raw, "application/json"))[:2] == (400, "invalid_request")


@pytest.mark.parametrize("path", ENDPOINTS)
def test_a_character_that_is_refused_is_named_and_no_format_that_was_not_sent(
    shared_site: Site, path: str
) -> None:
    for raw, media_type in ((b"x=%00", FORM), (b'{"x": "\\u0000"}', "application/json")):
        said = "x holds the control character U+0000: leave it out"
        assert declined(post(shared_site, path, raw, media_type)) == (400, "invalid_request", said)


@pytest.mark.parametrize("media_type", [FORM, FORM.upper() + "; charset=UTF-8", "text/plain", None])
def test_a_form_is_read_whether_it_says_so_or_not(shared_site: Site, media_type: str | None) -> None:
    sent = credentials(shared_site).replace(
        b"refresh_token=x", b"refresh_token=" + shared_site.refresh_token.encode()
    )

    assert post(shared_site, "/token", sent, media_type).status_code == 200


def test_an_object_of_json_is_read_too(shared_site: Site) -> None:
    sent = {
        "grant_type": "client_credentials",
        "client_id": CLIENT,
        "client_secret": shared_site.client_secret,
    }

    assert post(shared_site, "/token", json.dumps(sent).encode(), "application/json").status_code == 200


@pytest.mark.parametrize("media_type", ["multipart/form-data; boundary=x", "application/xml", "x"])
def test_other_media_types_are_refused(shared_site: Site, media_type: str) -> None:
    answer = post(shared_site, "/token", credentials(shared_site), media_type)

    said = f'The content type for POST requests must be "{FORM}"'
    assert declined(answer) == (400, "invalid_request", said)


@pytest.mark.parametrize("path", ENDPOINTS)
def test_a_body_that_is_too_large_is_refused_whether_it_is_announced_or_not(
    shared_site: Site, path: str
) -> None:
    huge = credentials(shared_site) + b"&padding=" + b"x" * LARGEST
    assert declined(post(shared_site, path, huge))[:2] == (413, "invalid_request")

    with shared_site.app.test_client() as client:
        chunked = {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
        answer = client.post(path, input_stream=BytesIO(huge), content_type=FORM, environ_overrides=chunked)
    assert declined(answer)[:2] == (413, "invalid_request")


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("accept", [*FORMATS, "text/html", "nothing/at-all", "", "*/*"])
def test_errors_are_flat_json_whatever_is_accepted(shared_site: Site, path: str, accept: str) -> None:
    answer = post(shared_site, path, urlencode(ASKED).encode(), Accept=accept)

    assert declined(answer) == NO_CREDENTIALS


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("accept", [HAL, XML, "text/html"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "BREW"])
def test_other_methods_are_refused_in_hapis_words_and_flat_json(
    shared_site: Site, path: str, method: str, accept: str
) -> None:
    answer = shared_site.ask(path, accept, token=None, method=method)

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST, OPTIONS")
    if method != "HEAD":
        said = f'No route found for "{method} {path}": Method Not Allowed (Allow: POST, OPTIONS)'
        assert declined(answer) == (405, "invalid_request", said)


@pytest.mark.parametrize("path", ENDPOINTS)
def test_a_body_that_breaks_off_is_refused_in_flat_json(shared_site: Site, path: str) -> None:
    class Broken(BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            raise ValueError("a chunk is malformed")

    with shared_site.app.test_client() as client:
        announced = {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
        for more in (announced, announced | {"CONTENT_LENGTH": "10"}):
            sent = {"input_stream": Broken(), "content_type": FORM, "environ_overrides": more}
            assert declined(client.post(path, headers={"Accept": XML}, **sent))[:2] == (
                400,
                "invalid_request",
            )


@pytest.mark.parametrize("path", ENDPOINTS)
def test_options_says_what_there_is(shared_site: Site, path: str) -> None:
    answer = shared_site.ask(path, token=None, method="OPTIONS")

    assert (answer.status_code, answer.headers["Allow"]) == (200, "POST, OPTIONS")
    assert answer.headers["Accept-Post"] == FORM


NAMES = st.sampled_from(
    ["grant_type", "client_id", "client_secret", "refresh_token", "code", "scope", "code_verifier", "token"]
)
TEXTS = st.sampled_from(["refresh_token", "authorization_code", "client_credentials", CLIENT, "", "x"])
VALUES = TEXTS | st.text(max_size=20)
HEADERS = st.none() | st.binary(max_size=30).map(lambda raw: "Basic " + quote(raw)) | st.just("Bearer x")
BODIES = st.binary(max_size=60) | st.lists(st.tuples(NAMES, VALUES), max_size=8).map(
    lambda pairs: "&".join(f"{name}={quote(value, errors='surrogatepass')}" for name, value in pairs).encode()
)


@settings(max_examples=60)
@given(path=st.sampled_from(ENDPOINTS), raw=BODIES, header=HEADERS, proves=st.booleans())
def test_nothing_that_is_sent_is_a_servers_error(
    shared_site: Site, path: str, raw: bytes, header: str | None, proves: bool
) -> None:
    named = f"client_id={CLIENT}&client_secret={shared_site.client_secret}&".encode() if proves else b""
    headers = {"Authorization": header} if header else {}
    answer = post(shared_site, path, named + raw, **headers)

    assert answer.status_code in {200, 400, 401}, (raw, header)
    assert answer.content_type == "application/json"
