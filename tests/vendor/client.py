"""The vendor's client, sesam-py, in an environment of its own below `build/`: nothing of it is ours or comes into ours.

`SESAM_PY` names a checkout that is there already; without it the tag is cloned from the public repository.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

TAG = "2.11.13"
ORIGIN = "https://github.com/sesam-community/sesam-py"
ROOT = Path(__file__).parents[2]
HOME = ROOT / "build" / "sesam-py"
# Three parts, the middle one an empty object: the smallest token the client takes, and one that makes it report to nobody.
TOKEN = "e30.e30.e30"


def checkout() -> Path:
    """The client's code. Raises SystemExit with what to do when it cannot be had."""
    given = os.environ.get("SESAM_PY")
    folder = Path(given).expanduser().resolve() if given else HOME / f"checkout-{TAG}"
    if not given and not folder.is_dir():
        command = ["git", "clone", "--quiet", "--depth", "1", "--branch", TAG, ORIGIN, str(folder)]
        if subprocess.run(command, check=False).returncode:
            raise SystemExit(f"{ORIGIN} cannot be cloned; SESAM_PY=<folder> uses a checkout of tag {TAG} that you have")
    if not (folder / "sesam.py").is_file():
        raise SystemExit(f"{folder} is no checkout of sesam-py: there is no sesam.py in it")
    return folder


def python(folder: Path) -> Path:
    """The interpreter that has what the client requires, installed when its requirements have changed."""
    required = (folder / "requirements.txt").read_bytes()
    home = HOME / "venv"
    stamp = home / hashlib.sha256(required).hexdigest()
    interpreter = home / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not stamp.is_file():
        print(f"Setting up {home.relative_to(ROOT)} ...", flush=True)
        venv.create(home, with_pip=True, clear=True)
        install = ["-m", "pip", "-qq", "--disable-pip-version-check", "install", "-r", str(folder / "requirements.txt")]
        if subprocess.run([interpreter, *install], check=False).returncode:
            raise SystemExit("what sesam-py requires cannot be installed")
        stamp.touch()
    return interpreter


def environment(url: str) -> dict[str, str]:
    """The variables of a client that is pointed at a node on this machine, whatever proxies there are."""
    return {**os.environ, "NODE": url, "JWT": TOKEN, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
