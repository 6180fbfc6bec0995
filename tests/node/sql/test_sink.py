"""configuration-sinks-sql.rst and decision 0442, against every database there is."""

import datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataflow.dtl import transit
from dataflow.errors import FindingsError, PumpFailed
from dataflow.node.sql.table import reflected
from node.pipes import shown

PEOPLE = "id INTEGER PRIMARY KEY, name VARCHAR(20), age INTEGER"
GONE = {"_deleted": True}


@pytest.fixture
def people(lab):
    return lab.make(PEOPLE, "1, 'Ada', 36", "2, 'Bo', 7")


# --- rows -----------------------------------------------------------------------------------------------------------------


def test_entities_are_inserted_updated_and_deleted_by_key(lab, people):
    lab.write(
        people, {"_id": "x", "id": 3, "name": "Cy", "age": 1}, {"id": 1, "name": "Ada L", "age": 36}, {"id": 2, **GONE}
    )
    assert lab.rows(people) == [(1, "Ada L", 36), (3, "Cy", 1)]
    lab.write(people, {"id": 2, **GONE}, {"id": 4}, {"id": 4})
    assert lab.rows(people) == [(1, "Ada L", 36), (3, "Cy", 1), (4, None, None)]


def test_the_same_key_twice_in_a_batch_is_written_in_its_order(lab, people):
    lab.write(
        people, {"id": 5, "name": "a"}, {"id": 5, "age": 1}, {"id": 6}, {"id": 6, **GONE}, {"id": 1, **GONE}, {"id": 1}
    )
    assert lab.rows(people) == [(1, None, None), (2, "Bo", 7), (5, "a", 1)]


def test_only_what_an_entity_says_is_changed_and_null_is_said(lab, people):
    lab.write(people, {"id": 1, "age": None}, {"id": 2, "name": "Bob"})
    assert lab.rows(people) == [(1, "Ada", None), (2, "Bob", 7)]


def test_properties_without_a_column_are_not_written(lab, people):
    lab.write(people, {"_id": "1", "id": 1, "Name": "?", "unknown": {"a": 1}, "$ids": ["x"]})
    assert lab.rows(people)[0] == (1, "Ada", 36)


def test_a_key_may_have_several_parts_and_need_not_be_the_tables_own(lab):
    table = lab.make("a INTEGER, b VARCHAR(5), c INTEGER, PRIMARY KEY (a, b)", "1, 'x', 10", "1, 'y', 20")
    lab.write(table, {"a": 1, "b": "y", "c": 21}, {"a": 2, "b": "x", "c": 30})
    assert lab.rows(table, "a, b") == [(1, "x", 10), (1, "y", 21), (2, "x", 30)]
    lab.write(table, {"a": 9, "b": "z", "c": 21}, primary_key="c")
    assert lab.rows(table, "a, b") == [(1, "x", 10), (2, "x", 30), (9, "z", 21)]


def test_a_batch_is_written_as_a_whole_or_not_at_all(lab):
    table = lab.make("id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL")
    sink = lab.sink(table)
    batch = [{"id": 1, "name": "a"}, {"id": 2, "name": None}, {"id": 3, "name": "c"}]
    with pytest.raises(PumpFailed, match='system "db": '):
        sink.write(batch)
    assert lab.rows(table) == []
    sink.write(batch[:1])
    with pytest.raises(PumpFailed):
        sink.write(batch[1:2])
    sink.write(batch[2:])
    assert lab.rows(table) == [(1, "a"), (3, "c")]


def test_a_key_that_tells_rows_not_apart_is_refused(lab):
    table = lab.make(PEOPLE, "1, 'a', 1", "2, 'a', 2")
    with pytest.raises(PumpFailed, match=r"2 rows of .* have name = a"):
        lab.write(table, {"age": 3, "name": "a"}, primary_key="name")
    assert lab.rows(table) == [(1, "a", 1), (2, "a", 2)]


def test_an_entity_without_its_key_is_named(lab, people):
    for entity in ({"_id": "x", "name": "a"}, {"_id": "x", "id": None}, {"_id": "x", **GONE}):
        with pytest.raises(PumpFailed, match='entity "x" has no value for id, the primary key of'):
            lab.write(people, entity)


def test_lists_say_which_properties_are_written_and_the_key_always_is(lab, people):
    lab.write(people, {"id": 1, "name": "x", "age": 1}, whitelist=["name", "age"], blacklist=["age"])
    lab.write(people, {"id": 2, "name": "y", "age": 1}, blacklist=["id", "name"])
    assert lab.rows(people) == [(1, "x", 36), (2, "Bo", 1)]


def test_identity_columns_can_be_passed_over(lab):
    if lab.server == "sqlite":
        return
    kind = {"postgresql": "INTEGER GENERATED ALWAYS AS IDENTITY", "mysql": "INTEGER AUTO_INCREMENT UNIQUE"}[lab.server]
    table = lab.make(f"n {kind}, code VARCHAR(5) PRIMARY KEY, name VARCHAR(9)")
    lab.write(table, {"n": 77, "code": "a", "name": "x"}, skip_identity_columns=True)
    lab.write(table, {"n": 78, "code": "a", "name": "y"}, skip_identity_columns=True)
    assert lab.rows(table) == [(1, "a", "y")]


def test_blanks_at_the_end_of_padded_keys_do_not_count(lab):
    table = lab.make("k CHAR(5) PRIMARY KEY, n INTEGER", "'ab', 1")
    lab.write(table, {"k": "ab  ", "n": 2})
    assert [(k.strip(), n) for k, n in lab.rows(table)] == [("ab", 2)]
    if lab.server == "sqlite":
        lab.write(table, {"k": "ab  ", "n": 3}, remove_pk_char_trailing_spaces=False)
        assert lab.rows(table) == [("ab", 2), ("ab  ", 3)]


def test_the_time_of_writing_has_a_column_of_its_own(lab):
    kind = {"sqlite": "DATETIME", "postgresql": "TIMESTAMP", "mysql": "DATETIME(6)"}[lab.server]
    quote = "`" if lab.server == "mysql" else '"'
    table = lab.make(f"id INTEGER PRIMARY KEY, {quote}sesam-timestamp{quote} {kind}, changed {kind}")
    lab.write(table, {"id": 1})
    lab.clock.advance(0.5)
    lab.write(table, {"id": 2, "changed": "2001-01-01"}, timestamp="changed")
    found = shown(lab.read(table=table))
    assert found == {
        "1": {"id": 1, "sesam-timestamp": "~t2024-11-24T00:00:00Z"},
        "2": {"id": 2, "changed": "~t2024-11-24T00:00:00.5Z"},
    }


# --- values ---------------------------------------------------------------------------------------------------------------

COLUMNS = {
    "sqlite": "t TEXT, i INTEGER, n NUMERIC(10,2), f REAL, b BOOLEAN, d DATETIME, o DATE, z TIME, x BLOB",
    "postgresql": "t TEXT, i BIGINT, n NUMERIC(10,2), f DOUBLE PRECISION, b BOOLEAN, d TIMESTAMP, o DATE, z TIME, x BYTEA",
    "mysql": "t TEXT, i BIGINT, n DECIMAL(10,2), f DOUBLE, b BOOLEAN, d DATETIME(6), o DATE, z TIME(6), x BLOB",
}
VALUES = [
    ("t", 12, "12"),
    ("t", "~f1.50", "1.50"),
    ("t", True, "true"),
    ("t", "~:a:b", "a:b"),
    ("t", "~rhttp://x", "http://x"),
    ("t", "~ua0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ("t", "~t2024-07-01T12:00:00.25Z", "2024-07-01T12:00:00.25Z"),
    ("t", {"b": 1, "a": ["~f1.0"]}, '{"a": [1.0], "b": 1}'),
    ("t", ["x", None], '["x", null]'),
    ("t", "50% é 😀 \\ ' \" :x", "50% é 😀 \\ ' \" :x"),
    ("i", True, 1),
    ("i", "~f7.00", 7),
    ("i", -(2**63), -(2**63)),
    ("n", 3, Decimal("3.00")),
    ("n", 1.5, Decimal("1.50")),
    ("n", "~f0.10", Decimal("0.10")),
    ("f", "~f0.1", 0.1),
    ("f", 2, 2.0),
    ("b", True, True),
    ("b", 0, False),
    ("d", "~t2024-07-01T12:00:00.123456789Z", "~t2024-07-01T12:00:00.123456Z"),
    ("d", "2024-07-01 12:00:00", "~t2024-07-01T12:00:00Z"),
    ("o", "~t2024-07-01T12:00:00Z", "2024-07-01"),
    ("o", "2024-07-01", "2024-07-01"),
    ("z", "~t2024-07-01T12:34:56.5Z", "12:34:56.500000"),
    ("z", "12:34:56", "12:34:56"),
    ("x", "~bAP8=", b"\x00\xff"),
    ("x", "é", "é".encode()),
]


@pytest.mark.parametrize(("column", "value", "expected"), VALUES)
def test_values(lab, column, value, expected):
    table = lab.make(f"id INTEGER PRIMARY KEY, {COLUMNS[lab.server]}")
    lab.write(table, transit.decode({"id": 1, column: value}))
    if isinstance(expected, str):
        expected = transit.decode(expected)
    if lab.server == "mysql":
        # As this server has them: booleans are numbers, doubles decimals, dates moments.
        expected = int(expected) if isinstance(expected, bool) else expected
        expected = Decimal(str(expected)).normalize() if isinstance(expected, float) else expected
        expected = transit.decode(f"~t{expected}T00:00:00Z") if column == "o" else expected
    found = lab.read(table=table)[0][column]
    assert (found.normalize() if column == "f" and isinstance(found, Decimal) else found) == expected
    assert type(found) is type(expected)


def test_values_of_postgresql(postgresql):
    table = postgresql.make("id INTEGER PRIMARY KEY, j JSONB, a TEXT[], z TIMESTAMPTZ, u UUID")
    given_ = {
        "j": {"a": ["~f1.5"]},
        "a": ["x", "y"],
        "z": "~t2024-07-01T12:00:00Z",
        "u": "~ua0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    }
    postgresql.write(table, transit.decode({"id": 1, **given_}))
    (row,) = postgresql.execute(f"SELECT j ->> 'a', a, z, u::text FROM {table}")
    moment = datetime.datetime(2024, 7, 1, 12, tzinfo=datetime.UTC)
    assert row == ("[1.5]", ["x", "y"], moment, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")


def test_values_of_mysql(mysql):
    table = mysql.make("id INTEGER PRIMARY KEY, s SET('a','b'), bi BIT, y YEAR")
    mysql.write(table, {"id": 1, "s": ["a", "b"], "bi": True, "y": 2024})
    assert mysql.read(table=table) == [{"id": 1, "s": ["a", "b"], "bi": 1, "y": 2024, "_id": "1"}]


def test_what_a_column_cannot_take(lab):
    table = lab.make(f"id INTEGER PRIMARY KEY, {COLUMNS[lab.server]}")
    with pytest.raises(PumpFailed, match='column "t" holds texts, and the bytes for it are none'):
        lab.write(table, {"id": 1, "t": b"\xff"})
    with pytest.raises(PumpFailed, match='system "db": '):
        lab.write(table, {"id": 1, "i": 2**70})


# --- the table ------------------------------------------------------------------------------------------------------------

DEFINITION = [
    {"name": "id", "source_property": "_id", "type": "string", "max_size": 20, "primary_key": True},
    {"name": "small", "source_property": "s", "type": "integer", "min_value": 0, "max_value": 200},
    {"name": "wide", "source_property": "w", "type": "integer", "min_value": 0, "max_value": 1 << 40},
    {"name": "price", "type": "decimal", "precision": 10, "scale": 2, "default": "~f9.99"},
    {"name": "note", "type": "string", "default": ""},
    {"name": "count", "type": "integer", "default": ""},
    {"name": "at", "type": "datetime", "index": True},
    {"name": "day", "type": "date"},
    {"name": "clock", "type": "time"},
    {"name": "u", "type": "uuid"},
    {"name": "ok", "type": "boolean", "allow_null": False, "default": False},
    {"name": "raw", "type": "binary"},
    {"name": "ratio", "type": "float"},
]
MAKING = {"create_table_if_missing": True, "schema_definition": DEFINITION}


def test_a_table_is_made_as_it_is_defined(lab):
    table = lab.name()
    lab.write(
        table, {"_id": "a", "s": 3, "w": 1 << 35, "at": transit.decode("~t2024-07-01T12:00:00.5Z")}, full=True, **MAKING
    )
    found = shown(lab.read(table=table))["a"]
    expected = {"id": "a", "small": 3, "wide": 1 << 35, "price": "~f9.99", "note": "", "at": "~t2024-07-01T12:00:00.5Z"}
    assert found == {**expected, "ok": 0 if lab.server == "mysql" else False}
    with lab.database.reading() as connection:
        made = reflected(connection, table, None)
    assert made.key == ("id",)
    assert list(made.columns) == [one["name"] for one in DEFINITION]
    assert made.columns["price"].scale == 2


def test_a_table_is_made_by_a_full_run_only(lab):
    table = lab.name()
    with pytest.raises(
        PumpFailed, match=f'system "db" has no table "{table}"; create_table_if_missing lets a full run'
    ):
        lab.sink(table, full=False, **MAKING)
    with pytest.raises(PumpFailed, match="has no table"):
        lab.sink(table, full=True)


def test_a_table_that_is_there_is_kept_unless_it_is_to_be_made_anew(lab):
    table = lab.make("id VARCHAR(20) PRIMARY KEY, old INTEGER", "'x', 1")
    short = {"create_table_if_missing": True, "schema_definition": DEFINITION[:1]}
    lab.write(table, {"_id": "y"}, full=True, **short)
    assert lab.rows(table) == [("x", 1), ("y", None)]
    lab.sink(table, full=False, **short, recreate_table_on_first_run=True)
    assert len(lab.rows(table)) == 2
    lab.sink(table, full=True, **short, recreate_table_on_first_run=True)
    assert lab.rows(table) == []
    with pytest.raises(PumpFailed, match="lacks small, which schema_definition lists"):
        lab.sink(table, full=True, create_table_if_missing=True, schema_definition=DEFINITION[:2])


def test_emptying_is_for_full_runs_and_done_before_anything_else(lab, people):
    sink = lab.sink(people, full=False, truncate_table_on_first_run=True)
    sink.end()
    assert len(lab.rows(people)) == 2
    sink = lab.sink(people, full=True, truncate_table_on_first_run=True)
    sink.abort()
    assert lab.rows(people) == []


def test_the_key_of_a_table_to_be_made_may_be_named_by_the_sink(lab):
    table = lab.name()
    columns = [{"name": "a", "type": "string"}, {"name": "b", "type": "integer"}]
    lab.write(
        table, {"a": "x", "b": 1}, full=True, create_table_if_missing=True, schema_definition=columns, primary_key="a"
    )
    with lab.database.reading() as connection:
        assert reflected(connection, table, None).key == ("a",)


# --- what is wrong --------------------------------------------------------------------------------------------------------


def test_faults_of_the_configuration(sqlite):
    for config, code, pointer in (
        ({"table": ""}, "DF202", "/sink/table"),
        ({"system": ""}, "DF202", "/sink/system"),
        ({"create_table_if_missing": True}, "DF202", "/sink/schema_definition"),
        ({"create_table_if_missing": True, "schema_definition": DEFINITION[1:2]}, "DF202", "/sink/schema_definition"),
        ({"schema_definition": [{"name": "a", "type": "text"}]}, "DF205", "/sink/schema_definition/0/type"),
        ({"schema_definition": [{"type": "string"}]}, "DF202", "/sink/schema_definition/0"),
    ):
        with pytest.raises(FindingsError) as caught:
            sqlite.sink(**{"table": "t", **config})
        assert [(d.code, d.pointer) for d in caught.value.diagnostics] == [(code, pointer)]


def test_a_key_has_to_be_there(lab):
    table = lab.make("a INTEGER")
    with pytest.raises(PumpFailed, match="has no primary key; name the columns that identify a row in primary_key"):
        lab.sink(table)
    with pytest.raises(PumpFailed, match="has no column b; there is a"):
        lab.sink(table, primary_key="b")


def test_a_sink_has_to_begin(sqlite):
    sink = sqlite.sink(sqlite.make(PEOPLE))
    sink.end()
    with pytest.raises(PumpFailed, match="the sink has not begun"):
        sink.write([{"id": 1}])


# --- both ways ------------------------------------------------------------------------------------------------------------

ENTITY = st.fixed_dictionaries(
    {"id": st.integers(1, 4)},
    optional={
        "name": st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)),
        "age": st.one_of(st.none(), st.integers(-(2**31), 2**31 - 1)),
        "_deleted": st.booleans(),
    },
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(ENTITY, max_size=6), max_size=4))
def test_what_is_written_is_what_is_read(lab, batches):
    table = lab.make(PEOPLE)
    expected = {}
    sink = lab.sink(table)
    for batch in batches:
        sink.write(batch)
        for entity in batch:
            key = str(entity["id"])
            if entity.get("_deleted"):
                expected.pop(key, None)
            else:
                row = expected.setdefault(key, {"name": None, "age": None})
                row.update({name: value for name, value in entity.items() if name != "_deleted"})
    assert shown(lab.read(table=table, preserve_null_values=True)) == expected
