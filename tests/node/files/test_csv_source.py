"""configuration-sources-csv.rst, property by property, and decision 0443."""

import pytest

from dataflow.errors import FindingsError, PumpFailed
from node.pipes import content

PLAIN = 'id,name\n1,Ada\n2,"Bo, the ""second"""\n'
ROWS = [{"id": "1", "name": "Ada", "_id": "1"}, {"id": "2", "name": 'Bo, the "second"', "_id": "2"}]


def test_rows_are_entities_of_strings(web):
    assert web.read(PLAIN) == ROWS
    assert web.read(PLAIN.replace("\n", "\r\n")) == ROWS
    assert web.read("id,n\n1,007\n\n2,true\n") == [
        {"id": "1", "n": "007", "_id": "1"},
        {"id": "2", "n": "true", "_id": "2"},
    ]


def test_a_cell_may_hold_lines(web):
    assert web.read('id,a\n1,"x\ny\u2028z"\n')[0]["a"] == "x\ny\u2028z"


def test_empty_strings_are_left_out_unless_wanted(web):
    assert web.read("id,a,b\n1,,x\n") == [{"id": "1", "b": "x", "_id": "1"}]
    assert web.read("id,a,b\n1,,x\n", preserve_empty_strings=True) == [{"id": "1", "a": "", "b": "x", "_id": "1"}]
    # What a short row does not have is not even empty.
    assert web.read("id,a,b\n1,x\n", preserve_empty_strings=True) == [{"id": "1", "a": "x", "_id": "1"}]


def test_names_of_columns(web):
    names = {"field_names": ["id", "who"]}
    assert web.read("1,Ada\n", has_header=False, **names) == [{"id": "1", "who": "Ada", "_id": "1"}]
    assert web.read("a,b\n1,Ada\n", **names) == [{"id": "1", "who": "Ada", "_id": "1"}]


def test_keys(web):
    assert [e["_id"] for e in web.read("a,b\n10250,41\n", primary_key=["a", "b"])] == ["10250_41"]
    with pytest.raises(PumpFailed, match="has no column ID, which primary_key names; there is id, name"):
        web.read(PLAIN, primary_key="ID")
    with pytest.raises(PumpFailed, match="line 3 has nothing in id, which primary_key names"):
        web.read("id,name\n1,a\n,b\n")


def test_lists_say_which_columns_are_shown_and_the_key_needs_not_be(web):
    assert web.read("id,a,b\n1,2,3\n", whitelist=["a", "b"], blacklist=["b"]) == [{"a": "2", "_id": "1"}]
    assert web.read("id,a\n1,2\n", blacklist=["id"]) == [{"a": "2", "_id": "1"}]


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
def test_dialects(web, text, source):
    assert web.read(text, **source) == [{"id": "1", "a": "x,y", "_id": "1"}]


def test_a_delimiter_of_several_characters_may_stand_in_a_cell(web):
    assert web.read('id||a\n1||"x||y"\n', delimiter="||") == [{"id": "1", "a": "x||y", "_id": "1"}]


def test_what_cannot_be_guessed_is_excel(web):
    assert web.read("id\n1\n2\n") == [{"id": "1", "_id": "1"}, {"id": "2", "_id": "2"}]
    # No quote is doubled in what is looked at, but later one is.
    long = "id,a\n" + "".join(f'{n},"x"\n' for n in range(4000)) + 'last,"say ""z"""\n'
    assert web.read(long)[-1] == {"id": "last", "a": 'say "z"', "_id": "last"}
    assert web.read("") == web.read("id,name\n") == []


def test_encodings(web):
    assert web.read("id,a\n1,é\n".encode("latin-1"), encoding="iso-8859-1")[0]["a"] == "é"
    assert web.read("\ufeffid,a\n1,é\n")[0] == {"id": "1", "a": "é", "_id": "1"}
    wrong = "id,a\n1,é\n".encode("latin-1")
    with pytest.raises(PumpFailed, match="the file is not in utf-8"):
        web.read(wrong)
    assert web.read(wrong, decode_error_strategy="replace")[0]["a"] == "\ufffd"


def test_null_characters(web):
    with pytest.raises(PumpFailed, match="escape_null_bytes lets them pass"):
        web.read("id,a\n1,x\0y\n")
    assert web.read("id,a\n1,x\0y\n", escape_null_bytes=True)[0]["a"] == "x\\0y"


def test_cells_without_a_column(web):
    assert web.read("id,a\n1,x,,\n", delimiter=",") == [{"id": "1", "a": "x", "_id": "1"}]
    with pytest.raises(PumpFailed, match="line 2 has 3 cells, and there are 2 columns"):
        web.read("id,a\n1,x,y\n", delimiter=",")


def test_a_long_cell(web):
    assert len(web.read(f"id,a\n1,{'x' * 200_000}\n")[0]["a"]) == 200_000


def test_every_run_reads_all_of_it_and_deletes_what_is_gone(web):
    web.files["/file.csv"] = PLAIN.encode()
    node = web.node()
    node.run()
    assert content(node, "p") == {"1": {"id": "1", "name": "Ada"}, "2": {"id": "2", "name": 'Bo, the "second"'}}
    web.files["/file.csv"] = b"id,name\n1,Ada\n"
    node.pump("p").run()
    assert content(node, "p")["2"]["_deleted"]


def test_a_server_that_knows_since_is_asked_for_what_is_new(web):
    web.files["/file.csv"] = b"id,_updated\n1,2024-01-02\n2,2024-01-01\n"
    node = web.node(supports_since=True, url="file.csv?x=1")
    node.run()
    assert node.pump("p").last_seen == "2024-01-02"
    node.pump("p").run()
    assert [path for path, _ in web.asked] == ["/file.csv?x=1", "/file.csv?x=1&since=2024-01-02"]


def test_faults_of_the_configuration(web):
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
            web.source(**config)
        assert [(d.code, d.pointer) for d in caught.value.diagnostics] == [(code, pointer)]
