"""Filters that have something to trip over, each with the set that it is about."""

CUSTOMERS = """
Name eq 'a'
Name ne 'a'
not (Name eq 'a')
Name gt 'a'
not (Name gt 'a')
Name le 'a'
not (Name le 'a')
Name ge ''
Name lt 'b'
Name eq ''
Name eq null
null eq Name
Name ne null
not (Name ne null)
Name gt null
not (Name gt null)
Name eq Email
Name ne CurrencyCode
CurrencyCode eq null and Name eq null
Name in ('a','A','é')
Name in ('a',null)
not (Name in ('a','b'))
not (Name in ('a',null))
contains(Name,'%')
contains(Name,'_')
contains(Name,'a')
contains(Name,'A')
contains(Name,'')
not contains(Name,'a')
contains(Name,'a') eq null
contains(Name,Name)
contains('xay',Name)
startswith(Name,'S')
startswith(Name,'b*')
startswith(Name,'[a')
startswith(Name,'a?')
startswith(Name,'')
not startswith(Name,'S')
startswith(Email,'c%')
startswith(Name,'😀')
endswith(Name,'%')
endswith(Name,'\\b')
endswith(Name,'Smithers and more')
endswith(Email,'')
tolower(Name) eq 'é'
toupper(Name) eq 'É'
toupper(Name) gt 'É'
tolower(Name) eq 'ω'
tolower(Email) eq 'ann5@example.com'
tolower('ÀÉ') eq 'àé' and toupper('straße') eq 'STRASSE'
length(Name) eq 1
length(Name) gt 5
not (length(Name) gt 5)
indexof(Name,'m') eq 1
indexof(Name,'zz') eq -1
substring(Name,1) eq 'mith'
substring(Name,0,2) eq 'Sm'
substring(Name,-5,2) eq 'Sm'
substring(Name,3,-1) eq ''
substring(Name,9223372036854775807) eq ''
substring(Name,length(CurrencyCode)) eq null
substring(Email,length(Name),2) eq 'om'
trim(Name) eq 'a'
trim(concat(' 　x',concat(Name,' '))) eq 'xa'
concat(Name,'!') eq 'a!'
concat(concat(Name,Name),Name) eq 'aaa'
'a' lt concat('b','c')
Name lt concat(Name,'x')
year(LastLoginDate) eq 2013
year(LastLoginDate) eq 0
year(LastLoginDate) eq 99999
year(LastLoginDate) ge 2013 and month(LastLoginDate) eq 8
not (year(LastLoginDate) eq 2013)
year(LastLoginDate) ne 2013
day(LastLoginDate) eq 29
hour(LastLoginDate) eq 7 or minute(LastLoginDate) eq 30 or second(LastLoginDate) eq 59
date(LastLoginDate) eq 2013-08-17
date(LastLoginDate) gt 2013-08-17
date(LastLoginDate) in (2013-08-17,2020-02-29)
date(LastLoginDate) eq date(CreateDate)
year(date(LastLoginDate)) eq 2020
time(LastLoginDate) eq 07:00:00
time(LastLoginDate) lt 12:30:15.5
hour(time(LastLoginDate)) eq 12
LastLoginDate eq 2013-08-16T07:00:00Z
LastLoginDate eq 2013-08-16T00:00:00-07:00
LastLoginDate eq 2013-08-16T07:00:00.5Z
LastLoginDate gt 2013-08-16T06:59:59.5Z
LastLoginDate ge 2013-08-16T07:00:00Z
not (LastLoginDate ge 2013-08-16T07:00:00Z)
LastLoginDate lt 2013-08-16T07:00:00Z
LastLoginDate le CreateDate
LastLoginDate in (2013-08-16T07:00:00Z,null)
LastLoginDate ge 2013-08-01T00:00:00Z and LastLoginDate lt 2013-08-31T00:00:00Z
LastLoginDate gt 2013-08-16T07:00:00Z and LastLoginDate le 2013-08-17T07:00:00Z and LastLoginDate ne null
LastLoginDate ge 2000-01-01T00:00:00Z and LastLoginDate lt 2100-01-01T00:00:00Z
LastLoginDate lt 0001-01-01T00:00:00Z
LastLoginDate lt now() and year(now()) gt 2000
Id add 1 eq 10
Id sub 4 eq 5
Id mul 2 eq 18
Id div 2 eq 4
-Id div 2 eq -4
Id mod 4 eq 1
-Id mod 4 eq -1
Id div 0 eq null
Id mod (Id sub 9) eq null
not (Id div 0 gt 1)
Id mul 9223372036854775807 eq null
Id mul 9223372036854775807 gt 0
Id add 9223372036854775807 eq null
-Id add -9223372036854775800 lt 0
Id divby 2 eq 4.5
Id divby 7 gt 1.285714285 and Id divby 7 lt 1.285714287
Id mul 0.1 eq 0.9
Id add 0.1 add 0.2 eq 9.3
Id div 2.5 eq 3.6
Id mod 2.5 eq 1.5
Id eq 9.0
Id in (9,12.0,15.5)
Id mul 1e20 mul 1e20 gt 1
length(Name) add length(Email) gt 20
IsGuest
not IsGuest
IsGuest eq true
IsGuest ne true
IsGuest eq IsActive
IsGuest eq (Name gt 'a')
(Name gt 'a') eq (Email gt 'b')
(Name eq null) eq true
contains(Name,'a') eq IsActive
contains(Name,'a') ne true
contains(Name,'a') or IsGuest
not (contains(Name,'a') and IsGuest)
IsGuest eq true and IsGuest eq false
IsGuest eq true or IsGuest eq false
IsGuest in (true)
IsGuest eq null
Name eq 'a' or Name eq 'b*' or Name in ('é','x')
Name eq 'a' or Email eq 'b'
Id eq 9 or Id eq 12
Id gt 9 and Id le 30 and IsActive
Id gt 9 and not (Id gt 30)
true
not true
null eq null
not (null ne null)
1 eq 1 and 'a' ne 'b'
BillingAddresses/any()
not BillingAddresses/any()
BillingAddresses/any(a:a/Address/City eq 'Berlin')
BillingAddresses/any(a:a/Address/City ne 'Berlin')
not BillingAddresses/any(a:a/Address/City eq 'Berlin')
BillingAddresses/any(a:not (a/Address/City eq 'Berlin'))
BillingAddresses/any(a:a/Address/City eq 'Berlin' and a/Address/CountryCode eq 'DE')
BillingAddresses/any(a:a/Address/City eq 'Berlin') and BillingAddresses/any(b:b/Address/City eq 'Portland')
BillingAddresses/any(a:a/Address/City eq 'Berlin') and BillingAddresses/all(b:b/Address/City eq 'Berlin')
BillingAddresses/any(a:a/Address/City eq 'Berlin') or ShippingAddresses/any(b:b/Address/City eq 'Berlin')
ShippingAddresses/any(a:a/Address/City eq null)
ShippingAddresses/any(a:a/IsDefault)
ShippingAddresses/all(a:a/Address/City eq 'Berlin')
ShippingAddresses/all(a:a/Address/City gt 'B')
ShippingAddresses/all(a:contains(a/Address/City,'erl'))
not ShippingAddresses/all(a:contains(a/Address/City,'erl'))
ShippingAddresses/any(a:contains(a/Address/City,'erl') eq null)
ShippingAddresses/any(a:a/Address/Name eq Name)
ShippingAddresses/all(a:a/Address/Name eq Name)
ShippingAddresses/any(a:a/CustomerId eq $it/Id and a/Id gt 5)
ShippingAddresses/any(a:BillingAddresses/any(b:b/Id eq a/Id))
ShippingAddresses/any(a:BillingAddresses/all(b:b/Id eq a/Id and Name ne a/Address/City))
ShippingAddresses/any(a:a/Customer/Name eq Name)
ShippingAddresses/any(a:a/Customer/BillingAddresses/any(b:b/Address/City eq 'Berlin'))
ShippingAddresses/any(a:a/Customer/Account/Id eq AccountId)
BillingAddresses/$count gt 0
BillingAddresses/$count eq 0
BillingAddresses/$count ne 1
BillingAddresses/$count lt 2
2 le ShippingAddresses/$count
BillingAddresses/$count eq ShippingAddresses/$count
BillingAddresses/$count add ShippingAddresses/$count gt 2
not (BillingAddresses/$count gt 0)
ShippingAddresses/any(a:a/Customer/BillingAddresses/$count gt 1)
Account/Code eq 'foxglove.example'
Account/Name gt 'M'
Account/CountryCode ne null and Account/Id eq 66
"""

ADDRESSES = """
Address/City eq 'Berlin'
Address/City eq null or IsDefault
Customer/Email eq 'bob+1@example.org'
Customer/Name ne 'a'
Customer/Name eq null
not (Customer/Name gt 'a')
contains(Customer/Name,'a')
startswith(Customer/Email,'b')
Customer/IsGuest and Customer/Id gt 9
Customer/Email in ('bob+1@example.org','x_3@example.com')
Customer/Email eq 'bob+1@example.org' and Customer/IsActive
Customer/BillingAddresses/any(b:b/Address/City eq 'Berlin')
Customer/BillingAddresses/$count eq 2
Customer/ShippingAddresses/all(b:b/Address/City eq Address/City)
Customer/Account/Code eq 'foxglove.example'
Customer/LastLoginDate gt 2013-08-16T07:00:00Z
CustomerId in (3,6,9,12)
"""

DEEP = (
    "(" * 14 + "Id" + " add 1)" * 14 + " gt 30",
    "(" * 8 + "Id" + " mul 2 sub Id)" * 8 + " eq Id",
    "substring(" * 8 + "Name" + ",length(Name) sub 1)" * 8 + " eq ''",
    "trim(" * 14 + "Name" + ")" * 14 + " eq 'a'",
    "(" * 8 + "(Name gt 'a')" + " eq true)" * 8,
    "(" * 6 + "(Name eq 'a')" + " in (true,null))" * 6,
    "not (" * 9 + "contains(Name,'a')" + ")" * 9,
)
"""What would never end if what is nested were written more than once."""

FILTERS = (
    *(("Customer", each) for each in DEEP),
    *(("Customer", line) for line in CUSTOMERS.split("\n") if line),
    *(("CustomerBillingAddress", line) for line in ADDRESSES.split("\n") if line),
    ("Account", "Code eq 'foxglove.example'"),
    ("Account", "Code gt 'zzz' or Name eq null"),
    ("Account", "Id eq 67"),
)
