"""What strangers send: texts, values, whole bodies, headers and parameters that no careful client would."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from app.query.properties import OPERATORS

# Hypothesis takes literals that it finds in our code for its own texts, as names of properties too, which
# answers do repeat: none of these is one as it stands.
_WRITTEN = ("4024_0071_0393_9509", "5105_1051_0510_5100", "3714_496353_98431")
CARDS = tuple(each.replace("_", separator) for each, separator in zip(_WRITTEN, ("", " ", "-"), strict=True))
PASSWORD = "-".join(("Canary", "9182", "secret"))
CANARIES = (*CARDS, *(each.replace("_", "") for each in _WRITTEN), PASSWORD)
"""What no answer may repeat: numbers of cards, and a password."""

texts = st.sampled_from(
    [
        *("", " ", "\x00", "a\x00b", "\x1b[31m", "\x7f", "\ud800", "\udfff", "\ufffe", "\u202e", "\ufeff"),
        *("'", '"', "\\", "%", "%00", "%s%n", "{{7*7}}", "${7}", "<script>", "]]>", "&lt;", "\r\nX: 1", "\n"),
        *("' OR 1=1 --", "'; DROP TABLE customer; --", "../../etc/passwd", "file:///etc/passwd", "null"),
        *("x" * 51, "x" * 101, "é" * 1001, "😀" * 600, "١٢", "1e999", "NaN", "-0", "0x10", "true ", "İ@ı.tr"),
        *("a@b", "a@-.com", "@", "a" * 300 + "@x.de", "9" * 5000),
    ]
) | st.text(st.characters(), max_size=12)
numbers = st.sampled_from([0, 1, -1, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63) - 1, 10**400, 0.5, 1e308])
harmless = st.none() | st.booleans() | numbers | texts
scalars = harmless | st.sampled_from(CARDS)
values: st.SearchStrategy[Any] = scalars | st.recursive(
    harmless,  # a form would write a list of numbers as a text that has one in it, which is no secret
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc") | texts, inner, max_size=3)
    ),
    max_leaves=5,
)

media_types = st.sampled_from(
    ["", "text/csv", "application/json; charset=utf-16", "multipart/form-data", "x"]
)
scripts = st.sampled_from(
    [
        b'[{"op":"test","path":"/email","value":"x"}]',
        b'[{"op":"remove","path":"/first_name"},{"op":"remove","path":"/email"}]',
        b'[{"op":"copy","from":"/email","path":"/first_name"},{"op":"move","from":"/last_name","path":"/tax_id"}]',
        b'[{"op":"add","path":"/email/0","value":1}]',
        b'[{"op":"add","path":"/is_active/x/y","value":{}}]',
        b'[{"op":"replace","path":"","value":[]}]',
        b'[{"op":"add","path":"/first_name/-","value":"x"}]',
        b'[{"op":"copy","from":"","path":"/first_name"}]',
        b'[{"op":"move","from":"/first_name","path":"/first_name/x"}]',
        b"[{}]",
        b'{"op":"add"}',
    ]
)
bodies = st.binary(max_size=60) | st.sampled_from(
    [
        *(b"", b" ", b"null", b"[]", b"{}", b"1", b'"x"', b"[" * 10_000, b'{"a":' * 10_000, b"<a>" * 10_000),
        *(
            b'{"email":"a@b.de","email":"c@d.de"}',
            b'{"email":NaN}',
            b'{"first_name":1e400}',
            b"\xff\xfe{\x00}\x00",
        ),
        *(
            b'{"first_name":"\\ud800"}',
            b'{"first_name":"\\u0000"}',
            b"\xef\xbb\xbf{}",
            b'{"first_name":"\xff"}',
        ),
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a><email>&d;</email></a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<?xml version="1.0" encoding="UTF-16"?><a/>',
        *(
            b"<a><email/><email/></a>",
            b"<a>text</a>",
            b"<a",
            b"%",
            b"%zz=1",
            b"email=%ff",
            b"&&&=",
            b"0[a]=1&b=2",
        ),
        *(b"x" * 70_000, b'{"first_name":"' + b"x" * 70_000 + b'"}', b"a=" + b"%41" * 20_000),
    ]
)


_asked = st.sampled_from(
    [
        *(
            "zoom=attributes",
            "zoom=customer_addresses,attributes",
            "zoom=:",
            "zoom=x",
            "zoom=" + "a," * 60,
            "zoom",
        ),
        *(
            "fields=first_name",
            "fields=password",
            "limit=2",
            "limit=-1",
            "limit=301",
            "offset=1",
            "offset=2147483648",
        ),
        *(
            "cursor=1",
            "cursor=x",
            "order=email",
            "order=-id,email%20desc",
            "order=password",
            "order=" + "id," * 99,
        ),
        *(
            "is_anonymous=true",
            "is_anonymous=\xe9",
            "(((=)))",
            "email=a" + "|email=b" * 500,
            "a" * 9000 + "=1",
        ),
        *("%00=%00", "%ff", "=", "&&", "q='%20OR%201=1--", "attributes:name[a=b", "attributes:name]a[=b"),
    ]
)
_filtered = st.sampled_from(
    [
        *(
            "email",
            "first_name",
            "id",
            "is_anonymous",
            "date_created",
            "tax_exempt",
            "password",
            "password_hash",
        ),
        *(
            "attributes:name",
            "attributes:value",
            "customer_addresses:city",
            "customer_addresses",
            "name",
            "status",
        ),
        *(
            "default_billing_address:country",
            "attributes:name[a]",
            "attributes:name[[",
            "store:id",
            "x",
            "total",
        ),
    ]
)
_operators = st.sampled_from(["", *(f":{each}" for each in OPERATORS), ":like", ":not:in", ":"])
_compared = st.sampled_from(
    [
        *(
            "",
            "1",
            "true",
            "x",
            "*x*",
            "a,b,c",
            ",",
            "null",
            "2020-01-01",
            "2020-01-01..2020-02-01",
            "..",
            "a..b",
        ),
        *(
            "2013-08-16T14:13:54-0700",
            "9999-12-31",
            "0000-00-00",
            "2020-13-45",
            "9" * 30,
            "1.5",
            "%25_%5C",
            "*" * 300,
        ),
        *(
            "a|b",
            "a|email=b",
            "a|first_name:in=c|id=1",
            "|",
            "email=x|",
            "%00",
            "%F0%9F%98%80",
            "%C4%B0",
            "-1",
            "1e5",
        ),
    ]
)
_filters = st.builds("{}{}={}".format, _filtered, _operators, _compared)
parameters = _asked | _filters | st.binary(max_size=20).map(lambda raw: raw.decode("latin-1"))

HEADERS: Mapping[str, tuple[str, ...]] = {
    "If-Match": ("*", '"1-x"', 'W/"2-y"', '"0-"', '"', "\xff", '"1"' * 500),
    "If-None-Match": ("*", '"1-x"', '"0"', "x"),
    "Prefer": (
        *("return=minimal", "handling=lenient", "transclude=attributes", 'transclude="fx:customer;x"'),
        *("return=minimal, handling=lenient", "=;,", '"' * 300),
    ),
    "Idempotency-Key": ("one", '"two"', "", "x" * 256, "\xe9", '"a"b"'),
    "X-HTTP-Method-Override": ("PATCH", "put", "DELETE", "GET", "", "BREW"),
    "FOXY-API-VERSION": ("1", "2", ""),
    "Authorization": ("", "Bearer x", "Basic eDp5", "Bearer \xff", "Bearer " + "x" * 5000),
    "Expect": ("100-continue",),
    "Content-Encoding": ("gzip",),
}
accepts = st.sampled_from(
    (
        "text/csv",
        "*/*",
        "",
        "application/*;q=0",
        ";q=",
        ",,,",
        "a/b;q=9, */*;q=0.1",
        "\xff/\xff",
        "text/html;q=0.1," * 99,
    )
)
ids = st.sampled_from(
    ["0", "-1", "999999", "2147483648", "9" * 30, "x", "%00", "1%2F2", "%ff", "١", "115", "countries"]
)
