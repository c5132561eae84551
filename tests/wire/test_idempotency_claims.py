"""How long an Idempotency-Key is claimed and kept, what failures do to it, and who can read what is kept."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import create_app
from app.config import Config
from app.db import guard
from app.db.engine import unguarded_engine
from app.db.sessions import StoreSession
from app.idempotency import CLAIM_SECONDS, KEPT_SECONDS, IdempotencyKey
from tests.racing import CUSTOMERS, before_each
from tests.site import JSON, Site
from tests.wire.keys import GUEST, age, assert_same, guests, post, replayed, set_stored, stored


@pytest.fixture
def site(shared_site: Site) -> Site:
    return shared_site


@pytest.fixture
def key() -> str:
    return uuid4().hex


def test_a_failure_of_the_server_leaves_the_key_free(site: Site, key: str) -> None:
    def rename(old: str, new: str) -> None:
        opened = unguarded_engine(site.url)
        with opened.begin() as connection:
            connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))
        opened.dispose()

    rename("tally", "astray")
    try:
        assert post(site, key).status_code >= 500
    finally:
        rename("astray", "tally")
    assert stored(site, key) == []
    done = post(site, key)
    assert (done.status_code, replayed(done)) == (201, False)


@contextmanager
def failing_database(site: Site, engine_name: str) -> Iterator[None]:
    """While a POST is at work, PostgreSQL ends all connections, and SQLite is locked by somebody else."""
    opened = unguarded_engine(site.url)
    app_engine = site.app.extensions["patron"].engine
    with opened.connect() as connection:
        if engine_name == "postgresql":
            others = "pid <> pg_backend_pid() AND datname = current_database()"
            end = text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
            with before_each("INSERT INTO customer", lambda: connection.execute(end)):
                yield
        else:
            app_engine.dispose()
            event.listen(app_engine, "connect", _impatient)
            with connection.begin():
                yield
            event.remove(app_engine, "connect", _impatient)
            app_engine.dispose()
    opened.dispose()


def _impatient(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA busy_timeout = 20")


def test_a_database_that_fails_is_said_to_be_away_and_leaves_the_key_free(
    site: Site, engine_name: str, key: str
) -> None:
    before = guests(site)
    with failing_database(site, engine_name):
        failed = post(site, key)
    assert (failed.status_code, failed.headers["Retry-After"]) == (503, "1")
    assert stored(site, key) == []
    done = post(site, key)
    assert (done.status_code, replayed(done)) == (201, False)
    assert guests(site) == before + 1


def test_what_was_committed_is_answered_though_the_connection_broke_at_that_moment(
    site: Site, key: str
) -> None:
    def break_off(session: Session) -> None:
        raise OperationalError("COMMIT", {}, ConnectionError("the connection is lost"))

    before = guests(site)
    event.listen(StoreSession, "after_commit", break_off, once=True)
    assert post(site, key).status_code == 503

    done = post(site, key)
    assert (done.status_code, replayed(done)) == (201, True)
    assert guests(site) == before + 1


@contextmanager
def held(request: Callable[[], Any]) -> Iterator[None]:
    """A request in another thread that stands still in the middle of its work."""
    standing, go = threading.Event(), threading.Event()

    def stand(statement: str) -> None:
        # each request reads its store between claiming the key and writing
        if threading.current_thread() is thread and statement.startswith("SELECT store."):
            standing.set()
            assert go.wait(30)

    thread = threading.Thread(target=request)
    guard.observers.append(stand)
    try:
        thread.start()
        assert standing.wait(30)
        yield
    finally:
        go.set()
        thread.join()
        guard.observers.remove(stand)


def test_while_the_first_is_being_worked_on_the_second_is_told_to_wait(site: Site, key: str) -> None:
    answers: list[TestResponse] = []

    def first() -> None:
        answers.append(post(site, key))
        site.app.extensions["patron"].reader.close()

    before = guests(site)
    with held(first):
        waiting = post(site, key)
        other = post(site, key, GUEST | {"first_name": "Another"})
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (409, "1")
    assert other.status_code == 422
    (done,) = answers
    assert done.status_code == 201
    assert_same(post(site, key), done)
    assert guests(site) == before + 1


def test_work_that_took_so_long_that_another_took_it_over_is_undone(site: Site, key: str) -> None:
    answers: list[TestResponse] = []

    def first() -> None:
        answers.append(post(site, key))
        site.app.extensions["patron"].reader.close()

    before = guests(site)
    with held(first):
        age(site, key, CLAIM_SECONDS)
        second = post(site, key)
    assert (second.status_code, replayed(second)) == (201, False)
    assert answers[0].status_code == 409
    assert guests(site) == before + 1
    assert_same(post(site, key), second)


def test_a_key_whose_process_died_is_free_after_a_while(site: Site, key: str) -> None:
    first = post(site, key)
    site.send("DELETE", first.headers["Location"])
    set_stored(site, key, status=None, answer=None)  # as a process leaves it that dies before it commits

    assert post(site, key).status_code == 409
    age(site, key, CLAIM_SECONDS)
    done = post(site, key)
    assert (done.status_code, replayed(done)) == (201, False)
    assert_same(post(site, key), done)


def test_a_key_that_is_freed_just_now_is_claimed_anew(site: Site, engine_name: str, key: str) -> None:
    if engine_name == "sqlite":
        pytest.skip("nobody writes to SQLite while a key is being claimed")
    post(site, key)

    def free() -> None:
        opened = unguarded_engine(site.url)
        with opened.begin() as connection:
            connection.execute(IdempotencyKey.__table__.delete().where(IdempotencyKey.key == key))
        opened.dispose()

    with before_each("SELECT idempotency_key", free):
        done = post(site, key)
    assert (done.status_code, replayed(done)) == (201, False)


def test_a_key_is_kept_for_a_day_and_then_forgotten(site: Site, key: str) -> None:
    first, other, another = post(site, key), f"{key}-other", f"{key}-another"
    age(site, key, KEPT_SECONDS - 60)
    assert_same(post(site, key), first)
    for each in (other, another):
        post(site, each)
    age(site, key, 120)
    age(site, other, KEPT_SECONDS + 60)

    anew = post(site, key)
    assert (anew.status_code, replayed(anew)) == (201, False)
    assert anew.headers["Location"] != first.headers["Location"]
    assert [len(stored(site, each)) for each in (key, other, another)] == [1, 0, 1]


def test_what_is_kept_tells_nobody_who_reads_the_table_what_was_sent(site: Site, key: str) -> None:
    secrets = {"email": f"{key}@example.com", "password": "Tell-Nobody-1", "first_name": "Clandestine"}
    post(site, key, secrets)
    post(site, f"{key}-refused", secrets)
    rows = repr(stored(site, key) + stored(site, f"{key}-refused")).replace(key, "")

    for told in (*secrets.values(), "example.com", "fx:errors", "already in use"):
        assert told not in rows


def test_a_fingerprint_means_nothing_without_the_secret_key(site: Site, key: str) -> None:
    """Who holds only the table cannot try requests until one fits: another key makes another of the same."""
    post(site, key)
    other = create_app(Config(database_url=site.url, secret_key="another secret" * 3, sandbox=True))
    with other.test_client() as client:
        sent = {"Authorization": f"Bearer {site.token}", "Content-Type": JSON, "Idempotency-Key": key}
        answer = client.post(CUSTOMERS, json=GUEST, headers=sent)
    other.extensions["patron"].reader.close()
    other.extensions["patron"].engine.dispose()

    assert answer.status_code == 422
