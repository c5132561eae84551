"""Scripts for Node.js, with packages of npm's: clients that others have made."""

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.databases import absent


def npm_installed(folder: Path) -> Path:
    """A folder of scripts, with the packages that its lock file names."""
    if shutil.which("npm") is None:
        absent("npm is needed for clients in JavaScript: install Node.js")
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept, wanted = folder / "node_modules" / ".package-lock.json", folder / "package-lock.json"
        if not kept.exists() or kept.stat().st_mtime < wanted.stat().st_mtime:
            npm = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            subprocess.run(npm, cwd=folder, check=True, capture_output=True, timeout=300)
    return folder


def node(folder: Path, script: str, *arguments: str) -> str:
    """What a script says on its standard output; what lies elsewhere finds the packages too."""
    found = {**os.environ, "NODE_PATH": str(folder / "node_modules")}
    command = ["node", script, *arguments]
    done = subprocess.run(
        command, cwd=folder, env=found, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr or done.stdout
    return done.stdout


def seen_by(script: str, folder: Path, credentials: Mapping[str, Any], *arguments: str) -> dict[str, Any]:
    """What a script that is given credentials saw."""
    said = node(folder, script, json.dumps(credentials), *arguments)
    seen: dict[str, Any] = json.loads(said.splitlines()[-1])
    return seen
