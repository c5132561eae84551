"""What negotiation owes to any Accept header, also to one that nobody in their right mind sends."""

import time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from representations import OFFERS
from tests.unit.strategies import BOUNDED
from tests.unit.test_negotiation import chosen

LARGE = 100_000


@pytest.mark.parametrize(
    "unit",
    [*(",", ";", '"', " ", "a", "a/", "a/b,", "*/*,", "a/b;q=0.1,"), 'a/b;x="', '\\"', ";x=y", ";x", "; "],
)
@pytest.mark.parametrize("start", ["", "application/hal+json", 'application/hal+json;x="'])
def test_a_huge_header_is_answered_quickly(start: str, unit: str) -> None:
    accept = (start + unit * (LARGE // len(unit)))[:LARGE]
    before = time.process_time()
    chosen(accept)

    assert time.process_time() - before < 1


@BOUNDED
@given(st.text() | st.text(alphabet='*/;,=q.01"\\ a+xml\t', max_size=60))
def test_no_text_at_all_is_too_much(accept: str) -> None:
    assert chosen(accept) in {None, *(offer.media_type for offer in OFFERS)}


_ranges = st.sampled_from([offer.media_type for offer in OFFERS] + ["*/*", "application/*", "text/*", "a/b"])
_weights = st.integers(0, 1000).map(lambda thousandth: f"{thousandth / 1000:.3f}")
_members = st.dictionaries(_ranges, _weights, min_size=1, max_size=6)


def written(members: dict[str, str]) -> list[str]:
    return [f"{name};q={weight}" for name, weight in members.items()]


@BOUNDED
@given(_members, st.randoms(use_true_random=False))
def test_the_order_of_the_members_changes_nothing(members: dict[str, str], random: Random) -> None:
    shuffled = random.sample(written(members), len(members))

    assert chosen(",".join(written(members))) == chosen(", ".join(shuffled))


@BOUNDED
@given(_members)
def test_what_answers_is_the_first_of_what_weighs_most(members: dict[str, str]) -> None:
    """By the letter of the RFC, range by range; an alias weighs only what its own name was given."""

    def weight(media_type: str, *, alias: bool) -> float:
        fitting = [media_type] if alias else [media_type, f"{media_type.partition('/')[0]}/*", "*/*"]
        return next((float(members[name]) for name in fitting if name in members), 0.0)

    weights = {each.media_type: weight(each.media_type, alias=each.alias) for each in OFFERS}
    most = max(weights.values())
    best = [name for name, weight in weights.items() if weight == most]

    assert chosen(", ".join(written(members))) == (best[0] if most else None)
