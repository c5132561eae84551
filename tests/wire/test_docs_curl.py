"""The curl lines in the documentation: each of them does what it says, as it stands there."""

import base64
import shlex
from dataclasses import dataclass, field
from string import Template
from typing import Any

from tests.site import BASE, Site
from tests.wire.addresses import add_trade
from tests.wire.documentation import names, page
from tests.wire.valid import REGISTRY, new

ON_ONE_ENGINE = True

CANCEL = ("cancel", "POST")


@dataclass
class Line:
    """A curl line, understood: its options are those that documentation uses, and no others."""

    method: str = "GET"
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    data: list[str] = field(default_factory=list)


def understood(text: str, variables: dict[str, str]) -> Line:
    """What a shell, with these variables, has curl do."""
    first, *words = shlex.split(Template(text).substitute(variables))
    assert first == "curl"
    line, waiting = Line(), iter(words)
    for word in waiting:
        if word == "-X":
            line.method = next(waiting)
        elif word == "-I":
            line.method = "HEAD"
        elif word == "-H":
            name, _, value = next(waiting).partition(": ")
            line.headers[name] = value
        elif word == "-u":
            signed = base64.b64encode(next(waiting).encode()).decode()
            line.headers["Authorization"] = f"Basic {signed}"
        elif word == "-d":
            line.data.append(next(waiting))
        else:
            assert not word.startswith("-"), word
            line.url = word
    if line.data and line.method == "GET":
        line.method = "POST"
        line.headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    return line


def run(site: Site, text: str, token: str | None) -> int:
    """The status that a line is answered with."""
    variables = {
        "TOKEN": token or "",
        "CLIENT_ID": "sandbox",
        "CLIENT_SECRET": site.client_secret,
        "REFRESH_TOKEN": site.refresh_token,
    }
    line = understood(text, variables)
    answer = site.ask(
        line.url,
        None,
        token=None,
        method=line.method,
        headers=line.headers,
        data="&".join(line.data).encode() if line.data else None,
    )
    assert answer.status_code < 400, (text, answer.status_code, answer.text)
    return answer.status_code


def offered(site: Site) -> dict[tuple[str, str], tuple[dict[str, Any], str]]:
    """What there is to run: by relation and method, with a token that can. Addresses are filled in there."""
    found: dict[tuple[str, str], tuple[dict[str, Any], str]] = {}
    for token in (site.token, site.client_token, site.user_token):
        for rel in names(site):
            for method, said in page(site, rel, token)["methods"].items():
                if "{" not in said["curl"].rpartition(" ")[2]:
                    found.setdefault((rel, method), (said, token))
    return found


def test_every_line_does_what_it_says(own_site: Site) -> None:
    site = own_site
    add_trade(site, int(new(site, REGISTRY.types["customer"]).rpartition("/")[2]))
    done: set[tuple[str, str]] = set()
    for methods in (("GET", "HEAD", "OPTIONS"), ("POST",), ("PUT", "PATCH")):
        for (rel, method), (said, token) in sorted(offered(site).items(), key=lambda each: each[0]):
            if method in methods and (rel, method) not in done and (rel, method) != CANCEL:
                assert run(site, said["curl"], token_for(site, rel, token)) == said["status"], (rel, method)
                done.add((rel, method))
    while "{" not in (line := page(site, "cancel", site.token)["methods"]["POST"]["curl"]):
        assert run(site, line, site.token) == 200  # until no customer is kept by what they subscribe to
        done.add(CANCEL)
    for rel in names(site):  # the last, as others show what is deleted
        said = page(site, rel, site.token)["methods"].get("DELETE")
        if said:
            assert run(site, said["curl"], site.token) == 200
            done.add((rel, "DELETE"))

    assert done == {(rel, method) for rel in names(site) for method in page(site, rel, None)["methods"]}


def token_for(site: Site, rel: str, token: str) -> str:
    """The token that a relation's page was read with; what makes a client or a user asks for a client's."""
    return site.client_token if rel in ("create_client", "create_user") else token


def test_a_line_asks_where_the_example_was_found(site: Site) -> None:
    said = page(site, "customers", site.token)

    line = understood(said["methods"]["GET"]["curl"], {"TOKEN": site.token})
    assert line.url == said["_embedded"]["fx:example"]["_links"]["self"]["href"]
    assert line.headers == {"Authorization": f"Bearer {site.token}"}
    assert line.url.startswith(f"{BASE}/stores/66/customers")
