"""A worker tells how it is doing, on a port of its own."""

import json
import os
import signal
import subprocess
from http.client import HTTPConnection
from pathlib import Path

from tests.ports import free_port, wait_for
from tests.receiver import receiving
from tests.server.commands import PATRON, environment, run
from tests.site import BASE, SECRET, open_site
from tests.wire.events import add_webhook

ON_ONE_ENGINE = True


def ask(port: int, path: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    answer = connection.getresponse()
    told = answer.status, answer.read().decode()
    connection.close()
    return told


def test_a_worker_is_asked_for_its_health_and_its_figures(engine_name: str, tmp_path: Path) -> None:
    with open_site(engine_name, tmp_path) as site, receiving() as receiver:
        add_webhook(site, url=receiver.url)
        settings = {"SECRET_KEY": SECRET, "BASE_URL": BASE, "DATABASE_URL": site.url}
        variables = {f"PATRON_{name}": value for name, value in settings.items()}
        variables["PATRON_WEBHOOK_NETWORKS"] = "127.0.0.0/8"
        port = free_port()
        process = subprocess.Popen(
            [PATRON, "worker", "--port", str(port)], env=environment(**variables), stdout=subprocess.DEVNULL
        )
        try:
            wait_for(port)
            assert ask(port, "/healthz") == (200, '{"status":"pass"}')
            assert ask(port, "/elsewhere")[0] == 404
            assert site.send("PATCH", "/customers/115", {"first_name": "Told"}).status_code == 200
            receiver.wait_for(1)
            while 'patron_webhook_attempts_total{result="successful"} 1.0' not in ask(port, "/metrics")[1]:
                assert process.poll() is None
            status, told = ask(port, "/readyz")
            assert (status, json.loads(told)["checks"]["worker"]) == (200, [{"status": "pass"}])
            taken = run(tmp_path, "worker", "--port", str(port), **variables)
            assert (taken.returncode, taken.stderr.count("\n")) == (1, 1), taken.stderr
        finally:
            os.kill(process.pid, signal.SIGTERM)
            assert process.wait(60) == 0
