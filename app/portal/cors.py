"""CORS: which pages of other origins may use a store's portal from a browser (Fetch §3.2)."""

from app.cors import Policy

PORTAL = Policy(
    headers="authorization, cache-control, content-type, foxy-api-version",
    exposed="ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After",
)
