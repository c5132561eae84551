"""PATRON_CORS_ORIGINS: which pages of other origins the operator lets in, as it is written down."""

import pytest

from app.config import Misconfigured, from_environment


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("", set()),
        ("https://A.example", {"https://a.example"}),
        ("https://a.example:443, http://localhost:80", {"https://a.example", "http://localhost"}),
        ("https://a.example https://b.example:8443", {"https://a.example", "https://b.example:8443"}),
        ("*", {"*"}),
        ("http://[::1]:3000,*", {"http://[::1]:3000", "*"}),
    ],
)
def test_the_list_is_read_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, given: str, meant: set[str]
) -> None:
    monkeypatch.setenv("PATRON_CORS_ORIGINS", given)

    assert from_environment().cors_origins == meant


@pytest.mark.parametrize(
    "given",
    [
        "a.example",
        "https://a.example/",
        "http://a.example",
        "https://*.example",
        "null",
        "https://a b",
        "ftp://a",
    ],
)
def test_a_list_that_names_no_origin_stops_the_start(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("PATRON_CORS_ORIGINS", given)

    with pytest.raises(Misconfigured, match="PATRON_CORS_ORIGINS"):
        from_environment()
