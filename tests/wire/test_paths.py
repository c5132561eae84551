"""Routes that are remembered by the form of a path lead where Werkzeug's own matching leads."""

import re

import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map

from app.paths import Paths
from tests.site import Site

ON_ONE_ENGINE = True
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
HOSTILE = ("0", "007", "１２", "1.5", "-1", "", "9" * 40, "customers", "1 ", "%31")


def by_werkzeug(url_map: Map, path: str, method: str) -> object:
    return found(url_map.bind("", path_info=path, default_method=method))


def by_form(paths: Paths, path: str, method: str) -> object:
    wire = path.encode().decode("latin-1")
    return found(paths.adapter({"PATH_INFO": wire, "REQUEST_METHOD": method}))


def found(adapter: object) -> object:
    try:
        rule, values = adapter.match(return_rule=True)  # type: ignore[attr-defined] # both kinds have it
    except HTTPException as error:
        return error.code
    return rule.rule, values


@pytest.mark.parametrize("method", METHODS)
def test_every_address_is_found_first_and_again_as_werkzeug_finds_it(site: Site, method: str) -> None:
    url_map = site.app.url_map
    paths = Paths(url_map)
    templates = {rule.rule for rule in url_map.iter_rules()}
    for given in ("115", "2", *HOSTILE):  # what the first teaches must hold for all others
        for template in sorted(templates):
            path = re.sub(r"<[^>]*>", given, template)
            assert by_form(paths, path, method) == by_werkzeug(url_map, path, method), path


def test_what_is_remembered_is_bounded_by_the_addresses_that_there_are(site: Site) -> None:
    paths = Paths(site.app.url_map)
    for number in range(300):
        by_form(paths, f"/customers/{number}", "GET")
        by_form(paths, f"/rels/{number}x", "GET")
        by_form(paths, f"/{number}/nowhere", "GET")

    assert len(paths) == 1
