"""What is more than setting properties: shown while it is possible, done once, or refused saying why."""

from typing import Any

import pytest

from tests.site import BASE, FORMATS, HAL, SIREN, XML, Site
from tests.wire.addresses import ADDRESSES, Address
from tests.wire.documents import document, refusals
from tests.wire.encodings import EVERYWHERE
from tests.wire.test_mass_assignment import closed, row

ON_ONE_ENGINE = True

LENIENT = "handling=lenient"
TAKEN = [each for each in ADDRESSES if each.taken and "POST" in each.methods]
WHILE_POSSIBLE = [each for each in TAKEN if each.relation.when]

each_affordance = pytest.mark.parametrize("address", TAKEN, ids=lambda it: it.rule)
each_condition = pytest.mark.parametrize("address", WHILE_POSSIBLE, ids=lambda it: it.rule)


def owner(path: str) -> str:
    """The path of the resource that offers it."""
    return path.rpartition("/")[0]


def impossible(site: Site, path: str) -> None:
    """Makes an affordance of a subscription impossible."""
    assert site.send("PATCH", owner(path), {"is_active": False}).status_code == 200


def offered(site: Site, path: str) -> tuple[bool, bool, bool, bool]:
    """Whether each format shows the link, and Siren the action."""
    href = BASE + path
    hal, siren = site.hal(owner(path)), site.siren(owner(path))
    return (
        any(link.get("href") == href for name, link in hal["_links"].items() if name != "curies"),
        any(link.get("href") == href for link in site.xml(owner(path)).iter("link")),
        any(link["href"] == href for link in siren["links"]),
        any(action["href"] == href for action in siren["actions"]),
    )


def test_there_are_affordances_and_conditions() -> None:
    assert {each.rel for each in WHILE_POSSIBLE} == {"cancel", "reschedule"}


@each_affordance
@pytest.mark.parametrize("media_type", EVERYWHERE)
def test_it_is_taken_in_every_media_type_and_says_what_it_did(
    shared_site: Site, address: Address, media_type: str
) -> None:
    path = address.make(shared_site)
    answer = shared_site.send("POST", path, address.body(), media_type)

    assert answer.status_code == 200, answer.text
    assert answer.json["message"]
    assert answer.json["_links"]["self"]["href"] == BASE + owner(path)


@each_condition
@pytest.mark.parametrize("media_type", FORMATS)
def test_the_answer_is_the_resource_as_it_is_now(
    shared_site: Site, address: Address, media_type: str
) -> None:
    path = address.make(shared_site)
    answer = shared_site.send("POST", path, address.body(), accept=media_type)

    told = document(media_type, answer.data)
    assert told.properties["message"]
    told.drop("message")
    now = document(media_type, shared_site.ask(owner(path), media_type).data)
    assert told.properties == now.properties
    assert answer.headers["ETag"].startswith('"2-')


@each_condition
def test_it_is_offered_while_it_is_possible_and_a_conflict_otherwise(
    shared_site: Site, address: Address
) -> None:
    path = address.make(shared_site)
    assert offered(shared_site, path) == (True, True, True, True)

    impossible(shared_site, path)

    assert offered(shared_site, path) == (False, False, False, False)
    for media_type in (HAL, XML, SIREN):
        answer = shared_site.send("POST", path, address.body(), accept=media_type)
        assert answer.status_code == 409
        assert "is not active, or has ended" in answer.text
    assert shared_site.send("POST", path, {"nonsense": 1}).status_code == 409
    assert shared_site.ask(path, method="OPTIONS").status_code == 200


@each_condition
def test_each_row_of_a_page_offers_what_is_possible_for_it(shared_site: Site, address: Address) -> None:
    paths = [address.make(shared_site) for _ in range(2)]
    impossible(shared_site, paths[0])
    page = shared_site.hal("/stores/66/subscriptions?order=date_created desc,date_modified&limit=300")

    for path, shows in zip(paths, (False, True), strict=True):
        (one,) = [
            each
            for each in page["_embedded"]["fx:subscriptions"]
            if each["_links"]["self"]["href"] == BASE + owner(path)
        ]
        assert (f"fx:{address.rel}" in one["_links"]) == shows


@each_affordance
def test_what_it_does_not_take_is_400_and_named(shared_site: Site, address: Address) -> None:
    path = address.make(shared_site)
    for body, named in (({"nonsense": 1}, "nonsense"), ({"version": 7}, "version")):
        answer = shared_site.send("POST", path, address.body() | body)
        assert answer.status_code == 400
        assert named in refusals(answer)
    for body in ([address.body()], b"{", b"[1]"):
        assert shared_site.send("POST", path, body).status_code == 400
    assert shared_site.send("POST", path, b"x", "text/csv").status_code == 415
    assert shared_site.ask(owner(path)).headers["ETag"].startswith('"1-')


@each_condition
def test_if_match_protects_the_row_that_offers_it(shared_site: Site, address: Address) -> None:
    path = address.make(shared_site)
    tag = shared_site.ask(owner(path)).headers["ETag"]
    assert shared_site.send("POST", path, address.body(), If_Match='"7-x"').status_code == 412
    assert shared_site.ask(owner(path)).headers["ETag"] == tag
    assert shared_site.send("POST", path, address.body(), If_Match=tag).status_code == 200
    assert shared_site.send("POST", path, address.body(), If_Match=tag).status_code == 412


@each_affordance
def test_with_a_key_it_is_done_once(shared_site: Site, address: Address) -> None:
    path = address.make(shared_site)
    key = f"once-{path.strip('/').replace('/', '-')}"
    answers = [shared_site.send("POST", path, address.body(), Idempotency_Key=key) for _ in range(2)]

    assert [each.status_code for each in answers] == [200, 200]
    assert answers[0].data == answers[1].data
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    other = shared_site.send("POST", path, {}, Idempotency_Key=key)
    assert other.status_code in (409, 422)


@each_affordance
@pytest.mark.parametrize("media_type", EVERYWHERE)
def test_it_sets_nothing_that_its_schema_does_not_name(
    shared_site: Site, address: Address, media_type: str
) -> None:
    plain, path = (address.make(shared_site) for _ in range(2))
    foreign = {
        name: value for name, value in closed(address.owner, creating=False).items() if value is not None
    }
    sent = {name: value for name, value in foreign.items() if name not in address.body()}
    for each, more in ((plain, {}), (path, sent)):
        answer = shared_site.send("POST", each, address.body() | more, media_type, Prefer=LENIENT)
        assert answer.status_code == 200, answer.text

    before, after = (row(shared_site, address.owner, owner(each)) for each in (plain, path))
    for name, value in sent.items():
        assert after.get(name) != value or before.get(name) == value, name


@each_affordance
def test_its_page_says_how_it_is_taken(site: Site, address: Address) -> None:
    page: dict[str, Any] = site.hal(f"/rels/{address.rel}")

    assert list(page["methods"]) == ["POST", "OPTIONS"]
    assert page["title"]
    assert page["description"]
    assert set(page["properties"]) == set(address.body())


@each_condition
def test_with_return_minimal_only_the_message_is_told(shared_site: Site, address: Address) -> None:
    answer = shared_site.send("POST", address.make(shared_site), address.body(), Prefer="return=minimal")

    assert answer.json.keys() == {"_links", "message"}
    assert answer.headers["Preference-Applied"] == "return=minimal"
