"""Floor 2: the same HAL+JSON bytes from hand-written SQL and orjson, in Flask, without Patron's features.

It does not authenticate, negotiate or send a Link header, knows one store, tags only where it is asked
on a condition, and takes what it is sent on trust.
"""
