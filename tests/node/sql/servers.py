"""Runs the sql tests against a PostgreSQL and a MariaDB server of its own, each in a folder that is thrown away afterwards.

Both have to be installed; on Debian: apt-get install postgresql mariadb-server. `make databases` calls this.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
USER, PASSWORD, DATABASE = "dataflow", "p@ss/w:rd", "dataflow"
# Both servers refuse to run as root.
OWNERS = {"postgresql": "postgres", "mariadb": "mysql"}


def found(name: str, *places: Path) -> str:
    """A program, wherever its package has put it."""
    for folder in (None, *places):
        program = shutil.which(name, path=folder)
        if program:
            return program
    raise SystemExit(f"{name} is missing; on Debian: apt-get install postgresql mariadb-server")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def folder_of(kind: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A folder, and the options with which the server's programs run as its owner."""
    with tempfile.TemporaryDirectory(prefix=f"dataflow-{kind}-") as name:
        if os.geteuid() != 0:
            yield Path(name), {}
        else:
            shutil.chown(name, OWNERS[kind], OWNERS[kind])
            yield Path(name), {"user": OWNERS[kind], "group": OWNERS[kind], "extra_groups": []}


def run(*command: object, **options: Any) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a running server."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    with folder_of("postgresql") as (folder, owner):
        data, port = folder / "data", free_port()
        secret = folder / "secret"
        secret.write_text(PASSWORD + "\n")
        secret.chmod(0o644)
        initdb, control = found("initdb", *places), found("pg_ctl", *places)
        run(initdb, "-D", data, "-U", USER, "--auth", "scram-sha-256", "--pwfile", secret, "-E", "UTF8", **owner)
        listening = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        run(control, "-D", data, "-l", folder / "log", "-w", "-o", listening, "start", **owner, cwd=folder)
        try:
            yield f"postgresql://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/postgres"
        finally:
            run(control, "-D", data, "-m", "fast", "-w", "stop", **owner, cwd=folder)


@contextmanager
def mariadb() -> Iterator[str]:
    """The URL of a running server."""
    with folder_of("mariadb") as (folder, owner):
        data, port, wire = folder / "data", free_port(), folder / "wire"
        setup = folder / "setup.sql"
        setup.write_text(
            f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4;\n"
            f"CREATE USER '{USER}'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';\n"
            f"GRANT ALL ON *.* TO '{USER}'@'127.0.0.1';\n"
        )
        install, server = found("mariadb-install-db"), found("mariadbd", Path("/usr/sbin"), Path("/usr/libexec"))
        run(
            install,
            "--no-defaults",
            f"--datadir={data}",
            "--skip-test-db",
            "--auth-root-authentication-method=socket",
            **owner,
        )
        options = [
            "--bind-address=127.0.0.1",
            f"--port={port}",
            f"--socket={wire}",
            f"--init-file={setup}",
            "--innodb-flush-log-at-trx-commit=0",
        ]
        command = [server, "--no-defaults", f"--datadir={data}", *options, f"--log-error={folder / 'log'}"]
        process = subprocess.Popen(command, **owner)
        try:
            ping = [f"--user={USER}", f"--password={PASSWORD}", "--host=127.0.0.1", f"--port={port}"]
            run(found("mariadb-admin"), "--no-defaults", *ping, "--wait=30", "ping")
            yield f"mysql://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/{DATABASE}"
        finally:
            process.terminate()
            process.wait()


def main() -> int:
    with ExitStack() as running:
        urls = {
            "DATAFLOW_TEST_POSTGRESQL": running.enter_context(postgresql()),
            "DATAFLOW_TEST_MYSQL": running.enter_context(mariadb()),
        }
        command = [sys.executable, "-m", "pytest", "-q", str(HERE), *sys.argv[1:]]
        return subprocess.run(command, env={**os.environ, **urls}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
