"""Health as orchestrators and load balancers ask for it: alive, ready, and why not."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from app import create_app
from app.config import Config
from app.db.engine import unguarded_engine
from app.operations.readiness import Check, Readiness
from tests.databases import empty_database
from tests.site import SECRET, Site, open_site

PROBES = ("/healthz", "/readyz")


@pytest.mark.parametrize("path", PROBES)
def test_probes_need_no_token_are_small_and_are_kept_by_nobody(site: Site, path: str) -> None:
    for method in ("GET", "HEAD"):
        answer = site.ask(path, None, token=None, method=method)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/health+json")
        assert answer.headers["Cache-Control"] == "no-store"
        assert len(answer.data) < 200
    assert json.loads(site.ask(path, None, token=None).data)["status"] == "pass"
    refused = site.ask(path, None, token=None, method="POST", data=b"{}")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD")


def test_probes_are_not_counted_among_requests_nor_by_rate_limits(site: Site) -> None:
    for _ in range(300):
        assert site.ask("/readyz", None, token=None).status_code == 200
    assert 'route="/readyz"' not in site.ask("/metrics", None, token=None).text


def revise(url: str, revision: str) -> None:
    engine = unguarded_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
    engine.dispose()


def ready(site: Site) -> tuple[int, dict[str, object]]:
    """As it is now: what was seen half a second ago counts no more."""
    site.app.extensions["patron"].readiness._look.seen_at = -1.0
    answer = site.ask("/readyz", None, token=None)
    return answer.status_code, json.loads(answer.data)


def test_a_schema_that_is_behind_is_not_ready_and_one_that_is_newer_is(own_site: Site) -> None:
    revise(own_site.url, "0001")
    status, told = ready(own_site)
    assert (status, told["status"]) == (503, "fail")
    assert "patron db upgrade" in json.dumps(told)

    revise(own_site.url, "9999")
    status, told = ready(own_site)
    assert (status, told["status"]) == (200, "warn"), "a rolling upgrade would take all old nodes away"


def test_a_database_that_is_gone_is_not_ready_while_the_process_is_alive(
    engine_name: str, tmp_path: Path
) -> None:
    with gone(engine_name, tmp_path) as site:
        status, told = ready(site)
        assert (status, told["status"]) == (503, "fail")
        assert told["checks"]["database"][0]["status"] == "fail"  # type: ignore[index]
        assert site.ask("/healthz", None, token=None).status_code == 200


@contextmanager
def gone(engine_name: str, folder: Path) -> Iterator[Site]:
    """A site whose database has been taken away."""
    with open_site(engine_name, folder) as site:
        if engine_name == "sqlite":
            Path(site.url.removeprefix("sqlite:///")).write_bytes(b"no database at all" * 1000)
        else:
            revise_away(site.url)
        yield site


def revise_away(url: str) -> None:
    """Who may not read the schema's version cannot tell that it fits."""
    engine = unguarded_engine(url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE alembic_version RENAME TO alembic_version_gone"))
    engine.dispose()


def test_a_look_that_hangs_is_told_within_its_time(site: Site) -> None:
    patron, released = site.app.extensions["patron"], threading.Event()

    def hang() -> Check:
        released.wait(60)
        return Check("pass")

    readiness = Readiness(patron.config, patron.reader, {"hanging": hang})
    try:
        for _ in range(2):
            health = readiness.health()
            assert (health.status, health.checks["database"].output) == ("fail", "does not answer in time")
    finally:
        released.set()


def test_a_redis_that_is_down_is_told_and_keeps_no_requests_away(tmp_path: Path) -> None:
    with empty_database("sqlite", tmp_path) as url:
        from app.db.migrate import upgrade

        upgrade(url)
        app = create_app(Config(database_url=url, secret_key=SECRET, redis_url="redis://127.0.0.1:1/0"))
        answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (
        200,
        {
            "status": "warn",
            "checks": {
                "database": [{"status": "pass"}],
                "redis": [{"status": "warn", "output": "does not answer: each node counts rates for itself"}],
            },
        },
    )


def test_who_is_told_to_stop_is_not_ready_whatever_else_is_well(site: Site) -> None:
    patron = site.app.extensions["patron"]
    readiness = Readiness(patron.config, patron.reader)
    assert readiness.health().status == "pass"
    readiness.drain()
    assert readiness.health().status == "fail"
