"""Public HAL and Siren clients, unmodified, walk a running sandbox by links alone, and write by its forms.

Ketting follows links in HAL, HAL-FORMS and Siren; halfred and siren-parser, both strict, read every document.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.server.node import npm_installed, seen_by
from tests.server.processes import sandboxed
from tests.site import HAL, HAL_FORMS, SIREN

CLIENTS = Path(__file__).parents[1] / "clients"


@pytest.fixture(scope="module")
def installed() -> Path:
    """The folder of the scripts, with the packages that their lock file names."""
    return npm_installed(CLIENTS)


@pytest.fixture(scope="module")
def credentials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Any]]:
    """Those of a sandbox that runs meanwhile."""
    with sandboxed(tmp_path_factory.mktemp("sandbox"), PATRON_RATE_LIMITS="off") as (_, shown):
        yield shown


@pytest.mark.parametrize("media_type", [HAL, HAL_FORMS, SIREN])
def test_a_client_walks_by_links_alone_and_writes_by_what_is_offered(
    installed: Path, credentials: Mapping[str, Any], media_type: str
) -> None:
    seen = seen_by("walking.cjs", installed, credentials, media_type)

    assert (seen["types"], seen["warnings"]) == ([media_type], [])
    ids = [each for page in seen["pages"] for each in page]
    assert (len(ids), len(set(ids))) == (seen["total"], seen["total"])
    assert [len(page) for page in seen["pages"][:-1]] == [20] * (len(seen["pages"]) - 1)
    assert (seen["first"], seen["billing"]) == (ids[0], "Home")
    assert seen["attributes"]
    if media_type != HAL:
        require_written(seen)


def require_written(seen: Mapping[str, Any]) -> None:
    """What a client did by the templates or actions of what it read: search, create, edit, delete."""
    assert {"limit", "zoom", "last_name", "email"} <= set(seen["searched"])
    assert (seen["found"], seen["zoomed"]) == ("ada.okafor@example.com", "Portland")
    assert seen["required"] == ([] if seen["types"] == [SIREN] else ["email"])  # of which Siren knows nothing
    assert seen["made"].endswith("created successfully.")
    assert seen["edited"] == ["Ada", "Walker"]
    assert (seen["invalid"], seen["stillThere"]) == (400, "Walker")
    assert seen["deleted"].endswith("deleted successfully.")
    assert seen["gone"] == 404


@pytest.mark.parametrize("media_type", [HAL, HAL_FORMS, SIREN])
def test_every_document_that_links_lead_to_is_read_without_a_fault(
    installed: Path, credentials: Mapping[str, Any], media_type: str
) -> None:
    seen = seen_by("parsing.cjs", installed, credentials, media_type)

    assert seen["faults"] == []
    assert seen["documents"] > 200
