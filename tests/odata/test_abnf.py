"""The public test cases of OData's grammar (oasis-tcs/odata-abnf), in the words of Patron's model.

Each is the case of that name, with a property of the same type. What OData's grammar has and Patron does not
offer is 501, never 400; what the grammar refuses is refused. Two leniencies are meant: blanks around an
option's name and value, and `not(` without a blank.
"""

from urllib.parse import quote

import pytest

from app.errors import Refusal
from app.odata.paths import parse_path
from tests.odata.asking import status

UNDERSTOOD = {
    "5.1.1 Filter": "$filter=true",
    "5.1.1 $ is optional": "filter=true",
    "5.1.1 Filter - boolean property": "$filter=IsActive",
    "5.1.1 Filter - blank before the value": "$filter= true",
    "5.1.1.1.1 Equals - two literals": "$filter=true eq false",
    "5.1.1.1.1 Equals - boolean": "$filter=TaxExempt eq true",
    "5.1.1.1.1 Equals - decimal": "$filter=Id eq 4.0",
    "5.1.1.1.1 Equals": "$filter=Name eq 'Hugo'",
    "5.1.1.1.2 Not Equals": "$filter=Name ne 'Milk'",
    "5.1.1.1.2 Not Equals - two literals": "$filter=true ne false",
    "5.1.1.1.3 Greater Than": "$filter=Name gt 'Milk'",
    "5.1.1.1.4 Greater Than or Equal": "$filter=Name ge 'Milk'",
    "5.1.1.1.5 Less Than": "$filter=Name lt 'Milk'",
    "5.1.1.1.6 Less Than or Equal": "$filter=Name le 'Milk'",
    "5.1.1.1.7 Logical And": "$filter=true and false",
    "5.1.1.1.8 Logical Or": "$filter=true or false",
    "5.1.1.1.9 Logical Negation": "$filter=not false",
    "5.1.1.1.12 Examples - path": "$filter=Account/Name eq 'Milk'",
    "5.1.1.1.12 Examples - upper case": "$filter=Name EQ 'Milk' AND Id LT 2.55",
    "5.1.1.1.12 Examples - mixed case": "$filter=Name Eq 'Milk' OR Id Lt 2.55",
    "5.1.1.1.12 Examples - not": "$filter=not endswith(Name,'ilk')",
    "5.1.1.1.12 Examples - in": "$filter=Name in ('Milk', 'Cheese')",
    "5.1.1.2.1 Addition": "$filter=Id add 2.45 eq 5.00",
    "5.1.1.2.1 Addition in brackets": "$filter=(Id add 2.45) mod 2 eq 1",
    "5.1.1.2.2 Subtraction": "$filter=Id sub 0.55 eq 2.00",
    "5.1.1.2.3 Negate": "$filter=-Id lt 0",
    "5.1.1.2.4 Multiplication": "$filter=Id mul 2.0 eq 5.10",
    "5.1.1.2.5 Division": "$filter=Id div 2.55 eq 1",
    "5.1.1.2.5 Division by": "$filter=Id divby 2 eq 2.5",
    "5.1.1.2.6 Modulo": "$filter=Id mod 5 eq 0",
    "5.1.1.3 Parenthesis": "$filter=(true)",
    "5.1.1.3 Parenthesis with blanks": "$filter=( true )",
    "5.1.1.3 Parenthesis around a comparison": "$filter=(Name eq 'Milk')",
    "5.1.1.3 Parenthesis in arithmetic": "$filter=(4 add 5) mod (4 sub 1) eq 0",
    "5.1.1.5.1 concat": "$filter=concat(Name, Email) eq 'x'",
    "5.1.1.5.1 concat nested": "$filter=concat(concat(Name,'-'),Email) eq 'x'",
    "5.1.1.5.2 contains": "$filter=contains(Name,'lfreds')",
    "5.1.1.5.3 endswith": "$filter=endswith(Name,'Futterkiste')",
    "5.1.1.5.3 indexof": "$filter=indexof(Name,'lfreds') eq 1",
    "5.1.1.5.5 length": "$filter=length(Name) eq 19",
    "5.1.1.5.6 startswith": "$filter=startswith(Name,'Futterkiste')",
    "5.1.1.5.6 startswith of a path": "$filter=startswith(Account/Name,'Futterkiste')",
    "5.1.1.5.7 substring": "$filter=substring(Name, 5) eq 'x'",
    "5.1.1.5.7 substring with length": "$filter=substring(Name,5,2) eq 'x'",
    "5.1.1.7.2 tolower": "$filter=tolower(Name) eq 'x'",
    "5.1.1.7.3 toupper": "$filter=toupper(Name) eq 'X'",
    "5.1.1.7.4 trim": "$filter=trim(Name) eq 'x'",
    "5.1.1.8.1 date": "$filter=date(CreateDate) eq 2012-09-03",
    "5.1.1.8.2 day": "$filter=day(CreateDate) eq 1",
    "5.1.1.8.4 hour": "$filter=hour(CreateDate) eq 1",
    "5.1.1.8.7 minute": "$filter=minute(CreateDate) eq 1",
    "5.1.1.8.8 month": "$filter=month(CreateDate) eq 1",
    "5.1.1.8.9 now": "$filter=CreateDate lt now()",
    "5.1.1.8.9 now, percent-encoded": "$filter=CreateDate%20lt%20now%28%20%29",
    "5.1.1.8.10 second": "$filter=second(CreateDate) eq 1",
    "5.1.1.8.11 time": "$filter=time(CreateDate) eq 11:22:33.4444444",
    "5.1.1.8.14 year": "$filter=year(CreateDate) eq 2019",
    "5.1.1.13.1 any()": "$filter=BillingAddresses/any()",
    "5.1.1.13.1 any( )": "$filter=BillingAddresses/any( )",
    "5.1.1.13.1 any(lambda:true)": "$filter=BillingAddresses/any(lambda:true)",
    "5.1.1.13.1 any with blanks": "$filter=BillingAddresses/any( lambda : true )",
    "5.1.1.13.1 any of a property": "$filter=BillingAddresses/any(lambda:lambda/IsLocked)",
    "5.1.1.13.1 any of $it": "$filter=BillingAddresses/any(lambda:$it/IsActive)",
    "5.1.1.13 lambda and $it": "$filter=BillingAddresses/any(a:a/Address/Name eq $it/Name)",
    "5.1.1.13.2 all()": "$filter=BillingAddresses/all(lambda:true)",
    "5.1.1.14.1 primitive literal": "$filter=CreateDate gt 2013-05-24",
    "5.1.1.14.4 $it": "$filter=$it/IsActive",
    "4.8 Count in $filter": "$filter=BillingAddresses/$count gt 0",
    "4.8 Count in $orderby": "$orderby=BillingAddresses/$count",
    "in operator with empty literal list": "$filter=Name in ()",
    "5.1.2 Expand - single": "$expand=BillingAddresses",
    "5.1.2 Expand - $ is optional": "expand=BillingAddresses",
    "5.1.2 Expand - multiple": "$expand=Account,BillingAddresses",
    "5.1.2 Expand - nested": "$expand=Account,BillingAddresses($expand=Customer)",
    "5.1.2 Expand - nested, no $": "expand=Account,BillingAddresses(expand=Customer)",
    "5.1.2 Expand - count": "$expand=BillingAddresses($count=true)",
    "5.1.2 Expand - options": "$expand=BillingAddresses($select=Id;$expand=Customer($select=Name,Id))",
    "5.1.2 Expand - star": "$expand=*",
    "5.1.2 Expand - star and another": "$expand=*,Account",
    "5.1.3 Select - simple": "$select=Name,CreateDate",
    "5.1.3 Select - $ is optional": "select=Name,CreateDate",
    "5.1.3 Select - star": "$select=*",
    "5.1.3 Select - in expand": "$expand=Account($select=Name)",
    "5.1.4 OrderBy": "$orderby=Name",
    "5.1.4 OrderBy - case-insensitive": "$OrderBy=Name",
    "5.1.4 OrderBy - $ is optional": "OrderBy=Name",
    "5.1.4 OrderBy asc, behind a tab": "$orderby=Name\tasc",
    "5.1.4 OrderBy mixed": "$orderby=Name asc,Id,CreateDate desc",
    "5.1.4 OrderBy expression": "$orderby=Name ge Email asc",
    "5.1.5 Top and Skip": "$top=5&$skip=10",
    "5.1.5 Top and Skip - $ is optional": "top=5&skip=10",
    "5.1.6 Inlinecount": "$count=true",
    "5.1.6 Inlinecount - $ is optional": "count=true",
    "5.1.6 Inlinecount - false": "$count=false",
    "5.1.8 Format": "$format=json",
    "5.1.8 Format - $ is optional": "format=json",
    "5.2 Custom Query Option": "find=O%27Neil&!special",
    "5.2 Custom Query Option, with others": "$orderby=Name&!deltatoken=0412312321",
    "5.3 Parameter Aliases": "$filter=contains(Name,@word)&@word='Black'",
    "5.3 Parameter Aliases, percent-encoded": "$filter=Name eq @title&@title='Wizard%20of%20Oz'",
    "Next Link": "$skiptoken=Start@Next_Chunk:From?=Here!",
}

REFUSED = {
    "5.1.1.13.1 any() requires a path": "$filter=any()",
    "5.1.1.13.2 all() requires a path": "$filter=all(lambda:true)",
    "5.1.1.13.2 all() must contain a lambda": "$filter=BillingAddresses/all()",
    "5.1.6 Inlinecount without a value": "$count",
    "common expression cannot be empty": "$filter=",
    "lists only allowed right of in": "$filter=Email eq ('Miller','Smith')",
    "String with one quote within": "$filter=Name eq 'O'Neil'",
    "String with one encoded quote within": "$filter=Name eq 'O%27Neil'",
    "Decimal - trailing dot": "$filter=Id eq 42.",
    "Decimal - no digit before the point": "$filter=Id eq .1",
    "Double with two exponents": "$filter=Id eq -0.314e1e2",
    "DateTimeOffset 24:00": "$filter=CreateDate eq 2011-12-31T24:00Z",
    "DateTimeOffset 24:00 with an offset": "$filter=CreateDate eq 2012-09-03T24:00-03:00",
    "TimeOfDay 24:00": "$filter=time(CreateDate) eq 24:00:00",
    "Guid with wrong character": "$filter=Name eq 01234g67-89ab-cdef-0123-456789abcdef",
    "Guid with less than 32 digits": "$filter=Name eq 01234567-89ab-cdef-456789abcdef",
    "Binary with X": "$filter=Name eq X'1a2B3c4D'",
    "Identifier: no starting digit": "$filter=0time eq 1",
    "Functions in commonExpr - no brackets": "$filter=startswith",
    "boolean - only true and false": "$filter=IsActive eq 1",
}

UNOFFERED = {
    "4.8 Count with a filter": "$filter=BillingAddresses/$count($filter=Id gt 5) gt 2",
    "4.12 Filter segment": "$filter=BillingAddresses/$filter(Id gt 3)/$count lt 10",
    "4.11 Inheritance": "$filter=Account/Patron.Account/Name eq 'x'",
    "4.11 Inheritance in $expand": "$expand=Patron.Customer/Account",
    "5.1.1.1.1 comparing complex types": '$filter=Account eq {"Name":"x"}',
    "5.1.1.1.12 has": "$filter=Name has Sales.Pattern'Yellow'",
    "5.1.1.1.12 in a JSON array": '$filter=Name in ["Milk", "Cheese"]',
    "5.1.1.5.2 contains of arrays": '$filter=contains(Name,["Fred","George"])',
    "5.1.1.6.1 hassubset": '$filter=hassubset(Names,["Milk"])',
    "5.1.1.6.2 hassubsequence": "$filter=hassubsequence([4,1,3],[4,3])",
    "5.1.1.7.1 matchesPattern": "$filter=matchesPattern(Name,'%5EA.*e$')",
    "5.1.1.8.3 fractionalseconds": "$filter=fractionalseconds(CreateDate) eq 0",
    "5.1.1.8.5 maxdatetime": "$filter=CreateDate lt maxdatetime()",
    "5.1.1.8.6 mindatetime": "$filter=CreateDate gt mindatetime()",
    "5.1.1.8.12 totaloffsetminutes": "$filter=totaloffsetminutes(CreateDate) eq 0",
    "5.1.1.8.13 totalseconds": "$filter=totalseconds(CreateDate) eq 0",
    "5.1.1.9.1 ceiling": "$filter=ceiling(Id) eq 1",
    "5.1.1.9.2 floor": "$filter=floor(Id) eq 1",
    "5.1.1.9.3 round": "$filter=round(Id) eq 1",
    "5.1.1.10.1 cast": "$filter=cast(Id,Edm.Boolean)",
    "5.1.1.10.2 isof": "$filter=isof(Model.Customer)",
    "5.1.1.11.1 geo.distance": "$filter=geo.distance(Name,Email) lt 1",
    "5.1.1.11.3 geo.length": "$filter=geo.length(geography'SRID=0;LineString(142.1 64.1,3.14 2.78)') lt 1",
    "5.1.1.12 case": "$filter=case(Id gt 0:1,true:0) eq 1",
    "5.1.1.14.2 array": "$filter=[Name,Email] in [[1,2]]",
    "5.1.1.14.2 object": "$filter={} eq {}",
    "5.1.1.14.4 $it alone": "$filter=endswith($it,'.com')",
    "5.1.1.14.5 $root": "$filter=Name eq $root/Customer(1)/Name",
    "5.1.1.14.6 $this": "$filter=$this eq 'Hugo'",
    "5.1.1.16 Annotation Values": "$filter=Id/@Measures.Currency eq 'EUR'",
    "5.1.1.16 Annotation any": "$filter=@Core.Messages/any(m:m/severity eq 'error')",
    "5.1.2 Expand - $it within": "$expand=BillingAddresses($filter=$it/Id eq 1)",
    "5.1.2 Expand - references": "$expand=BillingAddresses/$ref",
    "5.1.2 Expand - levels": "$expand=Account($levels=4)",
    "5.1.2 Expand - levels, no $": "expand=Account(levels=4)",
    "5.1.2 Expand - star with levels": "$expand=*($levels=2)",
    "5.1.2 Expand - $count segment": "$expand=BillingAddresses/$count",
    "5.1.2 Expand - alias within": "$expand=BillingAddresses($select=Id;@c=15)",
    "5.1.2 Expand - stream": "$expand=$value,Account",
    "5.1.2 Expand - annotation": "$expand=@Namespace.EntityTerm",
    "5.1.3 Select - type": "$select=Patron.Customer/Name",
    "5.1.3 Select - actions by namespace": "$select=Patron.*",
    "5.1.3 Select - annotation": "$select=@Core.Messages",
    "5.1.7 Search": "$search=blue",
    "5.1.7 Search - no $": "search=blue",
    "5.1.7 Search - in expand": "$expand=BillingAddresses($search=green)",
    "5.1.9 Index": "$index=42",
    "5.1.10 Compute": "$compute=Id mul 2 as Twice",
    "5.1.10 Compute - in expand": "$expand=BillingAddresses($compute=Id mul 2 as Twice)",
    "$apply": "$apply=aggregate(Id with max as Most)",
    "Delta Link": "$deltatoken=A@Lot_Has:Changed?=Here!",
    "Schema Version": "$schemaversion=0001",
    "Binary literal": "$filter=Name eq binary'Zm9v'",
    "Duration literal": "$filter=Name eq duration'P6DT23H59M59.9999S'",
    "Guid literal": "$filter=Name eq 01234567-89ab-cdef-0123-456789abcdef",
    "Positive infinity": "$filter=Id eq INF",
    "Not a Number": "$filter=Id eq NaN",
    "Array as an alias": "$filter=Name in @names&@names=['a']",
}


@pytest.mark.parametrize("case", UNDERSTOOD)
def test_what_the_grammar_has_is_understood(case: str) -> None:
    assert status(UNDERSTOOD[case]) == 200


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_grammar_refuses_is_refused(case: str) -> None:
    assert status(REFUSED[case]) == 400


@pytest.mark.parametrize("case", UNOFFERED)
def test_what_odata_has_and_patron_has_not_is_told_apart_from_what_is_wrong(case: str) -> None:
    assert status(UNOFFERED[case]) == 501


@pytest.mark.parametrize(
    "query",
    [
        "$select=Address",
        "$select=Address/City",
        "$select=Address($select=City,State)",
        "$filter=Address/City eq 'Hugo'",
        "$orderby=Address/City desc,Customer/Name",
        "$filter=Customer/BillingAddresses/any(a:a/Id eq 5)",
        "$filter=Customer/Account/Name eq 'Milk'",
    ],
)
def test_complex_properties_and_paths_are_understood(query: str) -> None:
    assert status(query, "CustomerBillingAddress") == 200


LITERALS = [
    "null", "true", "false", "tRUe", "3.14", "-1.234567e3", "-2", "%2B42", "1234567890123456789",
    "-9223372036854775808", "-0.314e1", "%2B0.314e%2B1", "0123456789", "'O''Neil'", "%27O%27%27Neil%27",
    "'%26%28'", "'-._~!$%26(''\")*%2B,;=:@'",
    "2012-09-20", "2012-09-03T13:52Z", "2012-09-03T22:09:02Z", "2012-08-31T18:19:22.1Z",
    "2012-09-03T14:53%2B02:00", "2012-09-03T14:53+02:00", "2012-09-03T23%3A59%2B01%3A00", "11:22:33", "11:22",
    "11%3A22%3a33",
]  # fmt: skip


@pytest.mark.parametrize("literal", LITERALS)
def test_a_literal_is_read(literal: str) -> None:
    assert status(f"$filter={literal} eq {literal}") == 200


PATHS = {
    "Customer": 200, "Customer(11)": 200, "Customer(Id=1)": 200, "Customer(1)/BillingAddresses": 200,
    "Customer(1)/BillingAddresses(1)": 200, "Customer(1)/Account": 200, "Customer/1": 200,
    "Customer/1/BillingAddresses/1": 200, "Customer(1)/Id": 200, "Customer(1)/Id/$value": 200,
    "CustomerBillingAddress(1)/Address": 200, "CustomerBillingAddress(1)/Address/City": 200,
    "CustomerBillingAddress(1)/Address/City/$value": 200, "Customer/$count": 200,
    "Customer(1)/BillingAddresses/$count": 200, "$metadata": 200, "$batch": 200, "": 200,
    "Customer(Id=wrong)": 400, "Customer(Id=1;Code='a')": 400, "Customer(Id=1,Code='a')": 400,
    "Customer('5')": 400, "Customer.('foo')": 404, ".Customer('foo')": 404, "Customer/$count/foo": 404,
    "Customer(1)/Id/$value/foo": 404, "CustomerBillingAddress(1)/Address/$value": 404, "$metadata/x": 404,
    "Customer(1)/Password": 404, "Customer(1)/password_hash": 404, "Customer(1)/Address": 404,
    "Customer(1)/Account(1)": 404, "Customer(1)/Account/1": 404, "Customer(99999999999999999999)": 404,
    "Nothing": 404, "Customer//Id": 404, "Customer(1)(2)": 404,
    "Customer(@key)": 501, "Customer(Id=@key)": 501, "Customer(1)/BillingAddresses/$ref": 501,
    "Customer(1)/Account/$ref": 501, "Customer/$filter(@foo)": 501, "Customer/$each": 501, "$all": 501,
    "$entity": 501, "$crossjoin(Customer,Account)": 501, "Customer/$query": 501,
    "Customer/Patron.Customer": 501,
}  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_a_path_leads_somewhere_or_says_why_it_does_not(path: str) -> None:
    found = 200
    try:
        parse_path(path)
    except Refusal as refusal:
        found = refusal.status
    assert found == PATHS[path]


def test_every_case_is_as_understood_where_all_of_it_is_percent_encoded() -> None:
    for raw in UNDERSTOOD.values():
        if "%" in raw or "=" not in raw or "&" in raw:
            continue
        name, _, value = raw.partition("=")
        assert status(f"{quote(name, safe='')}={quote(value, safe='')}") == 200, raw
