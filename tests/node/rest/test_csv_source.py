"""configuration-sources-csv.rst, property by property, and decision 0443."""

import pytest

from dataflow.errors import FindingsError, PumpFailed
from node.pipes import content
from node.rest.conftest import outer_node, run
from node.rest.service import Reply

PLAIN = 'id,name\n1,Ada\n2,"Bo, the ""second"""\n'
ROWS = [{"id": "1", "name": "Ada", "_id": "1"}, {"id": "2", "name": 'Bo, the "second"', "_id": "2"}]


def pulling(service, **source):
    config = {"_id": "u", "type": "system:url", "url_pattern": f"{service.url}/%s", "headers": {"X-Key": "k"}}
    source = {"type": "csv", "system": "u", "url": "file.csv", "primary_key": "id", **source}
    return outer_node([config], {"_id": "p", "type": "pipe", "source": source})


def read(service, text, **source):
    """What the source gives for a file."""
    service.replies.append(text if isinstance(text, bytes) else text.encode())
    return pulling(service, **source).entities("p", "source")


def test_rows_are_entities_of_strings(service):
    assert read(service, PLAIN) == ROWS
    assert read(service, PLAIN.replace("\n", "\r\n")) == ROWS
    assert read(service, "id,n\n1,007\n\n2,true\n") == [
        {"id": "1", "n": "007", "_id": "1"},
        {"id": "2", "n": "true", "_id": "2"},
    ]


def test_a_cell_may_hold_lines(service):
    assert read(service, 'id,a\n1,"x\ny\u2028z"\n')[0]["a"] == "x\ny\u2028z"


def test_empty_strings_are_left_out_unless_wanted(service):
    assert read(service, "id,a,b\n1,,x\n") == [{"id": "1", "b": "x", "_id": "1"}]
    assert read(service, "id,a,b\n1,,x\n", preserve_empty_strings=True) == [{"id": "1", "a": "", "b": "x", "_id": "1"}]
    # What a short row does not have is not even empty.
    assert read(service, "id,a,b\n1,x\n", preserve_empty_strings=True) == [{"id": "1", "a": "x", "_id": "1"}]


def test_names_of_columns(service):
    names = {"field_names": ["id", "who"]}
    assert read(service, "1,Ada\n", has_header=False, **names) == [{"id": "1", "who": "Ada", "_id": "1"}]
    assert read(service, "a,b\n1,Ada\n", **names) == [{"id": "1", "who": "Ada", "_id": "1"}]


def test_keys(service):
    assert [e["_id"] for e in read(service, "a,b\n10250,41\n", primary_key=["a", "b"])] == ["10250_41"]
    with pytest.raises(PumpFailed, match="has no column ID, which primary_key names; there is id, name"):
        read(service, PLAIN, primary_key="ID")
    with pytest.raises(PumpFailed, match="line 3 has nothing in id, which primary_key names"):
        read(service, "id,name\n1,a\n,b\n")


def test_lists_say_which_columns_are_shown_and_the_key_needs_not_be(service):
    assert read(service, "id,a,b\n1,2,3\n", whitelist=["a", "b"], blacklist=["b"]) == [{"a": "2", "_id": "1"}]
    assert read(service, "id,a\n1,2\n", blacklist=["id"]) == [{"a": "2", "_id": "1"}]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("id;a\n1;x,y\n", {}),
        ("id\ta\n1\tx,y\n", {}),
        ("id|a\n1|x,y\n", {}),
        ('id,a\n1,"x,y"\n', {}),
        ("id,a\n1,'x,y'\n", {}),
        ("id\ta\n1\tx,y\n", {"dialect": "excel_tab"}),
        ('"id","a"\n"1","x,y"\n', {"dialect": "unix_dialect"}),
        ('id,a\n1,"x,y"\n', {"dialect": "excel", "auto_dialect": True}),
        ('id,a\n1,"x,y"\n', {"auto_dialect": False}),
        ("id;a\n1;x,y\n", {"auto_dialect": False, "delimiter": ";"}),
        ("id:a\n1:x,y\n", {"delimiter": ":"}),
        ("id||a\n1||x,y\n", {"delimiter": "||"}),
        ("id;a\n1;x,y\n", {"dialect": "excel", "delimiter": ";"}),
    ],
)
def test_dialects(service, text, source):
    assert read(service, text, **source) == [{"id": "1", "a": "x,y", "_id": "1"}]


def test_a_delimiter_of_several_characters_may_stand_in_a_cell(service):
    assert read(service, 'id||a\n1||"x||y"\n', delimiter="||") == [{"id": "1", "a": "x||y", "_id": "1"}]


def test_what_cannot_be_guessed_is_excel(service):
    assert read(service, "id\n1\n2\n") == [{"id": "1", "_id": "1"}, {"id": "2", "_id": "2"}]
    # No quote is doubled in what is looked at, but later one is.
    long = "id,a\n" + "".join(f'{n},"x"\n' for n in range(4000)) + 'last,"say ""z"""\n'
    assert read(service, long)[-1] == {"id": "last", "a": 'say "z"', "_id": "last"}
    assert read(service, "") == read(service, "id,name\n") == []


def test_encodings(service):
    assert read(service, "id,a\n1,é\n".encode("latin-1"), encoding="iso-8859-1")[0]["a"] == "é"
    assert read(service, "\ufeffid,a\n1,é\n")[0] == {"id": "1", "a": "é", "_id": "1"}
    wrong = "id,a\n1,é\n".encode("latin-1")
    with pytest.raises(PumpFailed, match="the file is not in utf-8"):
        read(service, wrong)
    assert read(service, wrong, decode_error_strategy="replace")[0]["a"] == "\ufffd"


def test_null_characters(service):
    with pytest.raises(PumpFailed, match="escape_null_bytes lets them pass"):
        read(service, "id,a\n1,x\0y\n")
    assert read(service, "id,a\n1,x\0y\n", escape_null_bytes=True)[0]["a"] == "x\\0y"


def test_cells_without_a_column(service):
    assert read(service, "id,a\n1,x,,\n", delimiter=",") == [{"id": "1", "a": "x", "_id": "1"}]
    with pytest.raises(PumpFailed, match="line 2 has 3 cells, and there are 2 columns"):
        read(service, "id,a\n1,x,y\n", delimiter=",")


def test_a_long_cell(service):
    assert len(read(service, f"id,a\n1,{'x' * 200_000}\n")[0]["a"]) == 200_000


def test_every_run_reads_all_of_it_and_deletes_what_is_gone(service):
    service.replies += [PLAIN, "id,name\n1,Ada\n"]
    node = pulling(service)
    run(node)
    assert content(node, "p") == {"1": {"id": "1", "name": "Ada"}, "2": {"id": "2", "name": 'Bo, the "second"'}}
    run(node)
    assert content(node, "p")["2"]["_deleted"]


def test_a_server_that_knows_since_is_asked_for_what_is_new(service):
    service.answer = lambda _: "id,_updated\n1,2024-01-02\n2,2024-01-01\n"
    node = pulling(service, supports_since=True, url="file.csv?x=1")
    run(node)
    assert node.pump("p").last_seen == "2024-01-02"
    run(node)
    assert [request.query for request in service.requests] == [{"x": "1"}, {"x": "1", "since": "2024-01-02"}]
    assert service.requests[0].headers["x-key"] == "k"


def test_a_file_that_is_not_there(service):
    service.replies.append(Reply("gone", status=404))
    (failure,) = pulling(service).run().failures
    assert failure.message == f'system "u": GET {service.url}/file.csv: answered 404 Not Found: gone'
    assert failure.diagnostics[0].pointer == "/source"


def test_faults_of_the_configuration(service):
    for config, code, pointer in (
        ({"url": ""}, "DF202", "/source/url"),
        ({"primary_key": []}, "DF202", "/source/primary_key"),
        ({"has_header": False}, "DF202", "/source/field_names"),
        ({"dialect": "excel-tab"}, "DF205", "/source/dialect"),
        ({"decode_error_strategy": "ignore"}, "DF205", "/source/decode_error_strategy"),
        ({"encoding": "morse"}, "DF205", "/source/encoding"),
        ({"encoding": "hex"}, "DF205", "/source/encoding"),
    ):
        with pytest.raises(FindingsError) as caught:
            pulling(service, **config).entities("p")
        assert [(d.code, d.pointer) for d in caught.value.diagnostics] == [(code, pointer)]
