"""From an Accept header to the format that answers it, as RFC 9110 §12.5.1 weighs them."""

import pytest

from representations import ERROR_OFFERS, FORMATS, OFFERS, hal_json, negotiate

JSON, XML = "application/hal+json", "application/hal+xml"
SIREN, HTML = "application/vnd.siren+json", "text/html"
FORMS = "application/prs.hal-forms+json"
PROBLEM = "application/problem+json"


def chosen(accept: str) -> str | None:
    """The media type that answers this header; None where nothing on offer is acceptable."""
    offer = negotiate(accept, OFFERS)
    return offer.media_type if offer else None


def chosen_for_errors(accept: str) -> str | None:
    offer = negotiate(accept, ERROR_OFFERS)
    return offer.media_type if offer else None


@pytest.mark.parametrize("accept", ["", " ", ",", " , ,, ", "*/*", "*/*;q=0.1"])
def test_who_has_no_preference_gets_the_servers_first_format(accept: str) -> None:
    assert chosen(accept) == JSON


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (JSON, JSON),
        (XML, XML),
        (SIREN, SIREN),
        (HTML, HTML),
        ("application/*", JSON),
        ("text/*", HTML),
        ("text/*, application/*;q=0.9", HTML),
        ("image/png", None),
        ("image/*", None),
        ("image/png, */*", JSON),
        ("image/png, application/hal+xml;q=0.001", XML),
        ("application/hal", None),
        ("application/vnd.siren+xml", None),
        ("text/hal+json", None),
    ],
)
def test_a_range_fits_by_its_name_or_by_its_wildcard(accept: str, expected: str | None) -> None:
    assert chosen(accept) == expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (f"{JSON};q=0.8, {XML}", XML),
        (f"{JSON};q=0.8, {XML};q=0.8", JSON),
        (f"{XML};q=0.8, {JSON};q=0.8", JSON),
        (f"{JSON};Q=0.7, {XML};q=0.8", XML),
        (f"{SIREN}, {XML}", XML),
        (f"{FORMS}, {SIREN}", SIREN),
        (f"{FORMS}, {JSON};q=0.9", FORMS),
        (f"{JSON};q=0.001, {SIREN};q=0.002", SIREN),
        (f"{JSON};q=1, {XML};q=1.000, {SIREN};q=1.0", JSON),
        (f"{JSON};q=0.999, {XML};q=1.", XML),
        (f"{JSON};q=0.2, {XML};q=0.3, {SIREN};q=0.4, {HTML};q=0.5", HTML),
        (f"{SIREN};q=0.5, */*;q=0.4", SIREN),
    ],
)
def test_the_highest_weight_wins_and_the_server_decides_between_equals(accept: str, expected: str) -> None:
    assert chosen(accept) == expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (f"*/*, {JSON};q=0.1", XML),
        (f"{JSON};q=0.1, */*", XML),
        (f"*/*;q=0.1, {SIREN}", SIREN),
        ("application/*;q=0.1, */*", HTML),
        ("*/*, application/*;q=0.1", HTML),
        ("application/*, */*;q=0.9, application/hal+json;q=0.5", XML),
        ("text/*;q=0.3, text/html;q=0.7, */*;q=0.5", HTML),
        ("text/html;level=1;q=0.2, text/html, application/hal+json;q=0.5", JSON),
        ("text/html, text/html;level=1;q=0.2, application/hal+json;q=0.5", JSON),
        ("text/html;a=1;b=2;q=0.9, text/html;a=1;q=0.1, application/hal+json;q=0.5", HTML),
    ],
)
def test_the_most_specific_range_sets_the_weight_wherever_it_stands(accept: str, expected: str) -> None:
    assert chosen(accept) == expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (f"{JSON};q=0", None),
        (f"{JSON};q=0.000", None),
        ("*/*;q=0", None),
        (f"*/*;q=0, {SIREN}", SIREN),
        (f"{JSON};q=0, */*", XML),
        (f"*/*, {JSON};q=0", XML),
        (f"{JSON};q=0, {XML};q=0, */*;q=0.1", SIREN),
        (f"{JSON};q=0, application/*", XML),
        ("application/*;q=0, */*", HTML),
        ("application/*;q=0", None),
        (f"application/json, {JSON};q=0", "application/json"),
        (f"application/json;q=0, {JSON}", JSON),
        ("text/html;q=0, application/xhtml+xml", None),
    ],
)
def test_a_weight_of_zero_excludes_also_under_a_wildcard(accept: str, expected: str | None) -> None:
    assert chosen(accept) == expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/json", "application/json"),
        ("application/xml", "application/xml"),
        ("text/xml", "text/xml"),
        (f"application/json;q=0.5, {XML};q=0.4", "application/json"),
        ("text/xml, application/json", "application/json"),
        ("text/xml;q=0.9, text/*;q=0.5", "text/xml"),
    ],
)
def test_an_alias_answers_who_names_it_and_labels_the_answer(accept: str, expected: str) -> None:
    assert chosen(accept) == expected


@pytest.mark.parametrize(("alias", "canonical"), [("application/json", JSON), ("text/xml", XML)])
def test_an_alias_yields_to_the_name_that_is_registered(alias: str, canonical: str) -> None:
    assert chosen(f"{alias}, {canonical}") == canonical
    assert chosen(f"{alias}, {canonical};q=0.9") == alias


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("text/*", HTML),
        (f"{HTML};q=0, text/*", None),
        (f"{JSON};q=0, {XML};q=0, {SIREN};q=0, application/*", FORMS),
        (f"{JSON};q=0, {XML};q=0, {SIREN};q=0, {FORMS};q=0, application/*", None),
        (f"{JSON};q=0, {XML};q=0, {SIREN};q=0, {FORMS};q=0, {HTML};q=0, */*", None),
    ],
)
def test_a_wildcard_never_names_an_alias(accept: str, expected: str | None) -> None:
    assert chosen(accept) == expected


def test_plain_xml_is_never_ranked_above_html() -> None:
    assert chosen("application/xml, text/xml, text/html") == HTML


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/hal+xml;charset=utf-8", XML),
        ("application/hal+xml; charset=utf-8", XML),
        ("application/hal+xml; profile=x", XML),
        ('application/hal+xml; profile="https://x.example/a,b;c=d"', XML),
        ('application/hal+xml; profile="a \\" , b";q=0.2, application/hal+json;q=0.3', JSON),
        ('application/hal+xml; profile="a;q=0"', XML),
        ("application/hal+xml;q=0.5;ext=1, application/hal+json;q=0.4", XML),
        ("application/json;charset=utf-8", "application/json"),
        ("*/*;version=1", JSON),
        ("application/hal+xml;", XML),
        ("application/hal+xml;;q=0.5", XML),
    ],
)
def test_parameters_never_exclude_a_format(accept: str, expected: str) -> None:
    assert chosen(accept) == expected


@pytest.mark.parametrize(
    "accept",
    [
        "APPLICATION/HAL+XML",
        "Application/Hal+Xml;Q=0.5",
        "  application/hal+xml  ",
        "\tapplication/hal+xml\t;\tq=0.5\t",
        "application/hal+xml ; q=0.5 , application/hal+json ; q=0.4",
        "application/hal+xml;q = 0.5",
        ",,application/hal+xml,,",
        ", application/hal+xml ,",
    ],
)
def test_case_spaces_and_empty_members_mean_nothing(accept: str) -> None:
    assert chosen(accept) == XML


@pytest.mark.parametrize(
    "weight", ["abc", "", "-1", "1.5", "2", "0.1234", ".5", "1.001", "NaN", '"1"', "0 ."]
)
def test_a_member_with_a_malformed_weight_is_passed_over(weight: str) -> None:
    assert chosen(f"{XML};q={weight}, {SIREN};q=0.1") == SIREN


@pytest.mark.parametrize(
    "member",
    [
        *("hal", "application/", "/json", "application//json", "*/json", "*", "a/b/c", "a b/c", "text html"),
        *(f"{XML};a", f"{XML};=1", f'{XML};a="', f"{XML} x", f"{XML};a=b c"),
        *("*; q=.2", "@/@", "\x00/\x00", "é/é"),
    ],
)
def test_a_member_that_is_no_media_range_is_passed_over(member: str) -> None:
    assert chosen(f"{SIREN}, {member}") == SIREN


@pytest.mark.parametrize("accept", ["nonsense", f"{XML};q=abc", "*/json", '"', "*, *", ";;;", "\x00", "q=0"])
def test_where_no_member_is_left_the_header_counts_as_absent(accept: str) -> None:
    assert chosen(accept) == JSON


@pytest.mark.parametrize(
    ("client", "accept", "expected"),
    [
        ("hal-browser", "application/hal+json, application/json, */*; q=0.01", JSON),
        ("restnavigator", "application/hal+json,application/json", JSON),
        ("curl", "*/*", JSON),
        ("axios", "application/json, text/plain, */*", JSON),
        ("jQuery", "application/json, text/javascript, */*; q=0.01", "application/json"),
        ("Java", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", HTML),
        ("Safari", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
        (
            "Chrome",
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
            "application/signed-exchange;v=b3;q=0.7",
            HTML,
        ),
        ("an image element", "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5", JSON),
        (
            "Ketting",
            "application/prs.hal-forms+json;q=1.0, application/hal+json;q=0.9,"
            " application/vnd.api+json;q=0.8, application/vnd.siren+json;q=0.8,"
            " application/vnd.collection+json;q=0.8, application/json;q=0.7, text/html;q=0.6",
            FORMS,
        ),
        ("Siren's clients", "application/vnd.siren+json,application/json;q=0.9,*/*;q=0.1", SIREN),
    ],
)
def test_real_clients_get_what_they_mean(client: str, accept: str, expected: str) -> None:
    assert chosen(accept) == expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (PROBLEM, PROBLEM),
        (f"{JSON}, {PROBLEM}", PROBLEM),
        (f"{JSON}, {PROBLEM};q=0.5", JSON),
        (f"{PROBLEM}, */*;q=0.1", PROBLEM),
        ("*/*", JSON),
        ("", JSON),
        ("application/*", JSON),
        ("application/json", "application/json"),
    ],
)
def test_errors_are_problems_only_for_who_names_them(accept: str, expected: str) -> None:
    assert chosen_for_errors(accept) == expected


def test_what_is_no_error_is_never_a_problem() -> None:
    assert chosen(PROBLEM) is None


def test_every_format_is_offered_by_its_name_and_its_aliases_and_aliases_come_last() -> None:
    names = [each.MEDIA_TYPE for each in FORMATS]
    aliases = [alias for each in FORMATS for alias in each.ALIASES]

    assert [offer.media_type for offer in OFFERS] == [*names, *aliases]
    assert [offer.alias for offer in OFFERS] == [False] * len(names) + [True] * len(aliases)


def test_the_format_of_an_alias_is_the_one_that_has_it() -> None:
    offer = negotiate("application/json", OFFERS)

    assert offer is not None
    assert offer.format is hal_json
