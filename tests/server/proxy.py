"""nginx in front of Patron's nodes, as README says that it is set up."""

import shutil
import subprocess
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.databases import absent
from tests.ports import free_port, wait_for

README = Path(__file__).parents[2] / "README.md"

MAIN = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{shown}
}}
"""


def shown(nodes: Sequence[int], port: int) -> str:
    """README's sample, but for the addresses and the certificate."""
    text = README.read_text()
    begin = text.index("    upstream patron {")
    sample = textwrap.dedent(text[begin : text.index("\n\nnginx passes", begin)])
    upstream, _, server = sample.partition("server {\n")
    servers = "".join(f"    server 127.0.0.1:{node} max_fails=1 fail_timeout=2s;\n" for node in nodes)
    kept = [line for line in server.splitlines() if "ssl_certificate" not in line]
    server = "\n".join(kept).replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    assert upstream.count("server 10.0.0.") == 3
    assert f"127.0.0.1:{port}" in server
    return f"upstream patron {{\n{servers}}}\nserver {{\n{server}"


@contextmanager
def behind_nginx(folder: Path, nodes: Sequence[int]) -> Iterator[int]:
    """The port of an nginx in front of the nodes that listen on these ports."""
    if shutil.which("nginx") is None:
        absent("nginx is not installed")
    port = free_port()
    settings = folder / "nginx.conf"
    settings.write_text(MAIN.format(folder=folder, shown=shown(nodes, port)))
    command = ["nginx", "-c", settings, "-p", folder, "-e", folder / "nginx.log"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(30)
