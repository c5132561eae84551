"""Signing in: what a token costs, how near sign-ins come to bare bcrypt, what others wait meanwhile."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles

import bcrypt
import orjson
from werkzeug.test import EnvironBuilder

from app import create_app
from app.auth.bearer import Bearer
from app.config import Config
from tests.benchmarks.content import PASSWORD, PASSWORD_HASH, email
from tests.benchmarks.databases import Database
from tests.benchmarks.documents import BASE, FORMATS, SIGN_IN_GOAL, STORE_ID, Format
from tests.benchmarks.serve import SECRET
from tests.benchmarks.servers import Cores, Server, Unmeasurable, serving

SHARE_GOAL, WAIT_GOAL = 0.05, 0.3
AT_ONCE = 50
SECONDS_EACH = 0.1
"""How long GETs are measured alone, for each of those who sign in afterwards."""

FEWEST = 50
"""GETs that are measured at least."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class SigningIn:
    """What was measured: seconds, sign-ins a second in each round, and what GETs took meanwhile.

    `patron` has the rates and `took` the seconds of sign-ins by the titles of formats.
    """

    token: float
    request: float
    bare: list[float]
    patron: Mapping[str, list[float]]
    took: Mapping[str, list[float]]
    alone: list[float]
    beside: list[float]
    at_once: int

    def report(self) -> str:
        """The figures beside their goals."""
        share, waited = self.token / self.request, _p99(self.beside)
        return "\n".join(
            (
                f"Token: {self.token * 1e6:.1f} µs of the {self.request * 1e6:.0f} µs of a warm GET,"
                f" {share:.1%} (goal: at most {SHARE_GOAL:.0%}){_missed(share > SHARE_GOAL)}",
                f"Sign-ins a second (bcrypt, cost 12), to those of bare bcrypt in {_threads()} threads,"
                f" {median(self.bare):.1f} (goal: at least {SIGN_IN_GOAL}):",
                *(self._of(each) for each in FORMATS),
                f"GETs while {self.at_once} customers sign in: p50 {_ms(median(self.beside))}, p99"
                f" {_ms(waited)} (goal: under {_ms(WAIT_GOAL)}){_missed(waited > WAIT_GOAL)};"
                f" without them p50 {_ms(median(self.alone))}, p99 {_ms(_p99(self.alone))}",
            )
        )

    def _of(self, form: Format) -> str:
        rates, took = self.patron[form.title], self.took[form.title]
        ratios = [each / floor for each, floor in zip(rates, self.bare, strict=True)]
        return (
            f"  sign-in, {form.title}: {median(rates):.1f}, {median(ratios):.2f}"
            f" [{min(ratios):.2f}-{max(ratios):.2f}]{_missed(median(ratios) < SIGN_IN_GOAL)};"
            f" p50 {_ms(median(took))}, p99 {_ms(_p99(took))}"
        )


def measure_signing_in(folder: Path, database: Database, rounds: int, at_once: int, tell: Tell) -> SigningIn:
    """Measures all of it on a server that may use every core.

    :raises Unmeasurable: where a sign-in or a GET fails.
    """
    tell("a token's share of a request")
    own, whole = _token_share(database, FEWEST * min(rounds, 20))
    bare: list[float] = []
    patron, took = ({each.title: [] for each in FORMATS} for _ in range(2))
    with serving("patron", database.url, folder, Cores()) as server:
        _sign_in(server, 1)
        each_round = max(at_once // 4, 1)
        for number in range(1, rounds + 1):
            tell(f"sign-ins, round {number} of {rounds}")
            bare.append(_rate(lambda _: _check(), _threads(), each_round))
            for each in FORMATS:
                work = partial(_timed_sign_in, server, each, took[each.title])
                patron[each.title].append(_rate(work, 2 * _threads(), each_round))
        tell(f"GETs beside {at_once} sign-ins")
        alone = _gets(server, database.token, lambda: time.sleep(SECONDS_EACH * at_once))
        signing_in = partial(_rate, partial(_sign_in, server), at_once, at_once)
        beside = _gets(server, database.token, signing_in)
    tell("")
    return SigningIn(own, whole, bare, patron, took, alone, beside, at_once)


def _token_share(database: Database, count: int) -> tuple[float, float]:
    """The seconds that finding the caller takes, and the whole request: each the least of several."""
    config = Config(database_url=database.url, base_url=BASE, secret_key=SECRET)
    app = create_app(config)
    reader = app.extensions["patron"].reader
    bearer, header = Bearer(reader, sandbox=False), f"Bearer {database.token}"
    headers = {"Authorization": header, "Accept": "application/hal+json"}
    environ = EnvironBuilder("/customers/5", base_url=BASE, headers=headers).get_environ()

    def request() -> None:
        for _ in app(dict(environ), lambda *_: None):  # type: ignore[arg-type] # no write callable is needed
            pass

    shares = _least(lambda: bearer.caller(header), count), _least(request, count)
    reader.close()
    app.extensions["patron"].engine.dispose()
    return shares


def _least(work: Callable[[], object], count: int, times: int = 20) -> float:
    found = []
    for _ in range(times):
        began = time.perf_counter()
        for _ in range(count):
            work()
        found.append((time.perf_counter() - began) / count)
    return min(found)


def _rate(work: Callable[[int], object], threads: int, count: int) -> float:
    """How often a second the work is done by so many threads."""
    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, range(1, count + 1)):
            pass
    return count / (time.perf_counter() - began)


def _check() -> None:
    if not bcrypt.checkpw(PASSWORD.encode(), PASSWORD_HASH.encode()):
        raise Unmeasurable("the measured hash is not that of the measured password")


def _timed_sign_in(server: Server, form: Format, took: list[float], number: int) -> None:
    began = time.perf_counter()
    _sign_in(server, number, form)
    took.append(time.perf_counter() - began)


def _sign_in(server: Server, number: int, form: Format = FORMATS[0]) -> None:
    body = orjson.dumps({"email": email(number), "password": PASSWORD})
    path = f"/stores/{STORE_ID}/s/customer/authenticate"
    headers = {"Content-Type": "application/json", "Accept": form.media_type}
    _require(_ask(server, "POST", path, headers, body), "a sign-in")


def _gets(server: Server, token: str, meanwhile: Callable[[], object]) -> list[float]:
    """What each of many GETs takes, one after the other, for as long as something else goes on."""
    took: list[float] = []
    worker = threading.Thread(target=meanwhile)
    worker.start()
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/hal+json"}
    for number in _while(worker):
        began = time.perf_counter()
        _require(_ask(server, "GET", f"/customers/{number % 100 + 1}", headers), "a GET")
        took.append(time.perf_counter() - began)
    return took


def _while(worker: threading.Thread) -> Iterator[int]:
    number = 0
    while worker.is_alive() or number < FEWEST:
        yield number
        number += 1
        time.sleep(0.005)


def _ask(server: Server, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> int:
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.headers.get_content_type() != headers["Accept"]:
            raise Unmeasurable(f"{method} {path} is answered with {answer.headers.get_content_type()}")
        return answer.status


def _require(status: int, what: str) -> None:
    if status != 200:
        raise Unmeasurable(f"{what} was answered with {status}")


def _threads() -> int:
    return os.cpu_count() or 1


def _p99(values: list[float]) -> float:
    return quantiles(values, n=100)[98] if len(values) > 1 else values[0]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def _missed(missed: bool) -> str:
    return " MISSED" if missed else ""
