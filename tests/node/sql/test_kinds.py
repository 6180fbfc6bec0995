"""What is there without a database: the makers, the libraries, the shape of a system."""

import subprocess
import sys

import pytest

from dataflow import schema
from dataflow.errors import PumpFailed
from dataflow.node.outer import reaching
from dataflow.node.reach import Reach
from dataflow.node.sql.database import Databases
from dataflow.source import parse_json
from node.sql.conftest import system_of

SERVER = {"type": "system:postgresql", "host": "127.0.0.1", "username": "u", "password": "p", "database": "d"}


def test_sql_is_among_the_kinds_and_costs_nothing_until_it_is_used():
    makers = reaching(Reach({}))
    assert "sql" in makers.sources
    assert "sql" in makers.sinks
    code = (
        "import sys; from dataflow.node.outer import reaching; from dataflow.node.reach import Reach; "
        "reaching(Reach({})); sys.exit('sqlalchemy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("library", "message"),
    [
        ("sqlalchemy", r"SQL needs sqlalchemy; install it with: pip install 'webcrm-customerp\[sql\]'"),
        ("psycopg", r"a postgresql system needs psycopg; install it with: pip install"),
    ],
)
def test_a_library_that_is_missing_is_named(monkeypatch, library, message):
    for name in [library, *(name for name in sys.modules if name.startswith(f"{library}."))]:
        monkeypatch.setitem(sys.modules, name, None)
    database = Databases(Reach({"db": system_of(**SERVER)})).of("db", "/source")
    with pytest.raises(PumpFailed, match=message), database.reading():
        pass


def test_a_server_that_is_not_there():
    database = Databases(Reach({"db": system_of(**SERVER, port=1)})).of("db", "/source")
    with pytest.raises(PumpFailed, match='system "db": connection failed'), database.reading():
        pass


def test_a_sqlite_system_is_a_system():
    config = {"_id": "db", "type": "system:sqlite", "database": "x.db", "timezone": "UTC"}
    assert list(schema.check("system", config, parse_json("{}"), "")) == []
