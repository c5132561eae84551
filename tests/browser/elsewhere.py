"""A page of another origin, with a public HAL client that npm carries: ketting, as a browser runs it."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PAGE = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Elsewhere</title>
<link rel="icon" href="data:,"><script type="module" src="/page.js"></script><h1>Elsewhere</h1></html>"""
SCRIPT = b"""import ketting from '/ketting.js';
window.Buffer = class {}; // of Node's, which bundlers supply: the client asks whether a body is one
Object.assign(window, ketting);"""


def bundled(packages: Path) -> bytes:
    """The client as one module."""
    command = [
        packages / ".bin/esbuild", packages / "ketting/dist/index.js", "--bundle", "--format=esm",
        "--platform=browser", "--main-fields=module,main", "--external:crypto", "--log-level=warning",
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout


@contextmanager
def served_elsewhere(client: bytes) -> Iterator[int]:
    """The port that the page is served at, to any name of this machine."""
    contents = {
        "/": ("text/html", PAGE),
        "/page.js": ("text/javascript", SCRIPT),
        "/ketting.js": ("text/javascript", client),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            media_type, content = contents[self.path]
            self.send_response(200)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
