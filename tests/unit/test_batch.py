"""Batches by themselves: how they are read in both formats, what goes where, and how they are answered.

The service behind them is a small one of texts by number: `Thing(1)`.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any

import pytest
from flask import Flask
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.errors import Refusal
from app.odata.batch import Batches
from app.odata.batch.answering import MOST_BYTES
from app.odata.batch.multipart import MEDIA_TYPE
from app.odata.batch.parts import MOST_PARTS
from app.odata.exchange import Answer, Asked
from app.odata.failures import failure

BASE = "https://patron.example/api"
ROOT = f"{BASE}/odata/v1/"
JSON = "application/json"


@pytest.fixture(scope="module", autouse=True)
def _in_a_request() -> Iterator[None]:
    """The log tells of failures by the request in which they were."""
    with Flask(__name__).test_request_context("/odata/v1/$batch", method="POST"):
        yield


@dataclass
class Things:
    """A service that answers requests, and undoes what failed."""

    stored: dict[int, bytes] = field(default_factory=lambda: {1: b"one", 2: b"two"})
    asked: list[Asked] = field(default_factory=list)

    def serve(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        try:
            return self._answer(asked)
        except Refusal as refusal:
            return failure(refusal)

    def together(self, work: Callable[[], list[Answer]]) -> list[Answer]:
        before = dict(self.stored)
        try:
            return work()
        except BaseException:
            self.stored = before
            raise

    def _answer(self, asked: Asked) -> Answer:
        if asked.path == "Thing" and asked.method == "POST":
            number = max(self.stored) + 1
            self.stored[number] = asked.body
            where = (("Location", f"{ROOT}Thing({number})"), ("ETag", f'W/"{number}"'))
            return Answer(status=201, headers=where, body=json.dumps({"Id": number}).encode())
        if asked.path == "text":
            return Answer(status=200, headers=(("Content-Type", "text/plain"),), body="grün".encode())
        if asked.path == "bytes":
            return Answer(status=200, headers=(("Content-Type", "application/xml"),), body=b"<a/>")
        if asked.path == "large":
            return Answer(status=200, body=b"x" * int(asked.headers["size"]))
        found = re.fullmatch(r"Thing\((\d+)\)(/.*)?", asked.path)
        if not found or int(found[1]) not in self.stored:
            raise Refusal.of(404, "there is no such thing")
        if asked.method == "PATCH":
            self.stored[int(found[1])] = asked.body
            return Answer(status=204)
        body = json.dumps({"path": asked.path, "query": asked.query}).encode()
        headers = (("Content-Type", "application/json"), ("ETag", f'W/"{found[1]}"'))
        return Answer(status=200, headers=headers, body=body)


def asked(body: bytes, content_type: str, **headers: str) -> Asked:
    sent = {"content-type": content_type, "host": "patron.example", "authorization": "Basic eA=="}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Asked(method="POST", path="$batch", headers=sent | named, body=body, base=BASE)


def answered(body: bytes, content_type: str, things: Things | None = None, **headers: str) -> Answer:
    things = things or Things()
    return Batches(things.serve).answer(asked(body, content_type, **headers), things.together)


def of_json(*requests: Any, things: Things | None = None, **headers: str) -> list[dict[str, Any]]:
    answer = answered(json.dumps({"requests": requests}).encode(), JSON, things, **headers)
    assert answer.status == 200
    assert dict(answer.headers)["Content-Type"] == JSON
    responses: list[dict[str, Any]] = json.loads(answer.body)["responses"]
    return responses


def get(name: str, url: str, **members: Any) -> dict[str, Any]:
    return {"id": name, "method": "get", "url": url, **members}


def post(name: str, body: Any = "new", url: str = "Thing", **members: Any) -> dict[str, Any]:
    return {"id": name, "method": "POST", "url": url, "body": body, **members}


def statuses(responses: list[dict[str, Any]]) -> dict[str, int]:
    return {each["id"]: each["status"] for each in responses}


def http(request: str, *headers: str, body: str = "", name: str | None = None) -> str:
    about = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    about += [f"Content-ID: {name}"] if name else []
    return "\n".join([*about, "", request, *headers, "", body])


def mixed(boundary: str, *parts: str, newline: str = "\r\n") -> bytes:
    text = "".join(f"--{boundary}\n{part}\n" for part in parts) + f"--{boundary}--\n"
    return text.replace("\n", newline).encode()


def change_set(*parts: str) -> str:
    inner = mixed("cs", *parts, newline="\n").decode()
    return f"Content-Type: multipart/mixed;boundary=cs\n\n{inner}"


def of_mixed(*parts: str, things: Things | None = None, newline: str = "\r\n", **headers: str) -> list[Any]:
    """The answers to parts: the status, headers and body of each, or a list of those in a change set."""
    answer = answered(mixed("b", *parts, newline=newline), "multipart/mixed; boundary=b", things, **headers)
    content_type = dict(answer.headers)["Content-Type"]
    return read_mixed(content_type, answer.body)


def read_mixed(content_type: str, body: bytes) -> list[Any]:
    message = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    assert not message.defects
    payload = message.get_payload()
    return [read_part(part) for part in payload] if isinstance(payload, list) else []


def read_part(part: Any) -> Any:
    assert not part.defects
    if part.get_content_type() == MEDIA_TYPE:
        return [read_part(each) for each in part.get_payload()]
    assert part.get_content_type() == "application/http"
    head, _, body = part.get_payload(decode=True).partition(b"\r\n\r\n")
    line, *lines = head.decode().split("\r\n")
    headers = dict(each.split(": ", 1) for each in lines)
    if "Content-Length" in headers:
        assert int(headers["Content-Length"]) == len(body)
    return int(line.split(" ")[1]), {**headers, "id": part["Content-ID"]}, body


@pytest.mark.parametrize(
    "url",
    [
        "Thing(1)",
        "/api/odata/v1/Thing(1)",
        "Thing%281%29",
        f"{ROOT}Thing(1)",
        "HTTPS://PATRON.EXAMPLE/api/odata/v1/Thing(1)",
        "http://patron.example/api/odata/v1/Thing(1)",
    ],
)
def test_a_url_may_be_absolute_or_relative_in_both_formats(url: str) -> None:
    (response,) = of_json(get("1", f"{url}?$select=a%26b&$top=1"))
    ((status, _, body),) = of_mixed(http(f"GET {url}?$select=a%26b&$top=1 HTTP/1.1", "Host: patron.example"))

    assert response["body"] == {"path": "Thing(1)", "query": "$select=a%26b&$top=1"}
    assert (status, json.loads(body)) == (200, response["body"])


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://elsewhere.example/api/odata/v1/Thing(1)", "must lead to something below"),
        ("/odata/v1/Thing(1)", "must lead to something below"),
        ("/api/odata/v10/Thing(1)", "must lead to something below"),
        ("http://[/x", "must lead to something below"),
        ("Thing(1)#a", "fragment"),
        ("Thing(%zz)", "percent-encoded"),
        ("Thing(%ff)", "percent-encoded"),
        ("$batch", "a batch is no request of a batch"),
        ("%24BATCH", "a batch is no request of a batch"),
        ("$9/Parts", "$9 is no entity"),
    ],
)
def test_a_url_that_leads_nowhere_fails_alone(url: str, said: str) -> None:
    first, second = of_json(get("1", url), get("2", "Thing(2)"))

    assert first["status"] == 400
    assert said in first["body"]["error"]["message"]
    assert second["status"] == 200


def test_a_request_has_the_credentials_of_the_batch_and_its_own_headers() -> None:
    things = Things()
    of_json(get("1", "Thing(1)", headers={"Accept": "x/y"}), things=things, prefer="return=minimal")

    (seen,) = things.asked
    assert seen.headers == {"authorization": "Basic eA==", "host": "patron.example", "accept": "x/y"}


@pytest.mark.parametrize("name", ["Authorization", "proxy-authorization", "Cookie", "Range", "expect"])
def test_a_request_in_a_batch_has_no_credentials_of_its_own(name: str) -> None:
    (response,) = of_json(get("1", "Thing(1)", headers={name: "x"}))
    ((status, _, _),) = of_mixed(http("GET Thing(1) HTTP/1.1", f"{name}: x"))

    assert (response["status"], status) == (400, 400)


def test_bodies_are_json_texts_or_bytes_in_json() -> None:
    things = Things()
    responses = of_json(
        post("1", {"A": [1, "ü"]}),
        post("2", "grün", headers={"content-type": "text/plain"}),
        post("3", base64.urlsafe_b64encode(b"\xff\xfe!").decode(), headers={"content-type": "a/b"}),
        post("4", "?", headers={"content-type": "a/b"}),
        post("5", None),
        get("6", "text"),
        get("7", "bytes"),
        {**get("8", "Thing(1)"), "body": {}},
        things=things,
    )

    assert json.loads(things.asked[0].body) == {"A": [1, "ü"]}
    assert things.asked[0].headers["content-type"] == JSON
    assert things.asked[1].body == "grün".encode()
    assert things.asked[2].body == b"\xff\xfe!"
    assert statuses(responses) == {
        "1": 201,
        "2": 201,
        "3": 201,
        "4": 400,
        "5": 201,
        "6": 200,
        "7": 200,
        "8": 400,
    }
    assert responses[5]["body"] == "grün"
    assert base64.urlsafe_b64decode(responses[6]["body"] + "==") == b"<a/>"


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_a_multipart_batch_is_answered_in_its_order_and_its_structure(newline: str) -> None:
    things = Things()
    parts = (
        http("GET Thing(1) HTTP/1.1", "Accept: application/json"),
        change_set(
            http("POST Thing HTTP/1.1", "Content-Type: text/plain", body="three", name="1"),
            http("PATCH $1 HTTP/1.1", "Content-Type: text/plain", body="drei", name="2"),
        ),
        http("GET Thing(3)", name="9"),
    )
    first, (made, changed), last = of_mixed(*parts, things=things, newline=newline)

    assert (first[0], first[1]["id"]) == (200, None)
    assert (made[0], made[1]["id"], made[1]["Location"]) == (201, "1", f"{ROOT}Thing(3)")
    assert (changed[0], changed[1]["id"], changed[2]) == (204, "2", b"")
    assert (last[0], last[1]["id"]) == (200, "9")
    assert things.stored[3] == b"drei"


def test_a_change_set_that_fails_is_answered_once_and_undone_and_ends_the_batch() -> None:
    things = Things()
    failing = change_set(http("POST Thing HTTP/1.1", name="1"), http("PATCH Thing(99) HTTP/1.1", name="2"))
    answers = of_mixed(failing, http("GET Thing(1) HTTP/1.1"), things=things)

    assert [each[0] for each in answers] == [404]
    assert things.stored == {1: b"one", 2: b"two"}

    answers = of_mixed(failing, http("GET Thing(1) HTTP/1.1"), prefer="odata.continue-on-error")
    assert [each[0] for each in answers] == [404, 200]


def test_a_group_of_a_json_batch_that_fails_fails_as_a_whole_and_the_others_do_not() -> None:
    things = Things()
    responses = of_json(
        post("1", atomicityGroup="g"),
        {**get("2", "Thing(99)"), "method": "patch", "atomicityGroup": "g"},
        get("3", "Thing(1)"),
        get("4", "Thing(1)", dependsOn=["g"]),
        get("5", "Thing(1)", dependsOn=["4"]),
        get("6", "$1"),
        things=things,
    )

    assert statuses(responses) == {"1": 424, "2": 404, "3": 200, "4": 424, "5": 424, "6": 424}
    assert [each.get("atomicityGroup") for each in responses[:3]] == ["g", "g", None]
    assert things.stored == {1: b"one", 2: b"two"}


def test_a_group_that_succeeds_is_kept_and_may_be_referred_to() -> None:
    things = Things()
    responses = of_json(
        post("1", "a", atomicityGroup="g", headers={"content-type": "text/plain"}),
        {**post("2", "b", "$1", atomicityGroup="g", dependsOn=["1"]), "method": "PATCH"},
        get("3", "$1/Parts?$top=1", dependsOn=["g"]),
        get("4", "Thing(2)", headers={"if-match": "$1"}),
        get("5", "$4/Parts"),
        get("6", "$3"),
        things=things,
    )

    assert statuses(responses) == {"1": 201, "2": 204, "3": 200, "4": 200, "5": 200, "6": 200}
    assert responses[2]["body"] == {"path": "Thing(3)/Parts", "query": "$top=1"}
    assert responses[4]["body"]["path"] == "Thing(2)/Parts"
    assert things.asked[3].headers["if-match"] == 'W/"3"'
    assert things.stored[3] == b'"b"'


def test_a_name_means_the_last_that_had_it_even_where_that_failed() -> None:
    things = Things()
    answers = of_mixed(
        change_set(http("POST Thing HTTP/1.1", name="1")),
        change_set(http("PATCH Thing(99) HTTP/1.1", name="1")),
        change_set(http("PATCH $1 HTTP/1.1", name="2", body="of the first")),
        things=things,
        prefer="continue-on-error",
    )

    assert [each[0] if isinstance(each, tuple) else each[0][0] for each in answers] == [201, 404, 424]
    assert things.stored[3] == b""


@pytest.mark.parametrize("group", [{}, {"atomicityGroup": "g"}], ids=["alone", "together"])
def test_no_more_is_answered_where_the_answers_have_become_large(group: dict[str, str]) -> None:
    things = Things()
    size = MOST_BYTES // 4
    large = [get(str(at), "large", headers={"size": str(size)}) for at in range(5)]
    responses = of_json(*large, post("5", **group), things=things)

    assert list(statuses(responses).values()) == [200, 200, 200, 200, 200, 400]
    assert responses[-1]["body"]["error"]["code"] == "batch_too_large"
    assert things.stored == {1: b"one", 2: b"two"}
    few = [get(str(at), "large", headers={"size": str(size)}) for at in range(4)]
    assert statuses(of_json(*few, post("4", **group)))["4"] == 201, "that much is allowed"


def test_a_change_set_only_writes() -> None:
    responses = of_json(get("1", "Thing(1)", atomicityGroup="g"))

    assert statuses(responses) == {"1": 400}


def test_a_json_batch_goes_on_unless_it_is_told_not_to() -> None:
    requests = (get("1", "Thing(9)"), get("2", "Thing(1)"))

    assert statuses(of_json(*requests)) == {"1": 404, "2": 200}
    assert statuses(of_json(*requests, prefer="continue-on-error=false")) == {"1": 404}
    assert len(of_json(*requests, prefer="continue-on-error=true, return=minimal")) == 2


def test_the_answer_is_in_the_format_that_is_asked_for_or_else_in_that_of_the_batch() -> None:
    requests = [post("1", atomicityGroup="g"), get("2", "Thing(1)")]
    body = json.dumps({"requests": requests}).encode()
    answer = answered(body, JSON, accept="multipart/mixed")
    made, read = read_mixed(dict(answer.headers)["Content-Type"], answer.body)
    assert (made[0], made[1]["id"], read[0], read[1]["id"]) == (201, "1", 200, "2")

    parts = (change_set(http("POST Thing HTTP/1.1", name="1")), http("GET Thing(1) HTTP/1.1"))
    sent = {"accept": "application/json, */*;q=0.5", "odata_maxversion": "4.01"}
    answer = answered(mixed("b", *parts), "multipart/mixed;boundary=b", **sent)
    first, second = json.loads(answer.body)["responses"]
    assert (first["id"], first["atomicityGroup"], first["status"]) == ("1", "changeset_1", 201)
    assert ("id" in second, second["status"]) == (False, 200)

    for accept in ("*/*", "application/json, multipart/mixed", "multipart/*", "application/json"):
        answer = answered(mixed("b", *parts), "multipart/mixed;boundary=b", accept=accept)
        assert dict(answer.headers)["Content-Type"].startswith(MEDIA_TYPE)
    with pytest.raises(Refusal, match="406"):
        answered(mixed("b", *parts), "multipart/mixed;boundary=b", accept="text/html")


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("$1/$succeeded", 200),
        ("not $2/$succeeded and ($1/$succeeded or false)", 200),
        ("$1/$succeeded and $2/$succeeded", 424),
        ("true", 200),
        ("false", 424),
        ("$1/path eq 'Thing(1)'", 424),
        ("$7/$succeeded", 424),
        ("(true", 424),
        ("", 424),
        ("not", 424),
        ("true true", 424),
        ("(" * 70 + "true" + ")" * 70, 424),
    ],
)
def test_if_says_on_what_a_request_depends(condition: str, status: int) -> None:
    requests = (get("1", "Thing(1)"), get("2", "Thing(9)"), get("3", "Thing(2)", **{"if": condition}))

    assert statuses(of_json(*requests))["3"] == status


REQUEST = get("1", "Thing(1)")


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"requests": {}},
        {"requests": [1]},
        {"requests": [{**REQUEST, "id": 1}]},
        {"requests": [{**REQUEST, "id": "a\n"}]},
        {"requests": [{"method": "get", "url": "Thing(1)"}]},
        {"requests": [REQUEST, REQUEST]},
        {"requests": [{**REQUEST, "atomicityGroup": "1"}]},
        {"requests": [{**REQUEST, "atomicityGroup": 1}]},
        {"requests": [{**REQUEST, "dependsOn": "1"}]},
        {"requests": [{**REQUEST, "dependsOn": ["1"]}]},
        {"requests": [{**REQUEST, "dependsOn": ["2"]}, get("2", "Thing(1)")]},
        {"requests": [post("1", atomicityGroup="g"), REQUEST | {"id": "2"}, post("3", atomicityGroup="g")]},
        {"requests": [get(str(at), "Thing(1)") for at in range(MOST_PARTS + 1)]},
    ],
    ids=lambda document: json.dumps(document)[:60],
)
def test_a_json_batch_that_makes_no_sense_is_refused_as_a_whole(document: Any) -> None:
    things = Things()
    with pytest.raises(Refusal, match="400"):
        answered(json.dumps(document).encode(), JSON, things)

    assert things.asked == []


@pytest.mark.parametrize(
    "request_object",
    [
        {**REQUEST, "method": "head"},
        {**REQUEST, "method": None},
        {**REQUEST, "url": None},
        {**REQUEST, "body": {}},
        {**REQUEST, "headers": []},
        {**REQUEST, "headers": {"a": 1}},
        {**REQUEST, "headers": {"a b": "1"}},
        {**REQUEST, "headers": {"a": "1\r\nb: 2"}},
        {**REQUEST, "headers": {"a": "1", "A": "2"}},
        {**REQUEST, "if": True},
        {**REQUEST, "uri": "Thing(1)"},
    ],
    ids=json.dumps,
)
def test_a_request_that_makes_no_sense_fails_alone(request_object: Any) -> None:
    assert statuses(of_json(request_object, get("2", "Thing(1)"))) == {"1": 400, "2": 200}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/mixed", mixed("b", http("GET Thing(1) HTTP/1.1"))),
        ("multipart/mixed; boundary=" + "b" * 71, mixed("b" * 71, http("GET Thing(1) HTTP/1.1"))),
        ("multipart/mixed; boundary=b", b""),
        ("multipart/mixed; boundary=b", mixed("b", http("GET Thing(1) HTTP/1.1"))[:-6]),
        ("multipart/mixed; boundary=b", mixed("b", change_set())),
        ("multipart/mixed; boundary=b", mixed("b", change_set(change_set(http("POST Thing HTTP/1.1"))))),
        ("multipart/mixed; boundary=b", mixed("b", "Content-Type: multipart/mixed\n\n--cs--")),
        ("multipart/mixed; boundary=b", mixed("b", "no headers at all\nand more")),
        ("multipart/mixed; boundary=b", mixed("b", http("GET Thing(1) HTTP/1.1", name="a b"))),
        ("multipart/mixed; boundary=b", mixed("b", *[http("GET Thing(1) HTTP/1.1")] * (MOST_PARTS + 1))),
        (
            "multipart/mixed; boundary=b",
            mixed("b", change_set(*[http("POST Thing HTTP/1.1", name="1")] * 2)),
        ),
    ],
    ids=range(11),
)
def test_a_multipart_batch_that_makes_no_sense_is_refused_as_a_whole(content_type: str, body: bytes) -> None:
    things = Things()
    with pytest.raises(Refusal, match="400"):
        answered(body, content_type, things)

    assert things.asked == []


@pytest.mark.parametrize(
    "part",
    [
        "Content-Type: text/plain\n\nGET Thing(1) HTTP/1.1\n\n",
        "Content-Type: application/http\nContent-Transfer-Encoding: base64\n\nR0VU\n",
        "\nGET Thing(1) HTTP/1.1\n\n",
        http(""),
        http("GET"),
        http("HEAD Thing(1) HTTP/1.1"),
        http("GET Thing(1) HTTP/1.1", "no colon"),
        http("POST Thing HTTP/1.1", "Transfer-Encoding: chunked", body="0\n\n"),
    ],
)
def test_a_part_that_makes_no_sense_fails_alone(part: str) -> None:
    answers = of_mixed(part, http("GET Thing(1) HTTP/1.1"), prefer="continue-on-error")

    assert [each[0] for each in answers] == [400, 200]


def test_what_stands_around_a_batch_is_passed_over() -> None:
    body = b"preamble\r\n" + mixed("b", http("GET Thing(1) HTTP/1.1")) + b"epilogue"

    answer = answered(body, 'Multipart/Mixed; boundary="b"')

    assert len(read_mixed(dict(answer.headers)["Content-Type"], answer.body)) == 1


def test_a_body_ends_where_its_length_says_or_where_the_line_before_the_boundary_ends() -> None:
    things = Things()
    of_mixed(
        http("POST Thing HTTP/1.1", "Content-Length: 6", body="a\r\nb\r\n\r"),
        http("POST Thing HTTP/1.1", body="text\n\n"),
        http("POST Thing HTTP/1.1", "Content-Length: 2", body="text"),
        things=things,
        newline="\n",
    )

    assert [each.body for each in things.asked] == [b"a\r\nb\r\n", b"text", b"text"]


def test_other_formats_and_codings_are_none_of_a_batch() -> None:
    with pytest.raises(Refusal, match="415"):
        answered(b"{}", JSON, content_encoding="gzip")
    for content_type in ("", "text/plain", "application/http", "multipart/form-data; boundary=b"):
        with pytest.raises(Refusal, match="415"):
            answered(b"{}", content_type)


@settings(max_examples=150)
@given(body=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@example(body=b"--b\r\n\r\n--b--")
@example(body=b"--b\r\nContent-Type: application/http\r\n\r\nGET \xff\r\n\r\n--b--")
def test_no_bytes_are_a_failure_of_the_server(body: bytes) -> None:
    part = http("GET x", "y").encode() + body
    for sent in (body, b"--b\r\n" + body + b"\r\n--b--", b"--b\r\n" + part + b"\n--b--"):
        for content_type in (JSON, "multipart/mixed; boundary=b"):
            assert status_of(sent, content_type) in {200, 400}


def status_of(body: bytes, content_type: str) -> int:
    try:
        return answered(body, content_type).status
    except Refusal as refusal:
        return refusal.status
