"""How much of a body is read, as a WSGI server hands it over: announced, in chunks, or cut short."""

from io import BytesIO

import pytest
from werkzeug.test import EnvironBuilder, TestResponse

from app.bodies import LARGEST
from tests.site import HAL, JSON, Site
from tests.wire.encodings import FORM
from tests.wire.places import nothing_written
from tests.wire.test_refusals import READERS

ON_ONE_ENGINE = True

CUSTOMERS = "/stores/66/customers"


class Counted(BytesIO):
    """A body that counts how much of it is read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        read = super().read(size)
        self.taken += len(read)
        return read


def post(site: Site, body: BytesIO, media_type: str, accept: str, length: str | None) -> TestResponse:
    """What the application answers to a POST of which a server says what gunicorn says."""
    builder = EnvironBuilder(CUSTOMERS, method="POST", headers={"Accept": accept, "Content-Type": media_type})
    builder.headers["Authorization"] = f"Bearer {site.token}"
    environ = builder.get_environ() | {"wsgi.input": body, "wsgi.input_terminated": True}
    environ.pop("CONTENT_LENGTH", None)
    if length is not None:
        environ["CONTENT_LENGTH"] = length
    with site.app.test_client() as client:
        return client.open(environ_overrides=environ, path=CUSTOMERS, method="POST")


@pytest.mark.parametrize("accept", READERS)
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in chunks"])
def test_of_ten_megabytes_no_more_is_read_than_it_takes_to_refuse_them(
    site: Site, accept: str, announced: bool
) -> None:
    body = Counted(b"[" * (10 * LARGEST))
    with nothing_written(site):
        answer = post(site, body, JSON, accept, str(10 * LARGEST) if announced else None)

    assert (answer.status_code, answer.headers["Content-Type"]) == (413, accept)
    (entry,) = READERS[accept](answer.data)
    assert (entry["code"], str(LARGEST) in entry["message"]) == ("too_large", True)
    assert body.taken <= (0 if announced else LARGEST + 1)


@pytest.mark.parametrize("length", [str(LARGEST + 1), "9" * 11, "9" * 12, "9" * 5000])
def test_an_announced_length_beyond_the_limit_is_enough_to_refuse(site: Site, length: str) -> None:
    body = Counted(b"{}")

    assert post(site, body, JSON, HAL, length).status_code == 413
    assert body.taken == 0


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in chunks"])
def test_a_body_of_the_largest_size_is_read_to_its_end(site: Site, announced: bool) -> None:
    text = b'{"nonsense":"' + b"x" * (LARGEST - 15) + b'"}'
    with nothing_written(site):
        answer = post(site, BytesIO(text), JSON, HAL, str(LARGEST) if announced else None)

    assert answer.status_code == 400
    assert ("nonsense", "unknown_property") in [
        (each["property"], each["code"]) for each in READERS[HAL](answer.data)
    ]


@pytest.mark.parametrize("accept", READERS)
@pytest.mark.parametrize(
    ("media_type", "text"), [(FORM, b"email=cut%40example.com&first_name=Jo"), (JSON, b"{}")]
)
def test_a_body_shorter_than_announced_is_refused_whatever_it_says(
    site: Site, media_type: str, text: bytes, accept: str
) -> None:
    with nothing_written(site):
        answer = post(site, BytesIO(text), media_type, accept, str(len(text) + 1))

    assert (answer.status_code, answer.headers["Content-Type"]) == (400, accept)
    (entry,) = READERS[accept](answer.data)
    assert (entry["property"], entry["code"]) == ("Content-Length", "malformed_body")
