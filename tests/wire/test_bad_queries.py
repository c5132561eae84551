"""A query that makes no sense is a 400 that names the offender and the remedy; never a 500."""

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.site import Site
from tests.wire.crowd import CUSTOMERS, crowd

ON_ONE_ENGINE = True

assert crowd  # a fixture

MANY = "|".join(f"email=a{number}" for number in range(500))
BAD_QUERIES = [
    ("attributes:name[color=red", "attributes:name[color", "unbalanced brackets"),
    ("attributes:name[color]]=red", "attributes:name[color]]", "unbalanced brackets"),
    ("attributes:name[[color]=red", "attributes:name[[color]", "unbalanced brackets"),
    ("attributes:name]color[=red", "attributes:name]color[", "unbalanced brackets"),
    ("attributes:namecolor]=red", "attributes:namecolor]", "never opened"),
    ("attributes:name[]=red", "attributes:name[]", "needs a name"),
    ("attributes:name[a]not=red", "attributes:name[a]not", "unbalanced brackets"),
    ("attributes:name[a]:nto=red", "attributes:name[a]:nto", "it takes not, in"),
    ("attributes:name[a]:not:in=red", "attributes:name[a]:not:in", "it takes not, in"),
    ("attributes:value[a]=red", "attributes:value[a]", "takes no brackets"),
    ("name[a]=red", "name[a]", "takes no brackets"),
    ("email[a]=x", "email[a]", "takes no brackets"),
    ("customer_addresses:name[a]=x", "customer_addresses:name[a]", "takes no brackets"),
    ("attributes:name[a\0]=x", "attributes:name[a\ufffd]", "NUL"),
    ("email:like=x", "email:like", "email takes not, in, lessthan"),
    ("email:not:in=x", "email:not:in", "email takes not"),
    ("email:=x", "email:", "email takes not"),
    (":email=x", ":email", "not a known parameter"),
    ("email", "email", None),
    ("customer_addresses=x", "customer_addresses", "not a known parameter"),
    ("customer_addresses:=x", "customer_addresses:", "no property ''"),
    ("customer_addresses:town=x", "customer_addresses:town", "customer_address has"),
    ("customer_addresses:city:like=x", "customer_addresses:city:like", "city takes not"),
    ("customer_addresses:country:city:not=x", "customer_addresses:country:city:not", "country takes not"),
    ("transactions:id=1", "transactions:id", "not a known parameter"),
    ("store:store_name=x", "store:store_name", "not a known parameter"),
    ("first_name=a\0b", "first_name", "NUL"),
    ("id=a", "id", "whole number"),
    ("id=1.5", "id", "whole number"),
    ("id=", "id", "whole number"),
    ("id=1*", "id", "whole number"),
    ("id:in=1,,2", "id:in", "whole number"),
    ("id=9223372036854775808", "id", "64 bits"),
    ("id=-99999999999999999999", "id", "64 bits"),
    ("id:lessthan=9e99", "id:lessthan", "64 bits"),
    ("id=1..2..3", "id", "2..3"),
    ("id=..", "id", "needs an end"),
    ("id=x..x", "id", "needs an end"),
    ("id=a..b", "id", "a"),
    ("id:in=1..2", "id:in", "1..2"),
    ("id:in=" + ",".join("1" for _ in range(301)), "id:in", "at most 300"),
    ("last_name:in=" + "," * 300, "last_name:in", "at most 300"),
    ("date_created=yesterday", "date_created", "YYYY-MM-DD"),
    ("date_created=2013-02-30", "date_created", "2013-02-30"),
    ("date_created=2013-08-16T25:00:00", "date_created", "25:00:00"),
    ("date_created=2013-08-16T14:13:54+99:99", "date_created", "99:99"),
    ("date_created=0000-00-00", "date_created", "0000-00-00"),
    ("date_created=2013", "date_created", "2013"),
    ("date_created=2013-08-16..2013", "date_created", "2013"),
    ("date_created=2013-08-16...2013-08-17", "date_created", ".2013-08-17"),
    ("date_created=2013-08-16*", "date_created", "2013-08-16*"),
    ("date_created:lessthan=x", "date_created:lessthan", "not x"),
    ("is_active=1", "is_active", "true or false"),
    ("is_active:lessthan=true", "is_active:lessthan", "is_active takes not, in, isdefined"),
    ("is_active=false..true", "is_active", "true or false"),
    ("email:isdefined=perhaps", "email:isdefined", "true or false"),
    ("last_name=a|email:isdefined=perhaps", "email:isdefined", "true or false"),
    (f"email={MANY}", "email", "more than 50 conditions"),
    ("&".join(f"id:not={number}" for number in range(51)), "id:not", "more than 50 conditions"),
    ("password_hash=x", "password_hash", "not a known parameter"),
    ("password_salt:isdefined=true", "password_salt:isdefined", "not a known parameter"),
    ("password=x", "password", "not a known parameter"),
    ("forgot_password=*", "forgot_password", "not a known parameter"),
    ("email_key=x", "email_key", "not a known parameter"),
    ("store_id=67", "store_id", "not a known parameter"),
    ("attributes:client=x", "attributes:client", "no property 'client'"),
    ("order=password_hash", "order", "password_hash is not a property to order by"),
    ("order=forgot_password desc", "order", "forgot_password is not a property"),
    ("order=nonsense", "order", "these are: id, "),
    ("order=email up", "order", "asc or desc, not up"),
    ("order=email desc desc", "order", "asc or desc"),
    ("order=-email", "order", "-email is not a property"),
    ("order=email,email desc", "order", "more than once"),
    ("order=customer_addresses:city", "order", "is not a property"),
    ("order=id,email,last_name,first_name,tax_id,is_active", "order", "at most 5"),
    ("order=id&order=email", "order", "more than once"),
    ("cursor=1&cursor=2", "cursor", "more than once"),
]


@pytest.mark.parametrize(("query", "name", "said"), BAD_QUERIES, ids=[each[0][:40] for each in BAD_QUERIES])
def test_a_bad_query_is_refused_by_name(crowd: Site, query: str, name: str, said: str | None) -> None:
    pairs = (each.partition("=") for each in query.split("&"))
    encoded = "&".join(f"{quote(left)}{sign}{quote(right)}" for left, sign, right in pairs)
    answer = crowd.ask(f"{CUSTOMERS}?{encoded}")

    if said is None:
        assert answer.status_code == 200
        return
    assert answer.status_code == 400
    (error,) = json.loads(answer.data)["_embedded"]["fx:errors"]
    assert error["property"] == name
    assert said in error["message"]


def test_every_faulty_filter_has_an_entry_of_its_own(crowd: Site) -> None:
    status, errors = crowd.refused(f"{CUSTOMERS}?id=a&nonsense=1&date_created=b&email=ok&is_active=c&id=a")

    assert status == 400
    assert [each["property"] for each in errors] == ["id", "nonsense", "date_created", "is_active"]


@pytest.mark.parametrize("length", [6144, 8000, 8193, 20_000])
def test_a_query_that_page_links_could_not_carry_is_too_long(crowd: Site, length: int) -> None:
    status, (error,) = crowd.refused(f"{CUSTOMERS}?last_name={'x' * length}")

    assert status == 414
    assert "characters" in error["message"]


def test_the_links_of_the_longest_query_can_be_followed(crowd: Site) -> None:
    path = f"{CUSTOMERS}?last_name:not={'x' * 6090}&limit=1&order=last_name"
    page = crowd.hal(path)

    assert crowd.hal(page["_links"]["next"]["href"])["returned_items"] == 1


def test_the_largest_query_that_is_taken_is_answered(crowd: Site) -> None:
    dates = ",".join("2013-08-16" for _ in range(300))
    alternatives = "|".join(f"email=*a*{number}*" for number in range(50))

    assert crowd.ask(f"{CUSTOMERS}?date_created:in={dates}&is_active=true").status_code == 200
    assert crowd.ask(f"{CUSTOMERS}?{quote(alternatives, safe='=')}").status_code == 200
    related = "&".join(f"attributes:name%5B{number}%5D:not=x" for number in range(49))
    assert crowd.ask(f"{CUSTOMERS}?{related}").status_code == 200


WORDS = (
    "id", "email", "last_name", "date_created", "is_anonymous", "is_active", "attributes", "name", "value",
    "city", "customer_addresses", "default_billing_address", "isdefined", "not", "in", "lessthan",
    "greaterthanorequal", "[", "]", "[color]", ":", "", "order", "limit", "cursor", "offset", "fields",
    "zoom",
)  # fmt: skip
SIGNS = (
    "*", "..", "|", "=", ",", "true", "false", "2013-08-16", "T", "Z", " 0700", "x", "-1", "5", "9" * 19,
    "desc", "é", "\U0001f600", "%", "_", "\\", "[", "]", "?", "'", '"', "\0", "email", "is_anonymous=",
    "|last_name:not=", "|attributes:name[a]=", "&", "WyJhIiwxXQ",
)  # fmt: skip
names = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(":".join) | st.lists(
    st.sampled_from(WORDS), min_size=1, max_size=4
).map("".join)
values = st.lists(st.sampled_from(SIGNS), max_size=6).map("".join)
FUZZ = settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@FUZZ
@given(pairs=st.lists(st.tuples(names | st.sampled_from(WORDS), values), min_size=1, max_size=4))
def test_no_query_of_their_words_makes_the_server_fail(crowd: Site, pairs: list[tuple[str, str]]) -> None:
    asked = "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs)

    assert crowd.ask(f"{CUSTOMERS}?{asked}").status_code in {200, 400}
