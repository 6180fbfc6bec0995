"""The databases that SQL systems stand for: how each is reached, and what goes wrong there in words that give no secret away.

Rules: configuration-systems-sql.rst, -postgresql.rst, -mysql.rst; decision 0440 for sqlite and for what does not run here.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from dataflow.dtl import zones
from dataflow.errors import DtlError, NotRunHere, PumpFailed
from dataflow.node.rest.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from sqlalchemy import URL, Connection, Engine

    from dataflow.node.reach import Reach

Server = Literal["postgresql", "mysql", "sqlite"]

SERVERS: dict[str, Server] = {
    "system:postgresql": "postgresql",
    "system:mysql": "mysql",
    "system:sqlite": "sqlite",
}
INSTALL = "install it with: pip install 'webcrm-customerp[sql]'"


class Databases:
    """One `Database` per system that some pipe uses."""

    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        self._known: dict[str, Database] = {}

    def of(self, system_id: str, where: str) -> Database:
        """The database of a system; `where` is the pointer of the part that names it.

        Raises PumpFailed when there is no such system, NotRunHere when it is of a type that this node does not run.
        """
        found = self._known.get(system_id)
        if found is None:
            kind = self.reach.system(system_id).config.get("type")
            if kind not in SERVERS:
                known = ", ".join(SERVERS)
                raise NotRunHere(f'system "{system_id}" is a {kind}; SQL runs here with {known}', where=where)
            found = self._known[system_id] = Database(self.reach, system_id, SERVERS[kind])
        return found


class Database:
    """`server` says which SQL is spoken, `zone` where times without a zone come from."""

    def __init__(self, reach: Reach, system_id: str, server: Server) -> None:
        self.id = system_id
        self.server: Server = server
        self._reach = reach
        self._config = reach.system(system_id).config
        self._engines: dict[bool, Engine] = {}
        self._redacted = Redactor(lambda: [str(self._filled().get("password", "")), *reach.secrets(system_id).values()])
        self.zone = self._zone()

    def _zone(self) -> tzinfo:
        try:
            return zones.find(self._config.get("timezone")) or UTC
        except DtlError as error:
            raise PumpFailed(f'system "{self.id}": timezone: {error}') from None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that can change nothing. Raises PumpFailed for whatever goes wrong while it is open."""
        with self._plainly(), self._engine(writes=False).connect() as connection:
            if self.server == "postgresql":
                connection = connection.execution_options(postgresql_readonly=True)
            elif self.server == "mysql":
                connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection in a transaction that ends with the block. Raises PumpFailed, and then nothing has been changed."""
        with self._plainly(), self._engine(writes=True).begin() as connection:
            yield connection

    def _engine(self, *, writes: bool) -> Engine:
        from sqlalchemy import NullPool, create_engine

        found = self._engines.get(writes)
        if found is None:
            options: dict[str, Any] = {"poolclass": NullPool, "hide_parameters": True}
            if self.server == "sqlite":
                options["creator"] = self._opener(writes=writes)
            else:
                options["connect_args"] = self._manner()
            found = self._engines[writes] = create_engine(self._url(), **options)
        return found

    def _filled(self) -> dict[str, Any]:
        filled: dict[str, Any] = self._reach.filled(self.id, self._config)
        return filled

    def _url(self) -> URL:
        from sqlalchemy import URL

        if self.server == "sqlite":
            return URL.create("sqlite")
        config = self._filled()
        missing = [name for name in ("username", "password", "host", "database") if name not in config]
        if missing:
            raise PumpFailed(f'system "{self.id}" lacks {", ".join(missing)}')
        driver, port = {"postgresql": ("postgresql+psycopg", 5432), "mysql": ("mysql+pymysql", 3306)}[self.server]
        return URL.create(
            driver,
            username=str(config["username"]),
            password=str(config["password"]),
            host=str(config["host"]),
            port=int(config.get("port", port)),
            database=str(config["database"]),
        )

    def _manner(self) -> dict[str, Any]:
        """What the driver is told beside the address: how long to wait, and whether to encrypt."""
        config = self._filled()
        manner: dict[str, Any] = {"connect_timeout": int(config.get("pool_timeout", 30))}
        mode = config.get("sslmode")
        if self.server == "postgresql":
            return {**manner, "sslmode": mode or "prefer"}
        manner["charset"] = "utf8mb4"
        if mode == "disabled":
            manner["ssl_disabled"] = True
        elif mode == "required":
            manner["ssl"] = _unverified()
        return manner

    def _opener(self, *, writes: bool) -> Any:
        path = Path(str(self._filled().get("database", "")))
        if not writes and not path.is_file():
            raise PumpFailed(self._redacted(f'system "{self.id}": there is no file {path}'))
        uri = f"{path.absolute().as_uri()}?mode={'rwc' if writes else 'ro'}"
        return lambda: sqlite3.connect(uri, uri=True)

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        try:
            from sqlalchemy.exc import DBAPIError, SQLAlchemyError
        except ModuleNotFoundError as error:
            raise PumpFailed(f"SQL needs {_library(error)}; {INSTALL}") from None
        try:
            yield
        except ModuleNotFoundError as error:
            raise PumpFailed(f"a {self.server} system needs {_library(error)}; {INSTALL}") from None
        except DBAPIError as error:
            raise PumpFailed(f'system "{self.id}": {self._words(error.orig)}') from None
        except (SQLAlchemyError, OverflowError) as error:
            raise PumpFailed(f'system "{self.id}": {self._words(error)}') from None

    def _words(self, error: BaseException | None) -> str:
        """What a driver says, on one line, without the secrets of the system."""
        said = error.args if error is not None else ()
        # PyMySQL has a number and a text, the others one text.
        return self._redacted(" ".join(str(said[-1] if said else type(error).__name__).split()))


def _library(error: ModuleNotFoundError) -> str:
    return str(error.name).partition(".")[0]


def _unverified() -> Any:
    """Encrypted, whoever the server is: that is what "required" asks for, and no more."""
    import ssl

    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
