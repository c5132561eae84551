"""A PostgreSQL that a test may stop, restart and fill: its own, in a folder and on a port of its own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg

from tests.databases import absent
from tests.ports import free_port

OWNER = "postgres"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",  # what is lost with the power of the machine is not tried here
    "shared_buffers": "16MB",
    "max_connections": "60",
}


@dataclass(frozen=True)
class Cluster:
    """A cluster; it runs unless it was stopped."""

    folder: Path
    port: int

    @property
    def address(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts it, and waits until it takes connections."""
        given = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        self._control(
            "start", "-l", str(self.folder / "log"), "-o", f"-p {self.port} -k {self.folder} {given}"
        )

    def stop(self, mode: str = "immediate") -> None:
        """Stops it; `immediate` is as if it were killed."""
        self._control("stop", "-m", mode)

    def restart(self) -> None:
        """Away for a moment, and all connections with it; what was not committed is gone."""
        self._control("restart", "-m", "immediate")

    def database(self, tablespace: Path | None = None) -> str:
        """The URL of a new database, on another disk where one is named."""
        name = f"patron_{uuid4().hex}"
        with psycopg.connect(f"{self.address}/postgres", autocommit=True) as connection:
            where = ""
            if tablespace is not None:
                shutil.chown(tablespace, OWNER)
                connection.execute(f"CREATE TABLESPACE {name} LOCATION '{tablespace}'")
                where = f" TABLESPACE {name}"
            connection.execute(f"CREATE DATABASE {name}{where}")
        return f"{self.address}/{name}"

    def drop(self, url: str) -> None:
        """Drops a database, and its tablespace if it has one."""
        name = url.rpartition("/")[2]
        with psycopg.connect(f"{self.address}/postgres", autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
            connection.execute(f"DROP TABLESPACE IF EXISTS {name}")

    def _control(self, *arguments: str) -> None:
        _as_owner("pg_ctl", "-D", str(self.folder / "data"), "-w", "-t", "60", *arguments)


@contextmanager
def own_cluster() -> Iterator[Cluster]:
    """A cluster that runs; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="patron-cluster-"))
    if os.geteuid() == 0:
        shutil.chown(folder, OWNER)
    cluster = Cluster(folder, free_port())
    try:
        data = str(folder / "data")
        _as_owner(
            "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8"
        )
        cluster.start()
        yield cluster
        cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_owner(program: str, *arguments: str) -> None:
    """Runs one of PostgreSQL's programs, which refuse to be run by root."""
    found = shutil.which(program) or max(
        map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{program}")), default=""
    )
    if not found:
        absent(f"{program} is needed for a PostgreSQL of our own: install postgresql")
    switched = ["runuser", "-u", OWNER, "--"] if os.geteuid() == 0 else []
    subprocess.run(
        [*switched, found, *arguments],
        check=True,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
