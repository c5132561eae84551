"""A production server that hangs up on slow clients sooner than others do.

For tests alone: `python -m tests.faults.hurried IDLE_SECONDS WHOLE_SECONDS PORT`.
"""

import sys

from app import create_app, idleness
from app import server as servers
from app.config import from_environment


def main(idle: str, whole: str, port: str) -> None:
    idleness.IDLE_SECONDS, idleness.WHOLE_SECONDS = int(idle), int(whole)
    config = from_environment()
    server, _ = servers.listen(create_app(config), config, "127.0.0.1", int(port))
    print("serves", flush=True)
    servers.serve(server)


if __name__ == "__main__":
    main(*sys.argv[1:])
