"""The settings in forms: a field holds JSON where a property holds others."""

from urllib.parse import urlencode

import pytest

from tests.portal.customers import SETTINGS
from tests.site import Site
from tests.wire.documents import refusals

ON_ONE_ENGINE = True


@pytest.mark.parametrize(
    "text",
    [
        '{"enabled": true, "enabled": false}',
        '{"enabled": NaN}',
        '{"verification": {"type": "hcaptcha", "siteKey": "a\\u0000", "secretKey": "b"}}',
        '{"verification": {"type": "hcaptcha", "siteKey": "a\\u0007", "secretKey": "b"}}',
        '{"verification": {"type": "hcaptcha", "siteKey": "a\\ud800", "secretKey": "b"}}',
        '{"verification": ' + "[" * 40 + "]" * 40 + "}",
    ],
)
def test_json_in_a_field_of_a_form_is_held_to_what_a_body_is_held_to(site: Site, text: str) -> None:
    before = site.hal(SETTINGS)
    form = urlencode({"signUp": text})
    answer = site.send("PATCH", SETTINGS, form.encode(), "application/x-www-form-urlencoded")

    assert refusals(answer)["signUp"] == "signUp is not an object"
    assert site.hal(SETTINGS) == before
