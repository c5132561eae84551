"""Whatever is sent to the OData face is answered as OData has it: never a failure of the server.

`PATRON_FUZZ_SECONDS` lets it look for longer than continuous integration does, on each engine.
"""

import json
import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from werkzeug.test import TestResponse

from tests.odata.fuzzing import Asked, batches, requests
from tests.odata.requests import new_basic
from tests.site import Site, hash_cheaply, open_site
from tests.wire.test_fuzz import ROUND, TALES, again

SECONDS = float(os.environ.get("PATRON_FUZZ_SECONDS", "4"))
DONE = {200, 201, 204, 304}
REFUSED = {400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 424, 501}


def require_sound(asked: Asked, answer: TestResponse) -> None:
    """Holds an answer to what OData promises of every one."""
    status, text = answer.status_code, answer.get_data(as_text=True)
    assert status in DONE | REFUSED, text
    assert answer.headers["OData-Version"] == "4.0"
    if asked.method == "HEAD" or status in {204, 304}:
        assert text == ""
        return
    assert [each for each in TALES if each in text] == []
    media_type = answer.headers["Content-Type"].partition(";")[0]
    if status >= 400:
        assert (media_type, answer.headers["Content-Language"]) == ("application/json", "en")
        require_error(json.loads(text))
    elif media_type == "application/json":
        document = json.loads(text)
        for response in document.get("responses", ()):
            assert response["status"] in DONE | REFUSED
            if response["status"] >= 400:
                require_error(response["body"])
    elif media_type == "application/xml":
        etree.fromstring(answer.data)
    else:
        assert media_type == "text/plain"


def require_error(document: dict[str, dict[str, str]]) -> None:
    error = document["error"]
    assert document.keys() == {"error"}
    assert error["code"]
    assert error["message"]


def sent(site: Site, asked: Asked, authorization: str) -> TestResponse:
    path = f"/odata/v1/{asked.path}"
    with site.app.test_client() as client:
        return client.open(
            path,
            method=asked.method,
            query_string=asked.query,
            headers={**asked.headers, "Authorization": authorization},
            data=asked.body,
        )


@pytest.mark.timeout(SECONDS + 600)
def test_no_request_makes_the_server_fail(engine_name: str, tmp_path: Path) -> None:
    statuses = Counter[str]()
    with open_site(engine_name, tmp_path, odata_milliseconds=2_000) as site:
        hash_cheaply(site)
        authorization = new_basic(site)

        @ROUND
        @given(asked=st.one_of(requests(), requests(), requests(), batches()))
        def a_round(asked: Asked) -> None:
            answer = sent(site, asked, authorization)
            statuses[f"{asked.method} {answer.status_code}"] += 1
            require_sound(asked, answer)

        again(a_round, SECONDS)
    print(engine_name, dict(statuses), flush=True)

    for usual in ("GET 200", "POST 201", "POST 400"):
        assert statuses[usual], f"never {usual}"
