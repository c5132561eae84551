"""The two signatures of a delivery, verified by others than Patron."""

import base64
import hashlib
import hmac
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.webhooks.signing import Told, headers

TOLD = Told("customer/modified", "4f1c-7", 3, 66, "shop.example")
keys = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80)


@given(st.binary(max_size=300), keys)
def test_the_foxy_signature_is_the_hmac_of_the_bytes_of_the_body(body: bytes, key: str) -> None:
    signed = headers(TOLD, body, key, 1_700_000_000)

    assert signed["Foxy-Webhook-Signature"] == hmac.new(key.encode(), body, "sha256").hexdigest()


def test_openssl_gets_the_same_signature(tmp_path: Path) -> None:
    body = '{"name":"Ångström"}'.encode()
    (tmp_path / "body").write_bytes(body)
    command = ["openssl", "dgst", "-sha256", "-hmac", "a key", "-r", str(tmp_path / "body")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert headers(TOLD, body, "a key", 1)["Foxy-Webhook-Signature"] == said.split()[0]


def test_a_vector_of_standard_webhooks_own_libraries_is_met() -> None:
    told = Told("customer/modified", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1, 66, "shop.example")
    signed = headers(told, b'{"test": 2432232314}', "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 1614265330)

    assert signed["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signed["webhook-id"] == told.delivery
    assert signed["webhook-timestamp"] == "1614265330"


@pytest.mark.parametrize("key", ["plain", "whsec_not base64!", "Ω"])
def test_a_key_that_is_not_marked_signs_with_its_own_bytes(key: str) -> None:
    signed = headers(TOLD, b"{}", key, 17)
    expected = hmac.new(key.encode(), b"4f1c-7.17.{}", hashlib.sha256).digest()

    assert signed["webhook-signature"] == f"v1,{base64.b64encode(expected).decode()}"


def test_the_headers_say_what_happened_and_where() -> None:
    signed = headers(TOLD, b"{}", "key", 17)
    assert signed["Content-Type"] == "application/json"
    assert signed["Foxy-Webhook-Event"] == "customer/modified"
    assert signed["Foxy-Webhook-Refeed"] == "false"
    assert signed["Foxy-Store-ID"] == "66"
    assert signed["Foxy-Store-Domain"] == "shop.example"
    assert signed["Patron-Webhook-Attempt"] == "3"

    again = headers(Told("customer/refeed", "x", 1, 66, "shop.example"), b"{}", "key", 17)
    assert again["Foxy-Webhook-Refeed"] == "true"
