"""A client, a user, a store: each is made with a token for it, and with nothing that was not asked for."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from app.auth.tokens import Token, token_hash
from app.db.engine import unguarded_engine
from app.hypermedia import ResourceType
from app.idempotency import IdempotencyKey
from app.resources.client import Client
from app.resources.store import Store
from app.resources.user import UserStore
from tests.racing import together
from tests.site import BASE, FORMATS, HAL, SIREN, XML, Site, open_site
from tests.wire.documents import document, read, refusals
from tests.wire.encodings import EVERYWHERE
from tests.wire.places import rows
from tests.wire.valid import REGISTRY, least, new, valid

CLIENT, USER, STORE = (REGISTRY.types[name] for name in ("client", "user", "store"))
PLACES = {"/clients": CLIENT, "/users": USER, "/users/{user}/stores": STORE}
HOLDS = {"client": "client_full_access", "user": "user_full_access", "store": "store_full_access"}

each_place = pytest.mark.parametrize(("place", "target"), PLACES.items(), ids=[*HOLDS])
in_each_format = pytest.mark.parametrize("media_type", FORMATS)


@pytest.fixture
def site(shared_site: Site) -> Site:
    return shared_site


@pytest.fixture
def user(site: Site) -> str:
    """The path of a user of a test's own."""
    return new(site, USER)


def at(place: str, user: str) -> str:
    return place.replace("/users/{user}", user)


def told(media_type: str, body: bytes) -> dict[str, Any]:
    """The properties of an answer; numbers are texts in XML."""
    return document(media_type, body).properties


def counted(site: Site, row: type[Any]) -> int:
    engine = unguarded_engine(site.url)
    with engine.connect() as connection:
        found: int = connection.scalar(select(func.count()).select_from(row)) or 0
    engine.dispose()
    return found


def stored(site: Site) -> str:
    """All that is stored, as text; but for what no answer has made."""
    return repr(rows(site))


# What is said.


@in_each_format
@each_place
def test_the_answer_holds_a_token_that_reaches_what_was_made(
    site: Site, user: str, place: str, target: ResourceType, media_type: str
) -> None:
    answer = site.send("POST", at(place, user), valid(target), media_type, media_type)

    assert (answer.status_code, answer.headers["Content-Type"]) == (201, media_type), answer.text
    said = told(media_type, answer.data)
    number = answer.headers["Location"].rpartition("/")[2]
    assert said["message"] == f"{target.name} {number} created successfully."
    assert list(said["token"]) == ["access_token", "expires_in", "token_type", "scope", "refresh_token"]
    assert (str(said["token"]["expires_in"]), said["token"]["token_type"]) == ("7200", "Bearer")
    assert said["token"]["scope"] == HOLDS[target.name]
    made = site.ask(answer.headers["Location"], media_type, token=said["token"]["access_token"])
    assert made.status_code == 200
    assert said["token"]["access_token"] not in made.text


@each_place
def test_an_answer_with_secrets_is_kept_by_nobody_and_never_shortened(
    site: Site, user: str, place: str, target: ResourceType
) -> None:
    for prefer in ("return=minimal", "return=representation"):
        answer = site.send("POST", at(place, user), least(target), Prefer=prefer)

        assert answer.headers["Cache-Control"] == "no-store"
        assert "Preference-Applied" not in answer.headers
        assert answer.json["token"]["access_token"]
        assert ("client_secret" in answer.json) == (target is CLIENT)


@each_place
def test_secrets_and_tokens_are_stored_only_as_hashes(
    site: Site, user: str, place: str, target: ResourceType
) -> None:
    answer = site.send("POST", at(place, user), valid(target) | {"is_public": False, "password": "a secret"}
        if target is not STORE else valid(target), Prefer="handling=lenient").json  # fmt: skip
    secrets = [answer["token"]["access_token"], answer["token"]["refresh_token"], answer.get("client_secret")]
    text = stored(site)

    assert "a secret" not in text
    for secret in filter(None, secrets):
        assert secret not in text
        assert token_hash(secret) in text


def test_an_empty_client_has_hapis_six_faults(site: Site) -> None:
    said = refusals(site.send("POST", "/clients", {}))

    names = ["redirect_uri", "project_name", "company_name", "contact_name", "contact_email", "contact_phone"]
    assert said == {
        name: f"{name} can't be blank, {name} is too short (minimum is 1 characters)" for name in names
    }


@pytest.mark.parametrize(
    ("place", "faulty", "message"),
    [
        ("/clients", {"contact_email": "nobody"}, "contact_email is not a valid email address."),
        (
            "/clients",
            {"redirect_uri": "http://shop.example/"},
            "redirect_uri must be an https address without a fragment, or http on localhost",
        ),
        (
            "/clients",
            {"client_id": "a b"},
            "client_id must be letters, digits and underscores, at most 60",
        ),
        ("/users", {"first_name": "x" * 51}, "first_name is too long (maximum is 50 characters)"),
        ("/users", {"email": "x"}, "email is not a valid email address."),
        ("/users/{user}/stores", {"store_domain": "a b"}, "store_domain is invalid"),
        (
            "/users/{user}/stores",
            {"customer_password_hash_config": "9"},
            "customer_password_hash_config is not a cost from 10 to 15",
        ),
    ],
)
def test_a_fault_is_told_in_hapis_words(
    site: Site, user: str, place: str, faulty: dict[str, Any], message: str
) -> None:
    (name,) = faulty
    assert refusals(site.send("POST", at(place, user), least(PLACES[place]) | faulty)) == {name: message}


@pytest.mark.parametrize("place", ["/clients", "/users"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_where_things_are_made_nothing_is_listed(site: Site, place: str, method: str) -> None:
    answer = site.ask(place, method=method)

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST, OPTIONS")
    if method != "HEAD":
        text = f'No route found for "{method} {place}": Method Not Allowed (Allow: POST, OPTIONS)'
        assert answer.json["_embedded"]["fx:errors"][0]["message"] == text


@pytest.mark.parametrize("media_type", EVERYWHERE)
@each_place
def test_every_media_type_is_taken_and_a_list_in_none(
    site: Site, user: str, place: str, target: ResourceType, media_type: str
) -> None:
    assert site.send("POST", at(place, user), valid(target), media_type).status_code == 201
    if media_type in (HAL, SIREN, XML):
        answer = site.send("POST", at(place, user), [valid(target)], media_type)
        assert (answer.status_code, answer.json["_embedded"]["fx:errors"][0]["code"]) == (
            400,
            "one_at_a_time",
        )


# What is made.


def test_a_clients_id_is_drawn_behind_what_was_asked_for(site: Site) -> None:
    asked, free = (
        site.send("POST", "/clients", least(CLIENT) | given).json["client_id"]
        for given in ({"client_id": "shop"}, {})
    )
    again = site.send("POST", "/clients", least(CLIENT) | {"client_id": "shop"}).json["client_id"]

    assert asked.startswith("shop_")
    assert free.startswith("client_")
    assert asked != again
    assert min(len(asked), len(free)) > 20


def test_a_public_client_has_no_secret(site: Site) -> None:
    answer = site.send("POST", "/clients", least(CLIENT) | {"is_public": True}).json

    assert "client_secret" not in answer
    engine = unguarded_engine(site.url)
    with engine.connect() as connection:
        of_client = select(Client.secret_hash).where(Client.client_id == answer["client_id"])
        assert connection.scalar(of_client) is None
    engine.dispose()


def test_from_a_client_to_a_customer_there_are_four_posts(site: Site) -> None:
    client = site.send("POST", "/clients", least(CLIENT), token=None).json
    user = site.send("POST", "/users", least(USER), token=client["token"]["access_token"]).json
    stores = user["_links"]["fx:stores"]["href"]
    store = site.send("POST", stores, least(STORE), token=user["token"]["access_token"]).json
    customers, token = store["_links"]["fx:customers"]["href"], store["token"]["access_token"]
    answer = site.send("POST", customers, {"email": "first@example.com"}, token=token)

    assert answer.status_code == 201
    assert site.hal(customers, token=token)["total_items"] == 1
    engine = unguarded_engine(site.url)
    with engine.connect() as connection:
        of_store = select(Token.client, Token.scope).where(Token.hash == token_hash(token))
        assert connection.execute(of_store).one() == (client["client_id"], "store_full_access")
    engine.dispose()


def test_a_new_store_hashes_with_bcrypt_and_shows_dates_in_its_own_timezone(site: Site, user: str) -> None:
    given = least(STORE) | {"timezone": "Asia/Tokyo"}
    store = site.send("POST", f"{user}/stores", given).json

    assert (store["customer_password_hash_type"], store["customer_password_hash_config"]) == ("bcrypt", "12")
    assert store["date_created"].endswith("+0900")
    assert store["_embedded"]["fx:attributes"] == []


def test_a_users_password_is_hashed_and_shown_nowhere(site: Site) -> None:
    answer = site.send("POST", "/users", least(USER) | {"password": "correct horse"})

    for shown in (answer, site.ask(answer.headers["Location"])):
        assert "password" not in shown.json
        assert "$2b$" not in shown.text
    assert refusals(site.send("POST", "/users", least(USER) | {"password": "x" * 51})).keys() == {"password"}


def test_a_users_password_has_eight_characters_at_least(site: Site, user: str) -> None:
    said = {"password": "password is too short (minimum is 8 characters)"}
    for method, path, asked in (
        ("POST", "/users", least(USER)),
        ("PATCH", user, {}),
        ("PUT", user, valid(USER)),
    ):
        assert refusals(site.send(method, path, asked | {"password": "1234567"})) == said
    assert site.send("PATCH", user, {"password": "12345678"}).status_code == 200


# What is refused leaves nothing.


def made(site: Site) -> Mapping[str, Any]:
    """All that is stored, but for how many ids have been taken from their blocks."""
    return {name: each for name, each in rows(site).items() if name != "id_block"}


def test_an_email_has_one_user_however_it_is_spelt(site: Site) -> None:
    given = least(USER) | {"email": f"Ada{uuid4().hex}@Bücher.example"}
    assert site.send("POST", "/users", given).status_code == 201
    before = made(site)
    again = given | {"email": given["email"].lower().replace("bücher", "xn--bcher-kva")}

    assert refusals(site.send("POST", "/users", again), 409) == {"email": "email has already been taken"}
    assert made(site) == before
    other = new(site, USER)
    assert refusals(site.send("PATCH", other, again), 409).keys() == {"email"}


def test_a_domain_that_is_taken_leaves_no_store_no_link_and_no_token(site: Site, user: str) -> None:
    before = made(site)
    answer = site.send("POST", f"{user}/stores", least(STORE) | {"store_domain": "nordlys.example"})

    assert refusals(answer, 409) == {"store_domain": "store_domain is already in use"}
    assert made(site) == before


def test_of_simultaneous_stores_of_one_domain_one_is_made(site: Site, user: str) -> None:
    given, before = least(STORE), {row: counted(site, row) for row in (Store, UserStore, Token)}
    answers = together(site, [lambda: site.send("POST", f"{user}/stores", given)] * 8)

    assert Counter(each.status_code for each in answers) == {201: 1, 409: 7}
    assert {row: counted(site, row) - count for row, count in before.items()} == {
        Store: 1,
        UserStore: 1,
        Token: 2,
    }


@each_place
def test_an_idempotency_key_is_passed_over(site: Site, user: str, place: str, target: ResourceType) -> None:
    key, before = uuid4().hex, counted(site, IdempotencyKey)
    answers = [
        site.send("POST", at(place, user), least(target), Idempotency_Key=key) for _ in range(2)
    ]  # fmt: skip

    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].headers["Location"] != answers[1].headers["Location"]
    assert "Idempotency-Replayed" not in answers[1].headers
    assert counted(site, IdempotencyKey) == before


@each_place
def test_nothing_is_made_against_a_precondition(
    site: Site, user: str, place: str, target: ResourceType
) -> None:
    before = made(site)
    answer = site.send("POST", at(place, user), least(target), If_Match='"9-nothing"')

    assert answer.status_code == 412
    assert made(site) == before
    assert site.send("POST", "/clients", least(CLIENT), If_Match="*").status_code == 412


# The stores of a user.


@pytest.fixture(scope="module")
def owner(shared_site: Site) -> str:
    """The path of a user with five stores, each with an attribute of its own."""
    path = new(shared_site, USER)
    for number, timezone in enumerate(("Asia/Tokyo", "Europe/Oslo", "UTC", "Asia/Kolkata", "America/Lima")):
        given = least(STORE) | {"store_name": f"Store {number}", "timezone": timezone}
        store = shared_site.send("POST", f"{path}/stores", given).headers["Location"]
        attribute = {"name": "number", "value": str(number)}
        assert shared_site.send("POST", f"{store}/attributes", attribute).status_code == 201
    return path


def test_a_page_of_stores_is_a_page_like_any_other(site: Site, owner: str) -> None:
    href: str | None = f"{owner}/stores?limit=2"
    names, pages = [], 0
    while href:
        page = site.hal(href)
        assert (page["total_items"], page["limit"], page["offset"]) == (5, 2, 2 * pages)
        assert page["returned_items"] == len(page["_embedded"]["fx:stores"])
        assert ("prev" in page["_links"]) == (pages > 0)
        names += [each["store_name"] for each in page["_embedded"]["fx:stores"]]
        href, pages = page["_links"].get("next", {}).get("href"), pages + 1

    assert names == [f"Store {number}" for number in range(5)]
    backwards = site.hal(f"{owner}/stores?order=store_name+desc&fields=store_name&limit=3")
    assert [each["store_name"] for each in backwards["_embedded"]["fx:stores"]] == names[:1:-1]
    found = site.hal(f"{owner}/stores?store_name=Store+3")
    assert (found["total_items"], found["_embedded"]["fx:stores"][0]["store_name"]) == (1, "Store 3")


@in_each_format
def test_each_store_is_shown_as_its_own_token_sees_it(site: Site, owner: str, media_type: str) -> None:
    members = read(site, f"{owner}/stores", media_type).members

    assert len(members) == 5
    for number, each in enumerate(site.hal(f"{owner}/stores")["_embedded"]["fx:stores"]):
        own = site.hal(each["_links"]["self"]["href"])
        assert own == each
        assert [it["value"] for it in own["_embedded"]["fx:attributes"]] == [str(number)]
        assert document(media_type, site.ask(each["_links"]["self"]["href"], media_type).data).properties == (
            members[number].properties
        )


def test_nobody_elses_stores_are_counted_found_or_told_apart(site: Site, owner: str, user: str) -> None:
    domain = site.hal(f"{owner}/stores?limit=1")["_embedded"]["fx:stores"][0]["store_domain"]

    for query in ("", "?limit=0", f"?store_domain={domain}", "?store_name:not=x|store_name=*"):
        assert site.hal(f"{user}/stores{query}")["total_items"] == 0
    asked = [f"{owner}/stores", "/users/123456789/stores"]
    for method in ("GET", "POST"):
        theirs, nobodys = (site.send(method, each, token=site.tokens[user]) for each in asked)
        assert (theirs.status_code, nobodys.status_code) == (404, 404)
        assert "ETag" not in theirs.headers


def test_stores_are_not_filtered_by_what_belongs_to_them(site: Site, owner: str) -> None:
    answer = site.ask(f"{owner}/stores?attributes:name[number]=1")

    assert refusals(answer) == {
        "attributes": "stores are filtered by their own properties, not by attributes"
    }
    assert not [name for name in site.hal("/rels/stores")["filters"] if ":" in name]


# The home of each.


def home(site: Site, token: str | None) -> dict[str, tuple[str, str]]:
    links = site.hal("/", token=token)["_links"]
    return {
        name: (link["href"].removeprefix(BASE), link["title"])
        for name, link in links.items()
        if name.startswith("fx:") and name not in ("fx:property_helpers", "fx:token")
    }


def test_the_home_leads_each_caller_to_what_it_reaches(site: Site, user: str) -> None:
    client = new(site, CLIENT)

    assert home(site, None) == {"fx:create_client": ("/clients", "Create a client via POST.")}
    assert home(site, site.tokens[client]) == {
        "fx:client": (client, "This Client"),
        "fx:create_user": ("/users", "Create a user via POST."),
    }
    assert home(site, site.tokens[user]) == {
        "fx:user": (user, "Your API home page."),
        "fx:stores": (f"{user}/stores", "Your stores"),
    }
    assert home(site, site.token) == {
        "fx:store": ("/stores/66", "The current store for your authentication token")
    }


def test_everybody_is_told_where_tokens_are_had(site: Site) -> None:
    title = "The OAuth endpoint for obtaining a new access_token using an existing refresh_token."
    how = (
        " Post www-form-url-encoded data as follows: grant_type=refresh_token&refresh_token={refresh_token}"
        "&client_id={client_id}&client_secret={client_secret}"
    )
    for token, said in ((None, title + how), (site.token, title), (site.tokens["/users"], title)):
        link = json.loads(site.ask("/", token=token).data)["_links"]["fx:token"]
        assert link == {"href": f"{BASE}/token", "title": said, "type": "application/json"}


@pytest.mark.parametrize("rel", ["token", "create_client", "create_user", "client", "user", "stores"])
def test_each_of_these_relations_has_its_page(site: Site, rel: str) -> None:
    page = site.hal(f"/rels/{rel}", token=None)

    assert len(page["description"]) > 20
    expected = {"client": "PUT", "user": "PUT"}.get(rel, "POST")
    assert expected in page["methods"]


# What is told of it.


def test_strangers_found_only_so_often_and_clients_as_they_like(tmp_path: Path) -> None:
    with open_site("sqlite", tmp_path, rate_limits="bootstrap.address=3/minute") as site:
        body = least(CLIENT)
        answers = [site.send("POST", "/clients", body, token=None) for _ in range(4)]
        assert [each.status_code for each in answers] == [201, 201, 201, 429]
        assert int(answers[-1].headers["Retry-After"]) > 0
        assert site.send("POST", "/users", least(USER), token=None).status_code == 429
        assert site.send("POST", "/users", least(USER), token=site.client_token).status_code == 201
        assert site.ask("/clients", method="OPTIONS", token=None).status_code == 200


@each_place
def test_the_audit_trail_names_what_was_made_and_no_secret(
    site: Site, user: str, place: str, target: ResourceType
) -> None:
    with capture_logs() as lines:
        answer = site.send("POST", at(place, user), least(target))
        refused = site.send("POST", at(place, user), {})

    assert refused.status_code == 400
    (line,) = [each for each in lines if each["event"] == "audit"]
    assert (line["what"], line["resource_id"]) == (
        f"{target.name}_created",
        int(answer.headers["Location"].rpartition("/")[2]),
    )
    token = answer.json["token"]
    for secret in (token["access_token"], token["refresh_token"], answer.json.get("client_secret", "—")):
        assert secret not in repr(lines)
