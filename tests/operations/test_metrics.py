"""Figures for Prometheus: right, bounded, without anything of customers, and not for strangers."""

import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.config import Config
from app.operations.endpoints import Endpoints
from app.passwords import GATE, TYPES, Stored, hash_password
from app.passwords.gate import Gate, Overloaded
from app.passwords.registry import timers
from tests.ports import free_port
from tests.server.commands import environment
from tests.server.processes import GUNICORN
from tests.site import SIREN, XML, Site
from tests.wire.events import add_webhook

Figures = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


def figures(site: Site, **headers: str) -> Figures:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = site.ask("/metrics", None, token=None, headers=sent)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(answer.text)
    return {
        (each.name, frozenset(each.labels.items())): each.value for one in families for each in one.samples
    }


def of(found: Figures, name: str, **labels: str) -> float:
    return found.get((name, frozenset(labels.items())), 0.0)


@contextmanager
def more(site: Site, by: float, name: str, **labels: str) -> Iterator[None]:
    before = of(figures(site), name, **labels)
    yield
    assert of(figures(site), name, **labels) - before == by


def test_requests_are_counted_by_rule_method_status_and_format(shared_site: Site) -> None:
    rule, requests = "/customers/<owner_id>", "patron_requests_total"
    cases: dict[tuple[str, int, str], dict[str, Any]] = {
        ("GET", 200, "hal+json"): {},
        ("GET", 200, "siren+json"): {"accept": SIREN},
        ("GET", 200, "hal+xml"): {"accept": XML},
        ("HEAD", 200, "hal+json"): {"method": "HEAD"},
        ("PATCH", 415, "hal+json"): {"method": "PATCH", "data": b"{"},
        ("GET", 401, "hal+json"): {"token": None},
    }
    for (method, status, shown), options in cases.items():
        labels = {"route": rule, "method": method, "status": str(status), "format": shown}
        with more(shared_site, 1, requests, **labels):
            assert shared_site.ask("/customers/115", **options).status_code == status


def test_a_latency_falls_into_a_bucket_of_its_route(shared_site: Site) -> None:
    labels = {"route": "/customers/<owner_id>", "method": "GET"}
    with more(shared_site, 3, "patron_request_seconds_count", **labels):
        for _ in range(3):
            shared_site.ask("/customers/115")
    assert of(figures(shared_site), "patron_request_seconds_bucket", le="+Inf", **labels) >= 3


def test_statements_are_counted_and_timed_on_both_ways_to_the_database(shared_site: Site) -> None:
    before = figures(shared_site)
    assert shared_site.ask("/customers/115?zoom=attributes,customer_addresses").status_code == 200
    between = figures(shared_site)
    assert of(between, "patron_sql_statements_total") - of(before, "patron_sql_statements_total") >= 3
    assert shared_site.send("PATCH", "/customers/116", {"first_name": "Timed"}).status_code == 200
    after = figures(shared_site)
    assert of(after, "patron_sql_statements_total") - of(between, "patron_sql_statements_total") >= 3
    assert of(after, "patron_sql_seconds_total") > of(between, "patron_sql_seconds_total")


def test_no_label_holds_anything_that_a_client_has_sent(shared_site: Site) -> None:
    counted = routes_in(shared_site)  # by all applications of this process
    for path in ("/customers/115?email=canary@example.com", "/canary", "/stores/66/customers?canary=1"):
        shared_site.ask(path, headers={"X-Request-ID": "canary-canary"})
    shared_site.ask("/customers/115", method="CANARY")
    told = shared_site.ask("/metrics", None, token=None).text
    assert "canary" not in told.lower()
    assert 'method="other"' in told
    rules = {rule.rule for rule in shared_site.app.url_map.iter_rules()}
    assert routes_in(shared_site) - counted <= rules
    assert "/customers/<owner_id>" in rules & routes_in(shared_site)


def routes_in(site: Site) -> set[str]:
    """The routes that figures are told of."""
    return set(re.findall(r'route="([^"]*)"', site.ask("/metrics", None, token=None).text)) - {"none"}


def test_hashes_are_timed_by_type_and_strength(site: Site) -> None:
    made = hash_password("correct horse", "bcrypt", "4")
    strength = str(round(TYPES["bcrypt"].strength(Stored(made.hash, made.salt, "bcrypt", "4"))))
    with more(site, 1, "patron_hash_seconds_count", type="bcrypt", strength=strength):
        hash_password("correct horse", "bcrypt", "4")
    assert timers.count(timers[0]) == 1, "each application would count them again"


def test_who_waits_for_a_core_is_seen_and_who_finds_no_room_is_counted(site: Site) -> None:
    gate, inside, leave = Gate(1, inside=2, patience=60), threading.Event(), threading.Event()
    gate.watched = GATE.watched

    def hold() -> None:
        with gate.passing():
            inside.set()
            leave.wait(60)

    threads = [threading.Thread(target=hold) for _ in range(2)]
    threads[0].start()
    inside.wait(60)
    threads[1].start()
    try:
        for _ in range(1000):
            if of(figures(site), "patron_hashes_waiting") == 1:
                break
        assert of(figures(site), "patron_hashes_waiting") == 1
        with more(site, 1, "patron_hashes_refused_total"), pytest.raises(Overloaded), gate.passing():
            pass
    finally:
        leave.set()
        for each in threads:
            each.join()
    assert of(figures(site), "patron_hashes_waiting") == 0


def test_connections_in_use_go_up_and_down(site: Site) -> None:
    with site.app.extensions["patron"].engine.connect():
        with_one = of(figures(site), "patron_pool_connections_in_use")
    assert with_one - of(figures(site), "patron_pool_connections_in_use") == 1


def test_what_waits_in_the_outbox_is_told_with_its_age(own_site: Site) -> None:
    add_webhook(own_site)
    assert own_site.send("PATCH", "/customers/115", {"first_name": "Waiting"}).status_code == 200
    found = figures(own_site)
    assert of(found, "patron_outbox_events") == 1
    assert 0 <= of(found, "patron_outbox_oldest_seconds") < 60
    assert of(found, "patron_deliveries_pending") == 0


def asked(config: Config, **environ: str) -> int:
    said: list[str] = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/metrics", **environ}
    endpoints = Endpoints(config, None)  # type: ignore[arg-type] # nobody asks whether it is ready
    list(endpoints.answer(environ, lambda status, headers: said.append(status)))  # type: ignore[arg-type, return-value, func-returns-value]
    return int(said[0][:3])


TOKEN = "a token of sixteen characters or more"


@pytest.mark.parametrize(
    ("config", "environ", "status"),
    [
        (Config(), {"REMOTE_ADDR": "127.0.0.1"}, 200),
        (Config(), {"REMOTE_ADDR": "::1"}, 200),
        (Config(), {"REMOTE_ADDR": "203.0.113.7"}, 404),
        (Config(), {"REMOTE_ADDR": ""}, 404),
        (Config(), {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 404),
        (Config(), {"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=127.0.0.1"}, 404),
        (Config(), {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_REAL_IP": "127.0.0.1"}, 404),
        (Config(metrics_networks=()), {"REMOTE_ADDR": "127.0.0.1"}, 404),
        (Config(metrics_token=TOKEN), {"REMOTE_ADDR": "127.0.0.1"}, 404),
        (Config(metrics_token=TOKEN), {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}, 200),
        (Config(metrics_token=TOKEN), {"HTTP_AUTHORIZATION": f"bearer {TOKEN}"}, 200),
        (Config(metrics_token=TOKEN), {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}x"}, 404),
        (Config(metrics_token=TOKEN), {"HTTP_AUTHORIZATION": TOKEN}, 404),
        (Config(metrics_token=TOKEN), {"HTTP_AUTHORIZATION": f"Basic {TOKEN}"}, 404),
        (Config(metrics_token=TOKEN), {"HTTP_AUTHORIZATION": "Bearer \u00e9"}, 404),
    ],
)
def test_figures_are_for_who_is_near_or_has_the_token(
    config: Config, environ: dict[str, str], status: int
) -> None:
    assert asked(config, **environ) == status


@pytest.mark.parametrize(
    ("folder", "refused"),
    [
        ("", ""),
        ("figures", ""),
        (".", "=. holds figures"),
        ("shop.db", "=shop.db is no folder that can be used"),
    ],
    ids=["empty", "own", "with others", "no folder"],
)
def test_gunicorn_deletes_nothing_but_figures_of_another_time(
    tmp_path: Path, folder: str, refused: str
) -> None:
    mine, old = tmp_path / "shop.db", tmp_path / "figures" / "gauge_livesum_17.db"
    old.parent.mkdir()
    for each in (mine, old):
        each.write_text("kept")
    gunicorn = subprocess.run(
        [GUNICORN, "-c", "python:app.gunicorn", "-b", f"127.0.0.1:{free_port()}", "nowhere:app"],
        cwd=tmp_path,
        env=environment(PROMETHEUS_MULTIPROC_DIR=folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (mine.exists(), old.exists()) == (True, folder != "figures")
    assert f"PROMETHEUS_MULTIPROC_DIR{refused}" in gunicorn.stderr or not refused
    assert gunicorn.returncode in ({1} if refused else {1, 3}), "there is no such application"
    assert "Traceback" not in gunicorn.stderr or not refused


def test_a_gunicorn_that_cannot_start_leaves_nothing_behind(tmp_path: Path) -> None:
    gunicorn = subprocess.run(
        [GUNICORN, "-c", "python:app.gunicorn", "-b", f"unix:{tmp_path}/none/socket", "nowhere:app"],
        cwd=tmp_path,
        env=environment(TMPDIR=str(tmp_path)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert gunicorn.returncode == 1
    assert list(tmp_path.iterdir()) == []
