"""The Flask end of the OData face: one address that takes whatever stands below the service root."""

from flask import Flask, Response, request
from werkzeug.routing import PathConverter, Rule

from app import respond
from app.application import Rendered
from app.auth import remote
from app.bodies import read_raw
from app.odata.exchange import ROOT, Answer, Asked
from app.odata.failures import failure
from app.odata.service import Service

ENDPOINT = "odata"
NO_CONTENT = 204


class Anything(PathConverter):
    """Whatever stands below the root, also what begins with a slash or has a line's end in it."""

    regex = "(?s:.*?)"
    part_isolating = False


def add_addresses(app: Flask, service: Service) -> None:
    """Adds the rules of the face. It answers all methods itself: its refusals are OData's."""

    def view(path: str = "") -> Response:
        try:
            asked = _asked(path)
        except Exception as error:  # what cannot even be read as a request is refused in OData's words too
            return _sent(failure(error))
        return _sent(service.serve(asked))

    app.view_functions[ENDPOINT] = view
    app.url_map.converters["anything"] = Anything
    for rule in (ROOT.removesuffix("/"), ROOT, f"{ROOT}<anything:path>"):
        app.url_map.add(Rule(rule, endpoint=ENDPOINT, strict_slashes=True))


def _asked(path: str) -> Asked:
    environ = request.environ
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Asked(
        method=environ["REQUEST_METHOD"],
        path=path,
        query=environ.get("QUERY_STRING", ""),
        headers=headers,
        body=read_raw(),
        base=respond.base_url(),
        address=remote.address(),
    )


def _sent(answer: Answer) -> Response:
    headers = [*answer.headers, ("X-Content-Type-Options", "nosniff")]
    if answer.status != NO_CONTENT:
        return Rendered(answer.status, headers, answer.body)
    response = Response(answer.body, answer.status, headers)
    response.headers.pop("Content-Type", None)
    return response
