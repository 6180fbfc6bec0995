"""configuration-sources-sql.rst, source-datatype-mapping.rst and decision 0441, against every database there is."""

from itertools import islice

import pytest

from dataflow.dtl import transit
from dataflow.errors import FindingsError, NotRunHere, PumpFailed
from dataflow.node.reach import Reach
from dataflow.node.sql.database import Databases
from node.pipes import content, shown
from node.sql.conftest import THERE, system_of

PEOPLE = "id INTEGER PRIMARY KEY, name VARCHAR(20), age INTEGER"


@pytest.fixture
def people(lab):
    return lab.make(PEOPLE, "1, 'Ada', 36", "2, 'Bo', NULL")


def ids(entities):
    return [entity["_id"] for entity in entities]


# --- what becomes of a row ------------------------------------------------------------------------------------------------


def test_a_row_is_an_entity_and_nulls_are_left_out(lab, people):
    assert lab.read(table=people) == [
        {"id": 1, "name": "Ada", "age": 36, "_id": "1"},
        {"id": 2, "name": "Bo", "_id": "2"},
    ]


def test_nulls_are_kept_on_demand(lab, people):
    assert lab.read(table=people, preserve_null_values=True)[1] == {"id": 2, "name": "Bo", "age": None, "_id": "2"}


def test_the_parts_of_a_compound_key_are_joined_by_underscores(lab):
    table = lab.make("a INTEGER, b VARCHAR(5), c INTEGER, PRIMARY KEY (a, b)", "10250, 'x', 41")
    assert ids(lab.read(table=table)) == ["10250_x"]
    assert ids(lab.read(table=table, primary_key=["a", "c"])) == ["10250_41"]
    assert ids(lab.read(table=table, primary_key="C")) == ["41"]


def test_lists_say_which_columns_are_shown_and_the_key_needs_not_be(lab, people):
    assert lab.read(table=people, whitelist=["name", "age"], blacklist=["age"])[0] == {"name": "Ada", "_id": "1"}
    assert lab.read(table=people, blacklist=["id", "age"])[0] == {"name": "Ada", "_id": "1"}
    query = {"query": f"SELECT * FROM {people} ORDER BY id", "primary_key": "id"}
    assert lab.read(**query, whitelist=["name"])[0] == {"name": "Ada", "_id": "1"}


def test_a_query_may_be_written_in_lines_and_means_what_it_says(lab, people):
    query = [f"SELECT id, name AS \"na:me\", '50%' AS share, 'x :since' AS x FROM {people} -- ids", "WHERE id = 1"]
    if lab.server == "mysql":
        query[0] = query[0].replace('"', "`")
    assert lab.read(query=query, primary_key="id") == [
        {"id": 1, "na:me": "Ada", "share": "50%", "x": "x :since", "_id": "1"}
    ]


def test_a_table_comes_before_a_query(lab, people):
    assert ids(lab.read(table=people, query="SELECT nothing", primary_key="id")) == ["1", "2"]


TYPES = {
    "sqlite": (
        "id INTEGER PRIMARY KEY, n NUMERIC(10,2), d DATETIME, s DATETIME, b BOOLEAN, t TEXT, f REAL, x BLOB, o DATE",
        "1, 12.5, '2024-07-01 12:00:00.25', 'soon', 1, 'é', 0.1, x'00ff', '2024-07-01'",
        {"n": "~f12.50", "d": "~t2024-07-01T12:00:00.25Z", "s": "soon", "b": True, "t": "é", "f": 0.1, "x": "~bAP8="}
        | {"o": "2024-07-01"},
    ),
    "postgresql": (
        "id BIGINT PRIMARY KEY, s SMALLINT, n NUMERIC(10,4), r REAL, f DOUBLE PRECISION, b BOOLEAN, c CHAR(3), v VARCHAR(9), "
        "t TEXT, ts TIMESTAMP, tz TIMESTAMPTZ, d DATE, ti TIME, tt TIMETZ, x BYTEA, u UUID, m XML",
        "1, 2, 7.7, 1.5, 0.1, true, 'ab', 'v', 'é', '2024-07-01 12:00:00.123456', '2024-07-01 12:00:00+02', '2024-07-01', "
        "'12:30', '12:30+02', '\\x00ff', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '<a/>'",
        {"s": 2, "n": "~f7.7000", "r": 1.5, "f": 0.1, "b": True, "c": "ab ", "v": "v", "t": "é"}
        | {"ts": "~t2024-07-01T12:00:00.123456Z", "tz": "~t2024-07-01T10:00:00Z", "d": "2024-07-01", "ti": "12:30:00"}
        | {"tt": "12:30:00+02:00", "x": "~bAP8=", "u": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "m": "<a/>"},
    ),
    "mysql": (
        "id BIGINT PRIMARY KEY, s TINYINT, n DECIMAL(10,4), f FLOAT, r REAL(8,2), d DOUBLE, bi BIT, bo BOOLEAN, c CHAR(3), "
        "v VARCHAR(9), t TEXT, dt DATETIME(6), da DATE, ti TIME(3), y YEAR, x BLOB, e ENUM('p','q'), st SET('p','q')",
        "1, 2, 7.7, 1.5, 0.15, 0.1, b'1', true, 'ab', 'v', 'é', '2024-07-01 12:00:00.123456', '2024-07-01', '-100:30:00.5', "
        "2024, x'00ff', 'q', 'p,q'",
        {
            "s": 2,
            "n": "~f7.7000",
            "f": 1.5,
            "r": "~f0.15",
            "d": "~f0.1",
            "bi": 1,
            "bo": 1,
            "c": "ab",
            "v": "v",
            "t": "é",
        }
        | {"dt": "~t2024-07-01T12:00:00.123456Z", "da": "~t2024-07-01T00:00:00Z", "ti": "-100:30:00.500000", "y": 2024}
        | {"x": "~bAP8=", "e": "q", "st": ["p", "q"]},
    ),
}


def test_types(lab):
    columns, row, expected = TYPES[lab.server]
    table = lab.make(columns, row)
    assert [transit.encode(e) for e in lab.read(table=table)] == [{"id": 1, **expected, "_id": "1"}]
    if lab.server == "sqlite":
        # Without a table there is no telling what is meant.
        expected = expected | {"n": 12.5, "d": "2024-07-01 12:00:00.25", "b": 1}
    if lab.server == "mysql":
        expected = expected | {"st": "p,q"}
    found = lab.read(query=f"SELECT * FROM {table}", primary_key="id")
    assert [transit.encode(e) for e in found] == [{"id": 1, **expected, "_id": "1"}]


def test_what_a_node_gave_for_the_northwind_tables(mysql):
    """Recorded: github.com/sesam-io/sesam-mysql-to-mongodb-example, its README."""
    details = mysql.make(
        "OrderID INTEGER NOT NULL, ProductID INTEGER NOT NULL, UnitPrice DECIMAL(10,4) NOT NULL, Quantity SMALLINT(2) NOT NULL, "
        "Discount REAL(8,2) NOT NULL, PRIMARY KEY (OrderID, ProductID)",
        "10250, 41, 7.7000, 10, 0.00",
        "10250, 51, 42.4000, 35, 0.15",
    )
    orders = mysql.make(
        "OrderID INTEGER NOT NULL PRIMARY KEY, OrderDate DATETIME, Freight DECIMAL(10,4), ShipVia INTEGER, ShipName VARCHAR(40)",
        "10250, '1996-07-08', 65.83, 2, 'Hanari Carnes'",
    )
    assert shown(mysql.read(table=details)) == {
        "10250_41": {"OrderID": 10250, "ProductID": 41, "UnitPrice": "~f7.7000", "Quantity": 10, "Discount": "~f0.00"},
        "10250_51": {"OrderID": 10250, "ProductID": 51, "UnitPrice": "~f42.4000", "Quantity": 35, "Discount": "~f0.15"},
    }
    assert shown(mysql.read(table=orders)) == {
        "10250": {"OrderID": 10250, "OrderDate": "~t1996-07-08T00:00:00Z", "Freight": "~f65.8300", "ShipVia": 2}
        | {"ShipName": "Hanari Carnes"}
    }


def test_times_without_a_zone_come_from_that_of_the_system_and_markers_are_not_shifted(lab):
    kind = {"sqlite": "DATETIME", "postgresql": "TIMESTAMP", "mysql": "DATETIME"}[lab.server]
    table = lab.make(f"id INTEGER PRIMARY KEY, t {kind}", "1, '2024-07-01 12:00:00'", "2, '2024-12-01 12:00:00'")
    source = lab.source(changed={"timezone": "Europe/Oslo"}, table=table, updated_column="t")
    found = [transit.encode(entity) for entity in source.read()]
    assert [entity["t"] for entity in found] == ["~t2024-07-01T10:00:00Z", "~t2024-12-01T11:00:00Z"]
    as_stored = "2024-12-01 12:00:00" if lab.server == "sqlite" else "~t2024-12-01T12:00:00Z"
    assert transit.encode(source.end()) == as_stored
    assert ids(source.read(source.end())) == ["2"]


def test_a_type_that_no_entity_can_hold_is_named(postgresql):
    table = postgresql.make("id INTEGER PRIMARY KEY, j JSONB, a INTEGER[]", "1, '{}', '{1}'")
    with pytest.raises(
        PumpFailed, match=r'column "j" is of a type that no entity can hold \(dict\): put it in the blacklist'
    ):
        postgresql.read(table=table)
    assert postgresql.read(table=table, blacklist=["j", "a"]) == [{"id": 1, "_id": "1"}]


def test_keys_that_are_bytes(lab):
    kind = {"sqlite": "BLOB", "postgresql": "BYTEA", "mysql": "VARBINARY(4)"}[lab.server]
    value = {"sqlite": "x'00ff'", "postgresql": "'\\x00ff'", "mysql": "x'00ff'"}
    assert ids(lab.read(table=lab.make(f"k {kind} PRIMARY KEY", value))) == ["00ff"]


def test_schemas(postgresql):
    schema = postgresql.name()
    postgresql.execute(f"CREATE SCHEMA {schema}")
    try:
        postgresql.execute(f"CREATE TABLE {schema}.things (id INTEGER PRIMARY KEY)")
        postgresql.execute(f"INSERT INTO {schema}.things VALUES (7)")
        assert ids(postgresql.read(table="things", schema=schema)) == ["7"]
        postgresql.write("things", {"id": 8}, schema=schema)
        assert postgresql.rows(f"{schema}.things") == [(7,), (8,)]
    finally:
        postgresql.execute(f"DROP SCHEMA {schema} CASCADE")


# Not MySQL, which works out the whole of such a query before its first row.
@pytest.mark.parametrize("lab", [name for name in THERE if name != "mysql"], indirect=True)
def test_rows_come_as_they_are_wanted(lab):
    lab.make(PEOPLE)
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c"
    found = lab.source(query=endless, primary_key="x", fetch_size=10).read()
    assert ids(islice(found, 25)) == [str(number) for number in range(1, 26)]
    found.close()


def test_reading_changes_nothing(lab, people):
    # PostgreSQL never takes back what a sequence has given.
    sequence = lab.name()
    change = f"DELETE FROM {people}" + (" RETURNING id" if lab.server == "sqlite" else "")
    if lab.server == "postgresql":
        lab.execute(f"CREATE SEQUENCE {sequence} OWNED BY {people}.id")
        change = f"SELECT nextval('{sequence}') AS id"
    with pytest.raises(PumpFailed, match=r"(?i)read-?\s?only"):
        lab.read(query=change, primary_key="id")
    assert len(lab.rows(people)) == 2


# --- going on -------------------------------------------------------------------------------------------------------------

LOGGED = "id INTEGER PRIMARY KEY, name VARCHAR(20), seq INTEGER"


def test_a_table_with_an_updated_column_is_read_from_there_on_in_its_order(lab):
    table = lab.make(LOGGED, "1, 'b', 5", "2, 'a', 3")
    node = lab.node({"table": table, "updated_column": "seq"})
    assert node.run().pipes["p"].read == 2
    assert node.pump("p").last_seen == 5
    assert [e["_id"] for e in node.dataset("p").since()] == ["2", "1"]

    lab.execute(f"INSERT INTO {table} VALUES (3, 'c', 6)")
    lab.execute(f"UPDATE {table} SET name = 'A' WHERE id = 2")
    node.pump("p").run()
    # Larger or equal: the last row comes again, and changes nothing.
    assert (node.pump("p").record.read, node.pump("p").record.written) == (4, 3)
    assert content(node, "p")["2"]["name"] == "a"
    assert node.pump("p").last_seen == 6


def test_rows_that_are_gone_are_deleted_by_a_full_run_only(lab):
    table = lab.make(LOGGED, "1, 'b', 5", "2, 'a', 3")
    node = lab.node({"table": table, "updated_column": "seq"})
    node.run()
    lab.execute(f"DELETE FROM {table} WHERE id = 2")
    node.pump("p").run()
    assert not content(node, "p")["2"].get("_deleted")
    node.pump("p").rewind()
    node.run()
    assert content(node, "p")["2"]["_deleted"]


@pytest.mark.usefixtures("every_store")
def test_a_query_goes_on_from_the_highest_value_seen(sqlite, every_store):
    table = sqlite.make(LOGGED, "1, 'b', 5", "2, 'a', 3", "3, 'n', NULL")
    source = {
        "query": f"SELECT * FROM {table}",
        "primary_key": "id",
        "updated_column": "seq",
        "updated_query": [f"SELECT *, 'at :noon' AS clock FROM {table}", "WHERE seq >= :since AND seq > :since - 1"],
    }
    store = every_store()
    node = sqlite.node(source, store=store)
    assert node.run().pipes["p"].read == 3
    assert node.pump("p").last_seen == 5
    sqlite.execute(f"INSERT INTO {table} VALUES (4, 'c', 5)")
    node.pump("p").run()
    assert content(node, "p")["4"] == {"id": 4, "name": "c", "seq": 5, "clock": "at :noon"}
    assert node.pump("p").record.read == 5
    assert sqlite.node(source, store=store).pump("p").last_seen == 5


@pytest.mark.usefixtures("every_store")
def test_moments_are_remembered_exactly(lab, every_store):
    kind = {"sqlite": "DATETIME", "postgresql": "TIMESTAMPTZ", "mysql": "DATETIME(6)"}[lab.server]
    table = lab.make(f"id INTEGER PRIMARY KEY, t {kind}", "1, '2024-07-01 12:00:00.123457'")
    store = every_store()
    node = lab.node({"table": table, "updated_column": "t"}, store=store)
    assert node.run().pipes["p"].read == 1
    lab.execute(f"INSERT INTO {table} VALUES (2, '2024-07-01 12:00:00.123456')")
    lab.execute(f"INSERT INTO {table} VALUES (3, '2024-07-01 12:00:00.123458')")
    # A node that is started again on the same store looks whether there is anything new.
    again = lab.node({"table": table, "updated_column": "t"}, store=store)
    assert again.run().pipes["p"].read == 2
    assert sorted(content(again, "p")) == ["1", "3"]


def broken(lab, **source):
    """Reads three rows, of which the second breaks the pipe; how far it has come."""
    table = lab.make(LOGGED, "1, 'a', 3", "2, '?', 4", "3, 'c', 5")
    rule = ["if", ["eq", "_S.name", "?"], ["fail!", "no"], ["copy", "*"]]
    transform = {"transform": {"type": "dtl", "rules": {"default": [rule]}}}
    node = lab.node({"table": table, "updated_column": "seq", **source}, p=transform)
    assert [failure.entity for failure in node.run().failures] == ["2"]
    return node.pump("p").last_seen


def test_a_run_that_breaks_off_is_gone_on_with_where_the_order_allows_it(sqlite):
    assert broken(sqlite) == 3
    assert broken(sqlite, is_chronological_full=False) is None
    assert broken(sqlite, is_chronological=False) is None


def test_flags_decide_whether_a_source_goes_on(sqlite):
    table = sqlite.make(LOGGED, "1, 'a', 3")
    assert not sqlite.source(table=table).continues
    assert sqlite.source(table=table, updated_column="seq").continues
    assert not sqlite.source(table=table, updated_column="seq", supports_since=False).continues
    flags = {"is_chronological": False, "is_since_comparable": False}
    assert not sqlite.source(table=table, updated_column="seq", **flags).continues
    # Nothing says what has changed since.
    assert not sqlite.source(query="SELECT 1", primary_key="id", updated_column="seq").continues


def test_the_first_run_may_begin_later(lab):
    table = lab.make(LOGGED, "1, 'a', 3", "2, 'b', 4")
    assert ids(lab.read(table=table, updated_column="seq", initial_since_value=4)) == ["2"]
    assert ids(lab.read(table=table, initial_since_value=4)) == ["1", "2"]


def test_an_empty_source_may_be_a_failure(sqlite):
    table = sqlite.make(PEOPLE)
    (failure,) = sqlite.node({"table": table, "if_source_empty": "fail"}).run().failures
    assert "gave no entities" in failure.message


# --- what is wrong --------------------------------------------------------------------------------------------------------


def test_faults_of_the_configuration(sqlite):
    for config, code, pointer in (
        ({}, "DF202", "/source/table"),
        ({"query": "SELECT 1"}, "DF202", "/source/primary_key"),
        ({"table": "t", "updated_query": "SELECT 1"}, "DF205", "/source/updated_query"),
        ({"table": "t", "system": None}, "DF202", "/source/system"),
    ):
        with pytest.raises(FindingsError) as caught:
            sqlite.source(**config)
        assert [(d.code, d.pointer) for d in caught.value.diagnostics] == [(code, pointer)]


def test_faults_of_the_database(lab, people):
    for config, message in (
        ({"table": "nowhere"}, 'system "db" has no table "nowhere"'),
        ({"table": people, "primary_key": "nobody"}, f'{people} has no column "nobody"; there is id, name, age'),
        ({"table": people, "updated_column": "when"}, f'{people} has no column "when"'),
        ({"query": f"SELECT name FROM {people}", "primary_key": "id"}, 'the query has no column "id"; there is name'),
        ({"table": people, "primary_key": "age"}, 'row without a value of "age"'),
        ({"query": "SELECT FROM WHERE", "primary_key": "id"}, 'system "db": '),
    ):
        with pytest.raises(PumpFailed, match=message):
            lab.read(**config)
    with pytest.raises(PumpFailed, match=r"has no primary key; name the columns that identify a row in primary_key"):
        lab.read(table=lab.make("a INTEGER"))


def test_no_message_has_a_secret_in_it(lab, people):
    secret = "t0p&secret"
    wrong = {"database": "/nowhere/$SECRET(other)"} if lab.server == "sqlite" else {"username": "$SECRET(other)"}
    lab.secrets["other"] = secret
    with pytest.raises(PumpFailed, match=r"\*\*\*") as caught:
        list(lab.source(changed=wrong, table=people).read())
    assert secret not in str(caught.value)
    lab.secrets["other"] = "FROM"
    with pytest.raises(PumpFailed) as caught:
        lab.read(query="SELECT FROM WHERE", primary_key="id")
    assert "FROM" not in str(caught.value)


def database(**config):
    return Databases(Reach({"db": system_of(**config)})).of("db", "/source")


def test_systems_that_do_not_run_here_say_so():
    with pytest.raises(NotRunHere, match='system "db" is a system:oracle; SQL runs here with system:postgresql'):
        database(type="system:oracle")
    with pytest.raises(PumpFailed, match=r'system "db": timezone: .*Mars/Olympus'):
        database(type="system:sqlite", timezone="Mars/Olympus")
    with (
        pytest.raises(PumpFailed, match='system "db" lacks username, password'),
        database(type="system:mysql", host="h", database="d").reading(),
    ):
        pass
    with pytest.raises(PumpFailed, match='there is no system "other"'):
        Databases(Reach({})).of("other", "/source")
    with (
        pytest.raises(PumpFailed, match='system "db" lacks the secret pw'),
        database(type="system:mysql", host="h", database="d", username="u", password="$SECRET(pw)").reading(),
    ):
        pass
