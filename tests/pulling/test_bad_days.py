"""Pulling from a server that has bad days: it is left alone, asked again, and told no more than it should."""

import re
import time

from tests.pulling import bad_days
from tests.pulling.foxglove import FAULTY_EMAIL, foxglove
from tests.pulling.foxy import TOKEN, Foxy, served
from tests.pulling.target import STORE, Target

ON_ONE_ENGINE = True

FEW = 40


def everybody(target: Target) -> set[int]:
    return {each["id"] for each in target.customers()}


def test_a_busy_and_breaking_server_is_asked_again_and_left_alone_as_it_asks(target: Target) -> None:
    foxy = foxglove(FEW)
    foxy.faults += [
        bad_days.now_and_then("/stores/66/customers?", bad_days.too_many, 1),
        bad_days.now_and_then("/stores/66/transactions?", bad_days.unavailable, 2),
        bad_days.now_and_then("/customers/133/addresses", bad_days.reset, 1, 2),
        bad_days.now_and_then("/stores/66/subscriptions?", bad_days.drip, 1),
        bad_days.now_and_then("is_anonymous=true", bad_days.garbage, 1),
    ]
    with served(foxy):
        pulled = target.pull(foxy.url, "--timeout", "3", "--concurrency", "3", token=TOKEN)

    assert f"1 of customers missing: {FAULTY_EMAIL}" in pulled.stderr
    assert everybody(target) == set(foxy.customers) - {FAULTY_EMAIL}
    assert target.get(f"/stores/{STORE}/transactions")["total_items"] == 29
    assert foxy.impatient == 0
    assert foxy.most_under_way <= 3


def test_a_resource_that_is_no_json_costs_no_other(target: Target) -> None:
    foxy = foxglove(FEW)

    def broken(handler: bad_days.Handler) -> bool:
        """Whatever shows customer 137 is cut off in the middle."""
        if handler.path_asked != "/stores/66/customers" or "is_anonymous=true" in handler.path:
            return False
        own = [each for each, said in foxy.customers.items() if not said["is_anonymous"]].index(137)
        offset, limit = int(handler.query.get("offset", 0)), int(handler.query["limit"])
        if not offset <= own < offset + limit or "fields" in handler.query:
            return False
        bad_days.garbage(handler)
        return True

    foxy.faults.append(broken)
    foxy.faults.append(bad_days.always("/customers/137", bad_days.garbage))
    with served(foxy):
        pulled = target.pull(foxy.url, token=TOKEN)

    assert "2 of customers missing: 131, 137" in pulled.stderr
    assert everybody(target) == set(foxy.customers) - {FAULTY_EMAIL, 137}


def test_the_token_stays_where_it_is_for(target: Target) -> None:
    with served(Foxy()) as elsewhere:
        foxy = foxglove(FEW)
        foxy.faults.append(bad_days.always("/customers/133/addresses", bad_days.redirect(elsewhere.url)))
        with served(foxy):
            pulled = target.pull(foxy.url, token=TOKEN)

    assert elsewhere.asked == []
    assert "2 of customers missing: 131, 133" in pulled.stderr
    reasons = {each["href"].rpartition("/")[2]: each["reason"] for each in target.notes}
    assert reasons["133"] == f"a link leads to {elsewhere.url}, and what is pulled stays at {foxy.url}"
    assert TOKEN not in pulled.stdout + pulled.stderr
    assert [file for file in (target.folder / ".patron").iterdir() if TOKEN in file.read_text()] == []


def test_a_token_that_ends_is_fetched_anew_once_for_all_that_need_it(target: Target) -> None:
    foxy = foxglove(FEW)

    def end_token(handler: bad_days.Handler) -> bool:
        if "offset=25" in handler.path and foxy.token == TOKEN:
            foxy.token = "another token than before"
        return False

    foxy.faults.append(end_token)
    (target.folder / "secret").write_text("its secret\n")
    (target.folder / "refresh").write_text(foxy.refresh_token)
    known = ["--client-id", "a client", "--client-secret-file", "secret", "--refresh-token-file", "refresh"]
    with served(foxy):
        pulled = target.pull(foxy.url, *known)
        assert f"1 of customers missing: {FAULTY_EMAIL}" in pulled.stderr
        assert foxy.asked.count("/token") == 2
        (target.folder / "refresh").write_text("a wrong one")
        refused = target.pull(foxy.url, *known)

    assert everybody(target) == set(foxy.customers) - {FAULTY_EMAIL}
    assert refused.returncode == 1
    assert refused.stderr == f"patron: {foxy.url}/token gives no token: it answered 400 invalid_grant\n"
    for each in (pulled, refused):
        assert not re.search("its secret|never ends|another token|a wrong one", each.stdout + each.stderr)


def test_a_token_that_is_refused_ends_it_in_one_line(target: Target) -> None:
    with served(foxglove(FEW)) as foxy:
        refused = target.pull(foxy.url, token="none that is known")
        none = target.pull(foxy.url)

    assert refused.stderr == f"patron: {foxy.url} does not accept the credentials: it answered 401\n"
    assert none.stderr.startswith("patron: no token: set PATRON_PULL_TOKEN")
    assert foxy.tokens_seen.keys() == {"Bearer none that is known"}


def test_an_address_where_nothing_is_ends_it_and_nobody_is_told_to_try_the_same_again(target: Target) -> None:
    with served(foxglove(FEW)) as foxy:
        refused = target.pull(f"{foxy.url}/nowhere", token=TOKEN)

    assert refused.returncode == 1
    assert f"{foxy.url}/nowhere answered 404" in refused.stderr
    assert "running it again will not help" in refused.stderr
    assert "run it again to go on" not in refused.stderr


def test_a_pull_that_is_killed_goes_on_where_it_was_and_ends_as_if_it_had_not_been(target: Target) -> None:
    foxy = foxglove(110)
    with served(foxy):
        for part in ("offset=50", "is_anonymous=true", "/stores/66/transactions?"):
            pulling = target.pulling(foxy.url, token=TOKEN)
            ends = time.monotonic() + 60
            while not any(part in each for each in foxy.asked) and time.monotonic() < ends:
                time.sleep(0.002)
            pulling.kill()
            pulling.wait()
        asked = len([each for each in foxy.asked if "zoom=default" in each and "false" in each])
        pulled = target.pull(foxy.url, token=TOKEN)

    assert f"1 of customers missing: {FAULTY_EMAIL}" in pulled.stderr
    assert everybody(target) == set(foxy.customers) - {FAULTY_EMAIL}
    assert target.get(f"/stores/{STORE}/transactions")["total_items"] == 29
    again = len([each for each in foxy.asked if "zoom=default" in each and "false" in each]) - asked
    assert again <= 1  # a page of customers who were here already
