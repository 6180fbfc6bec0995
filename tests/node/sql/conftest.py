"""Databases to test against: sqlite always, the servers that environment variables name when they are there (`make databases`)."""

import itertools
import os
from functools import cached_property
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import pytest

from dataflow.clock import FixedClock
from dataflow.node.outer import reaching
from dataflow.node.reach import Reach
from dataflow.node.sources.source import Surroundings
from dataflow.node.sql.database import Databases
from dataflow.project import System
from dataflow.source import Document
from node.pipes import node_of, pipe

SERVERS = {"sqlite": None, "postgresql": "DATAFLOW_TEST_POSTGRESQL", "mysql": "DATAFLOW_TEST_MYSQL"}


def missing(name):
    """Why a server cannot be tested against, or None."""
    variable = SERVERS[name]
    return f"{variable} names no server (make databases)" if variable and variable not in os.environ else None


# Those that are missing are told once, in `test_servers.py`, and not by every test that would take them too.
THERE = [name for name in SERVERS if missing(name) is None]


def system_of(**config):
    return System("db", Document(None, "{}", {}), {}, {"_id": "db", **config})


class Lab:
    """One database under test. Tables have names of their own, so that tests do not meet in a server they share."""

    def __init__(self, name, folder):
        self.server = name
        self.secrets = {}
        self.clock = FixedClock()
        self._numbers = itertools.count()
        self._made = []
        variable = SERVERS[name]
        if variable is None:
            self.config = {"type": "system:sqlite", "database": str(folder / "test.db")}
            return
        url = urlsplit(os.environ[variable])
        self.secrets = {"pw": unquote(url.password)}
        self.config = {
            "type": f"system:{name}",
            "username": unquote(url.username),
            "password": "$SECRET(pw)",
            "host": url.hostname,
            "port": url.port,
            "database": url.path[1:],
        }

    def reach(self, **config):
        return Reach({"db": system_of(**{**self.config, **config})}, lambda _: self.secrets, self.clock)

    @cached_property
    def database(self):
        return Databases(self.reach()).of("db", "/source")

    def make(self, columns, *rows):
        """A table with these columns, given per server where they differ, and its rows as SQL; the name of it."""
        name = self.name()
        columns = columns[self.server] if isinstance(columns, dict) else columns
        self.execute(f"CREATE TABLE {name} ({columns})")
        for row in rows:
            self.execute(f"INSERT INTO {name} VALUES ({row[self.server] if isinstance(row, dict) else row})")
        return name

    def name(self):
        self._made.append(f"t{next(self._numbers)}_{uuid4().hex[:12]}")
        return self._made[-1]

    def execute(self, statement):
        with self.database.writing() as connection:
            result = connection.execution_options(no_parameters=True).exec_driver_sql(statement)
            return [tuple(row) for row in result] if result.returns_rows else []

    def rows(self, table, order="1"):
        return self.execute(f"SELECT * FROM {table} ORDER BY {order}")

    def drop_all(self):
        for name in self._made:
            self.execute(f"DROP TABLE IF EXISTS {name}")

    # --- what is tested -----------------------------------------------------------------------------------------------

    def source(self, changed=None, **source):
        config = {"_id": "p", "type": "pipe", "source": {"type": "sql", "system": "db", **source}}
        return reaching(self.reach(**(changed or {}))).sources["sql"](pipe(config), Surroundings({}, None))

    def read(self, **source):
        return list(self.source(**source).read())

    def sink(self, table, *, full=False, **sink):
        """A sink that has begun."""
        config = {"_id": "p", "type": "pipe", "sink": {"type": "sql", "system": "db", "table": table, **sink}}
        made = reaching(self.reach()).sinks["sql"](pipe(config))
        made.begin(full=full)
        return made

    def write(self, table, *entities, **sink):
        made = self.sink(table, **sink)
        made.write(entities)
        made.end()

    def node(self, source, *configs, **options):
        """A node with a pipe "p" that reads the source."""
        makers = reaching(self.reach()).sources
        config = {
            "_id": "p",
            "type": "pipe",
            "source": {"type": "sql", "system": "db", **source},
            **options.pop("p", {}),
        }
        return node_of(config, *configs, source_makers=makers, **options)


def open_lab(name, folder):
    if reason := missing(name):
        pytest.skip(reason)
    made = Lab(name, folder)
    yield made
    made.drop_all()


@pytest.fixture(params=THERE)
def lab(request, tmp_path):
    """Every database there is, one after the other."""
    yield from open_lab(request.param, tmp_path)


@pytest.fixture
def sqlite(tmp_path):
    return Lab("sqlite", tmp_path)


@pytest.fixture
def postgresql(tmp_path):
    yield from open_lab("postgresql", tmp_path)


@pytest.fixture
def mysql(tmp_path):
    yield from open_lab("mysql", tmp_path)
