"""Floor 1: a bare Flask view that returns constant bytes, so all that is left is Flask and the server."""

from pathlib import Path

from flask import Flask, Response

UNCHANGED = "unchanged"
"""The document of which only is said that it has not changed."""


def make_app(folder: Path) -> Flask:
    """The floor over the documents in a folder, each served under the name of its file."""
    app = Flask("constant", static_folder=None)
    bodies = {each.name: each.read_bytes() for each in folder.iterdir()}

    @app.route("/<name>", methods=["GET", "PATCH"])
    def constant(name: str) -> Response:
        if name == UNCHANGED:
            return Response(status=304, headers={"ETag": '"constant"'})
        return Response(bodies[name], 200, content_type="application/hal+json")

    return app
