"""Delivery: what has happened is told to the webhooks that asked, signed, in order, until it is heard.

The rows are the truth: an event is told when its delivery's row says so. Whatever else runs here may
be killed at any moment, and forgets nothing that matters.
"""
