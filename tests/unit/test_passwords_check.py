"""The laws of all hash types; a check costs what tells nothing, and replaces no hash by a weaker one."""

import hashlib
import time
from collections.abc import Iterator
from functools import cache

import bcrypt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import passwords
from app.passwords import (
    TYPES,
    Hashed,
    Outcome,
    Stored,
    UnsupportedHashType,
    UnusableChoice,
    UnusablePassword,
    argon2,
    check,
    hash_password,
    require_choice,
    require_importable,
    unguessable,
)
from tests.unit.test_passwords_vectors import CHEAP

SECRET, WRONG = "Canary-5531-Pass", "Canary-5531-pass"
STORE = ("bcrypt", "5")
EMOJI = "\U0001f98a" * 50
WEAK = sorted(name for name, each in TYPES.items() if each.weak)
SALTED = sorted(name for name in TYPES if "_salted_" in name or name == "pbkdf2")
UNREADABLE = ["", SECRET + "\0", SECRET + "\ud800", SECRET + "x" * 600, "\0", "\ud800", "é" * 300]

Computed = list[tuple[str, str]]


@pytest.fixture
def computed() -> Iterator[Computed]:
    """Grows by the type and the purpose of each hash that is computed."""
    counted: Computed = []

    def count(hash_type: str, purpose: str) -> None:
        counted.append((hash_type, purpose))

    passwords.observers.append(count)
    yield counted
    passwords.observers.remove(count)


@pytest.fixture(autouse=True)
def light_argon2(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets argon2id take less memory, but where the laws are about how much it takes."""
    heavy = any(each in request.node.name for each in ("at_the_default_cost", "choice_makes_no_sense"))
    if not heavy:
        monkeypatch.setitem(argon2.MADE, "memory", 10_000)


def made(hash_type: str, password: str = SECRET, config: str | None = None) -> Stored:
    """A hash of the type, made once for all tests."""
    return kept(hash_type, password, config, argon2.MADE["memory"])


@cache
def kept(hash_type: str, password: str, config: str | None, _memory: int) -> Stored:
    config = config or CHEAP.get(hash_type)
    hashed = hash_password(password, hash_type, config)
    return Stored(hashed.hash, hashed.salt, hash_type, config)


def costs(computed: Computed, password: str, stored: Stored | None, *store: str) -> tuple[Outcome, Computed]:
    """What a check says, and which hashes it computes."""
    computed.clear()
    outcome = check(password, stored, *(store or STORE))
    return outcome, computed.copy()


@pytest.mark.parametrize("hash_type", TYPES)
@pytest.mark.parametrize("password", [SECRET, " ", "p" * 72, "ä" * 36, "\u202e", " a\tb\n"])
def test_what_a_type_makes_it_verifies_and_takes(hash_type: str, password: str) -> None:
    stored = made(hash_type, password)

    require_importable(hash_type, stored.hash, stored.salt, stored.config)
    assert check(password, stored, hash_type, stored.config) == Outcome(True)
    others = [password[:-1] + "?", "?" + password, ""]
    if len(password.encode()) < 72:
        others.append(password + "?")
    for other in others[: 2 if hash_type == "argon2id" else None]:
        assert check(other, stored, *STORE).ok is False
    assert len(stored.hash) <= 200
    assert len(stored.salt or "") <= 100


@pytest.mark.parametrize("hash_type", TYPES)
def test_each_hash_has_a_salt_of_its_own(hash_type: str) -> None:
    one, other = made(hash_type), kept.__wrapped__(hash_type, SECRET, None, 0)
    unsalted = hash_type in {"md5", "sha1", "sha256", "concrete5"}

    assert (one.hash == other.hash) == unsalted
    assert bool(one.salt) == (hash_type in SALTED)
    if one.salt:
        assert one.salt.isalnum()
        assert one.salt != other.salt
        assert not check(SECRET, Stored(one.hash, other.salt, hash_type, one.config), *STORE).ok
        assert not check(SECRET, Stored(one.hash, None, hash_type, one.config), *STORE).ok


@pytest.mark.parametrize("length", ["1", "8", "40", "100"])
@pytest.mark.parametrize("hash_type", [name for name in SALTED if name != "pbkdf2"])
def test_a_salt_is_as_long_as_the_config_says(hash_type: str, length: str) -> None:
    assert len(hash_password(SECRET, hash_type, length).salt or "") == int(length)
    assert len(unguessable(hash_type, length).salt or "") == int(length)


@pytest.mark.parametrize("hash_type", TYPES)
def test_what_has_no_text_or_is_too_long_is_not_set(hash_type: str) -> None:
    for password in ("", EMOJI, "p" * 73, SECRET + "\0", SECRET + "\ud800"):
        with pytest.raises(UnusablePassword):
            hash_password(password, hash_type, CHEAP.get(hash_type))


@pytest.mark.parametrize("hash_type", TYPES)
def test_a_drawn_hash_is_computed_from_nothing_and_verifies_nothing(
    hash_type: str, computed: Computed
) -> None:
    config = CHEAP.get(hash_type)
    drawn = unguessable(hash_type, config)

    assert computed == []
    assert drawn.hash != unguessable(hash_type, config).hash
    require_importable(hash_type, drawn.hash, drawn.salt, config)
    stored, alike = Stored(drawn.hash, drawn.salt, hash_type, config), made(hash_type)
    assert len(stored.hash) == len(alike.hash)
    assert TYPES[hash_type].settings(stored) == TYPES[hash_type].settings(alike)
    for password in ("", " ", SECRET, drawn.hash, drawn.salt or "x"):
        assert not check(password, stored, *STORE).ok


def test_the_types_that_a_graphics_card_makes_short_work_of_are_weak() -> None:
    assert set(WEAK) == {name for name in TYPES if name.startswith(("md5", "sha"))} | {"concrete5"}
    strongest = max(TYPES[name].strength(made(name)) for name in WEAK)
    for name in set(TYPES) - set(WEAK):
        config = TYPES[name].config
        drawn = unguessable(name, config)
        assert TYPES[name].strength(Stored(drawn.hash, drawn.salt, name, config)) > strongest + 10


@pytest.mark.parametrize("hash_type", WEAK)
def test_a_weak_type_is_chosen_only_where_the_operator_allows_it(hash_type: str) -> None:
    config = CHEAP.get(hash_type, TYPES[hash_type].config)

    require_choice(hash_type, config, allow_weak=True)
    with pytest.raises(UnusableChoice, match="PATRON_ALLOW_WEAK_HASHES") as raised:
        require_choice(hash_type, config, allow_weak=False)
    assert raised.value.property == "customer_password_hash_type"


@pytest.mark.parametrize("hash_type", sorted(set(TYPES) - {"concrete5"}))
def test_every_type_can_be_chosen_with_the_config_that_is_documented(hash_type: str) -> None:
    require_choice(hash_type, TYPES[hash_type].config, allow_weak=True)
    if hash_type != "pbkdf2":
        require_choice(hash_type, None, allow_weak=True)


@pytest.mark.parametrize("config", [None, "", "12"])
def test_pbkdf2_is_made_only_with_a_config_by_which_it_can_be_verified(config: str | None) -> None:
    with pytest.raises(UnusableChoice, match="is invalid: write iterations, length"):
        require_choice("pbkdf2", config, allow_weak=False)
    with pytest.raises(UnsupportedHashType, match="is invalid: write iterations, length"):
        hash_password(SECRET, "pbkdf2", config)
    assert check(SECRET, made("md5"), "pbkdf2", config) == Outcome(True)


@pytest.mark.parametrize("hash_type", TYPES)
@pytest.mark.parametrize("config", [None, "", "4", "8", "site", "10, 32, sha256", "x"])
def test_what_is_made_with_any_config_can_be_verified_with_it(hash_type: str, config: str | None) -> None:
    try:
        drawn = unguessable(hash_type, config)
    except UnsupportedHashType:
        return
    require_importable(hash_type, drawn.hash, drawn.salt, config)


def test_concrete5_is_chosen_with_the_salt_of_the_site() -> None:
    with pytest.raises(UnusableChoice, match="can't be blank: enter the PASSWORD_SALT"):
        require_choice("concrete5", None, allow_weak=True)


def test_an_unknown_account_costs_one_hash_of_the_stores(computed: Computed) -> None:
    for password in (SECRET, EMOJI, *UNREADABLE):
        assert costs(computed, password, None) == (Outcome(False), [("bcrypt", "dummy")])


def test_a_hash_of_the_stores_choice_costs_itself(computed: Computed) -> None:
    stored = made("bcrypt", config="5")

    assert costs(computed, SECRET, stored) == (Outcome(True), [("bcrypt", "verify")])
    for password in (WRONG, EMOJI, *UNREADABLE):
        assert costs(computed, password, stored) == (Outcome(False), [("bcrypt", "verify")])


@pytest.mark.parametrize("hash_type", sorted(set(TYPES) - {"argon2id", "wordpress", "craftcms", "bcrypt"}))
def test_a_weaker_hash_costs_itself_and_one_of_the_stores(hash_type: str, computed: Computed) -> None:
    stored = made(hash_type)

    outcome, paid = costs(computed, SECRET, stored)
    assert outcome.ok
    assert paid == [(hash_type, "verify"), ("bcrypt", "make")]
    for password in (WRONG, EMOJI, *UNREADABLE):
        failed = [(hash_type, "verify"), ("bcrypt", "dummy")]
        assert costs(computed, password, stored) == (Outcome(False), failed)


@pytest.mark.parametrize("hash_type", TYPES)
@pytest.mark.parametrize("store", [STORE, ("phpass", "2"), ("md5", ""), ("argon2id", ""), ("bcrypt", "99")])
def test_a_right_password_costs_what_a_wrong_one_does(
    hash_type: str, store: tuple[str, str], computed: Computed
) -> None:
    stored = made(hash_type)
    paid = [
        [hashed for hashed, _ in costs(computed, each, stored, *store)[1]] for each in (SECRET, WRONG, "")
    ]

    assert paid[0] == paid[1] == paid[2]


def test_a_dummy_costs_as_much_time_as_the_stores_hash() -> None:
    def seconds(stored: Stored | None, password: str) -> float:
        before = time.thread_time()
        check(password, stored, "bcrypt", "9")
        return time.thread_time() - before

    cases = [made("bcrypt", config="9"), made("md5"), None]
    spent = [min(seconds(stored, WRONG) for _ in range(5)) for stored in cases]
    assert max(spent) < 1.4 * min(spent)


def test_the_hash_that_replaces_another_is_as_the_store_says_and_verifies() -> None:
    outcome = check(SECRET, made("md5"), *STORE)

    assert outcome.rehash is not None
    assert (outcome.rehash.type, outcome.rehash.config, outcome.rehash.salt) == ("bcrypt", "5", None)
    assert outcome.rehash.hash.startswith("$2b$05$")
    assert check(SECRET, outcome.rehash, *STORE) == Outcome(True)
    again = check(SECRET, made("sha1"), "pbkdf2", "1000, 32, sha256").rehash
    assert again is not None
    assert check(SECRET, again, "pbkdf2", "1000, 32, sha256") == Outcome(True)


CONFIGS = {name: [CHEAP.get(name)] for name in TYPES} | {
    "bcrypt": ["4", "5", "6"],
    "craftcms": ["4", "5"],
    "phpass": ["2", "3"],
    "pbkdf2": ["10, 32, sha256", "10, 16, sha256", "11, 32, sha1", "20, 64, sha512"],
    "md5_salted_prefix": ["8", "9"],
    "concrete5": ["site", "another"],
}
del CONFIGS["argon2id"]  # it takes its time; the table below has it
choices = st.sampled_from([(name, config) for name, configs in CONFIGS.items() for config in configs])


def strength(stored: Stored) -> float:
    return TYPES[stored.type].strength(stored)


@settings(max_examples=100)
@given(choices, choices)
def test_a_hash_is_replaced_by_what_the_store_chose_and_never_by_a_weaker_one(
    old: tuple[str, str | None], chosen: tuple[str, str | None]
) -> None:
    stored, wanted = made(old[0], config=old[1]), made(chosen[0], config=chosen[1])
    outcome = check(SECRET, stored, *chosen)

    assert outcome.ok
    assert (outcome.rehash is not None) == (old != chosen and strength(wanted) >= strength(stored))
    if outcome.rehash is not None:
        assert (outcome.rehash.type, outcome.rehash.config) == chosen
        assert strength(outcome.rehash) == strength(wanted)
        assert check(SECRET, outcome.rehash, *chosen) == Outcome(True), "once is enough"


@pytest.mark.parametrize(
    ("stored", "store", "replaced"),
    [
        (made("bcrypt", config="5"), ("bcrypt", "5"), False),
        (Stored(made("bcrypt", config="5").hash, None, "bcrypt", "12"), ("bcrypt", "5"), False),
        (Stored(made("bcrypt", config="4").hash, None, "bcrypt", "5"), ("bcrypt", "5"), True),
        (made("bcrypt", config="6"), ("bcrypt", "5"), False),
        (made("wordpress", config="5"), ("phpass", "8"), False),
        (Stored(made("phpass").hash, None, "wordpress", None), ("wordpress", "5"), True),
        (Stored(made("bcrypt", config="5").hash, None, "wordpress", None), ("wordpress", "5"), True),
        (made("wordpress", config="5"), ("wordpress", "5"), False),
        (made("argon2id"), ("bcrypt", "12"), False),
        (made("bcrypt", config="6"), ("argon2id", "12"), True),
    ],
    ids=range(10),
)
def test_what_counts_is_what_a_hash_was_made_with(
    stored: Stored, store: tuple[str, str], replaced: bool
) -> None:
    assert (check(SECRET, stored, *store).rehash is not None) == replaced


def test_argon2id_as_it_is_made_replaces_bcrypt_at_the_default_cost() -> None:
    new = unguessable("argon2id", None)
    old = unguessable("bcrypt", None)

    assert strength(Stored(new.hash, None, "argon2id", None)) > strength(
        Stored(old.hash, None, "bcrypt", None)
    )


@pytest.mark.parametrize(
    "store", [("bcrypt", "99"), ("unheard of", "5"), ("concrete5", None), ("pbkdf2", "x")]
)
def test_a_store_whose_choice_makes_no_sense_replaces_nothing(
    store: tuple[str, str | None], computed: Computed
) -> None:
    assert check(SECRET, made("md5"), *store) == Outcome(True)
    assert not check(WRONG, made("md5"), *store).ok
    computed.clear()
    assert check(SECRET, None, *store) == Outcome(False)
    assert computed == [("bcrypt", "dummy")]


TOO_COSTLY = [
    Stored("$2b$16$" + "." * 53, None, "bcrypt", None),
    Stored("$wp$2y$16$" + "." * 53, None, "wordpress", None),
    Stored("$P$S" + "." * 30, None, "phpass", None),
    Stored("$S$S" + "." * 51, None, "drupal", None),
    Stored("A" * 43 + "=", "salt", "pbkdf2", "2000001, 32, sha256"),
    Stored(f"$argon2id$v=19$m=4194304,t=3,p=4${'A' * 22}${'A' * 43}", None, "argon2id", None),
    Stored(f"$argon2id$v=19$m=64,t=11,p=4${'A' * 22}${'A' * 43}", None, "argon2id", None),
]
NOT_WELL_FORMED = [
    Stored(bcrypt.hashpw(SECRET.encode(), b"$2x$04$" + b"." * 22).decode(), None, "bcrypt", None),
    Stored(hashlib.md5(SECRET.encode()).hexdigest(), None, "unheard of", None),
    Stored(hashlib.md5(SECRET.encode()).hexdigest(), None, "", None),
    Stored(hashlib.md5(SECRET.encode()).hexdigest(), None, "concrete5", None),
    Stored(SECRET, None, "md5", None),
    Stored("", "", "md5", ""),
    Stored("", None, "bcrypt", None),
]


@pytest.mark.parametrize("stored", TOO_COSTLY + NOT_WELL_FORMED, ids=range(14))
def test_what_could_not_be_imported_is_not_verified_and_costs_what_nobody_does(
    stored: Stored, computed: Computed
) -> None:
    assert costs(computed, SECRET, stored) == (Outcome(False), [("bcrypt", "dummy")])


@pytest.mark.parametrize("version", ["2a", "2b", "2y"])
def test_bcrypts_made_elsewhere_are_of_the_first_72_bytes(version: str, computed: Computed) -> None:
    long = "é" * 36 + "and what PHP leaves out"
    salt = f"${version}$04$".encode() + b"." * 22
    stored = Stored(bcrypt.hashpw(long.encode()[:72], salt).decode(), None, "bcrypt", "4")

    outcome, paid = costs(computed, long, stored)
    assert outcome == Outcome(True), "what cannot be set replaces nothing"
    assert paid == [("bcrypt", "verify"), ("bcrypt", "dummy")]
    assert check("é" * 36, stored, *STORE).rehash is not None
    assert not check("é" * 35, stored, *STORE).ok


def test_a_hash_of_a_long_password_made_elsewhere_is_verified_by_all_of_it() -> None:
    stored = Stored(hashlib.sha256(EMOJI.encode()).hexdigest(), None, "sha256", None)

    assert check(EMOJI, stored, *STORE) == Outcome(True)
    assert not check(EMOJI[:-1], stored, *STORE).ok
    assert not check(EMOJI[:-1] + "\U0001f98b", stored, *STORE).ok


def test_wordpress_trims_and_reads_passwords_of_any_length() -> None:
    stored = made("wordpress", SECRET)

    assert check(f"  {SECRET}\n", stored, *STORE).ok
    assert not check(" ", made("wordpress", "  "), *STORE).ok
    assert check("  ", made("wordpress", "  "), *STORE).ok


@given(st.text() | st.text("aä\U0001f4a9\0\ud800", max_size=600), st.none() | choices)
@settings(max_examples=60)
def test_any_text_may_be_given_at_a_sign_in(password: str, choice: tuple[str, str | None] | None) -> None:
    stored = made(choice[0], config=choice[1]) if choice else None

    assert check(password, stored, *STORE).ok == (choice is not None and password == SECRET)


@given(st.sampled_from(sorted(TYPES)), st.text(), st.none() | st.text(), st.none() | st.text())
@settings(max_examples=60)
def test_whatever_the_table_has_can_be_checked(
    hash_type: str, hashed: str, salt: str | None, config: str | None
) -> None:
    assert check(SECRET, Stored(hashed, salt, hash_type, config), *STORE) == Outcome(False)


def test_no_value_shows_a_hash() -> None:
    stored = made("md5_salted_prefix")
    outcome = check(SECRET, stored, *STORE)
    shown = repr([stored, Hashed(stored.hash, stored.salt), outcome])

    assert outcome.rehash is not None
    for secret in (stored.hash, stored.salt, outcome.rehash.hash, SECRET):
        assert secret is not None
        assert secret not in shown
