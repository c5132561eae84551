"""What the explorer needs beside its pages: its script and style, and where one signs in."""

from urllib.parse import quote, urlsplit

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

from app import respond
from app.application import request_environ
from app.auth.explorer_session import ExplorerSession, keep
from app.errors import Refusal
from app.respond import kept, vary
from representations import Offer, explorer

FOR_EVER = "public, max-age=31536000, immutable"
MOST = 2000
"""How many bytes a form with a token has at most."""


def add_explorer(app: Flask, session: ExplorerSession) -> None:
    """Adds the URL rules."""
    app.add_url_rule("/explorer/<name>", "explorer", _asset, methods=["GET"], provide_automatic_options=False)

    def sign_in() -> Response:
        base = respond.base_url()
        if request.method == "POST":
            return _signed_in(session, base)
        return _page(base, signed_in=session.signed_in())

    methods = ["GET", "POST"]
    app.add_url_rule(
        "/explorer/session", "explorer.session", sign_in, methods=methods, provide_automatic_options=False
    )


def without_blanks(offer: Offer, base: str) -> Response | None:
    """Sends a browser on to the same page without the parameters that are blank, where there are such.

    A form without a script sends all its inputs; here most of them are filters, and say nothing.
    """
    asked = request_environ().get("QUERY_STRING", "").split("&")
    said = [each for each in asked if each and not each.endswith("=")]
    if offer.format is not explorer or request.method != "GET" or len(said) == len(asked) or asked == [""]:
        return None
    address = f"{base}{quote(request.path)}{'?' if said else ''}{'&'.join(said)}"
    return Response("", 303, {"Location": address, "Vary": vary(offer), "Cache-Control": kept(offer)})


def _asset(name: str) -> Response:
    asset = explorer.ASSETS.get(name)
    if asset is None:
        raise NotFound
    known = request.args.get("v") == asset.version
    response = Response(asset.content, 200, {"Content-Type": asset.media_type})
    response.headers["Cache-Control"] = FOR_EVER if known else "no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.set_etag(asset.version)
    response.make_conditional(request)
    return response


def _page(base: str, *, signed_in: bool, fault: str = "") -> Response:
    body = explorer.sign_in_page(base, signed_in=signed_in, fault=fault)
    return Response(body, 400 if fault else 200, [*respond.OF_A_PAGE, ("Cache-Control", "no-store")])


def _signed_in(session: ExplorerSession, base: str) -> Response:
    """Keeps the token of a form, and sends the browser back to where it was.

    :raises Refusal: 403 for a form of another site's, 413 for one that is too long.
    """
    if not _is_sent_by_us(base):
        raise Refusal.of(403, "this form can only be sent from a page of this API")
    if (request.content_length or 0) > MOST:
        raise Refusal.of(413, f"the form is too long (maximum is {MOST} bytes)")
    token = request.form.get("token", "").strip()
    if token and not session.is_known(token):
        return _page(base, signed_in=session.signed_in(), fault="That token stands for nobody.")
    back = request.headers.get("Referer", "")
    elsewhere = not back.startswith(f"{base}/") or urlsplit(back).path.endswith("/explorer/session")
    response = Response("", 303, {"Location": f"{base}/" if elsewhere else back, "Cache-Control": "no-store"})
    return keep(response, token, base)


def _is_sent_by_us(base: str) -> bool:
    """Browsers say where a form comes from: in one of these headers, whatever the page wants."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site in {"same-origin", "none"}
    return origin is None or origin == f"{urlsplit(base).scheme}://{urlsplit(base).netloc}"
