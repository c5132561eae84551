"""The benchmark: how Patron compares with the same service written by hand, without its features."""
