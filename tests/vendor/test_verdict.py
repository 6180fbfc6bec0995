"""Our verdict on an output is that of sesam-py's `verify`, for every spec of the package and for outputs made from theirs.

The client asks a server that answers with canned outputs. Needs `SESAM_PY`; `make sesam-py` sets it up.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import pytest

from dataflow.expect.compare import compare
from dataflow.expect.spec import read_specs, spec_of
from vendor.client import ROOT, checkout, environment, python

needs_client = pytest.mark.skipif(
    not os.environ.get("SESAM_PY"), reason="SESAM_PY names no checkout of the vendor's client; see `make sesam-py`"
)
MUTANTS = 200
SPECS = (
    {},
    {"ignore_deletes": False},
    {"blacklist": ["*.a", "x", "l[].b"]},
    {"blacklist": ["$ids", "_id"], "fields_to_sort_by": ["k"]},
    {"fields_to_sort_by": ["k", "_id"]},
)
VALUES = (
    None,
    True,
    1,
    1.0,
    1.5,
    10**17 + 1,
    -(10**16) - 1,
    "",
    "~t2024-01-01T00:00:00Z",
    [],
    [1, "a"],
    {},
    {"a": 1, "_b": 2},
)


def mutated(entities, chance):
    """An output that differs from an expected file in ways that count and in ways that do not."""
    output = json.loads(json.dumps(entities))
    for _ in range(chance.randint(0, 3)):
        if not output:
            break
        entity = chance.choice(output)
        match chance.randrange(9):
            case 0:
                output.remove(entity)
            case 1:
                output.append(json.loads(json.dumps(entity)))
            case 2:
                entity[chance.choice(["x", "y", "$ids", "_ts"])] = chance.choice(VALUES)
            case 3:
                entity.pop(chance.choice(sorted(entity)), None)
            case 4:
                entity["_deleted"] = chance.choice([True, False, 1])
            case 5:
                output.append({"_id": "gone", "_deleted": True})
            case 6:
                chance.shuffle(output)
            case 7:
                entity["l"] = [{"b": chance.choice(VALUES), "_hash": 1}, chance.choice(VALUES)]
            case 8:
                entity.update(_updated=7, _hash="abc")
    return output


def cases():
    """Name -> spec, expected entities, output."""
    made = {}
    specs, _ = read_specs(ROOT)
    pool = []
    for spec in specs:
        expected = json.loads((ROOT / spec.file).read_text("utf-8"))
        raw = json.loads((ROOT / spec.path).read_text("utf-8"))
        pool.append(expected)
        made[f"as-expected-{spec.name}"] = (
            {k: v for k, v in raw.items() if k not in ("pipe", "file")},
            expected,
            expected,
        )
    chance = random.Random(20241124)
    pool.append([{"_id": i, "k": n % 2, "x": VALUES[n], "l": [{"a": n, "b": n}]} for n, i in enumerate("abcdefg")])
    for number in range(MUTANTS):
        expected = chance.choice(pool)[:5]
        spec = dict(chance.choice(SPECS))
        if "k" in spec.get("fields_to_sort_by", ()):
            expected = pool[-1]
        made[f"mutant-{number:03}"] = (spec, expected, mutated(expected, chance))
    return made


@contextmanager
def answering(outputs):
    """A server that answers what `verify` asks for."""
    sink = {"type": "http_endpoint"}
    pipes = [
        {
            "_id": name,
            "config": {
                "original": {"_id": name},
                "effective": {"_id": name, "source": {"type": "dataset"}, "sink": sink},
            },
            "runtime": {"state": "Ready", "is-valid-config": True, "config-errors": []},
        }
        for name in outputs
    ]
    answers = {"/api/": {"status": {"developer_mode": True}}, "/api/pipes": pipes}
    answers |= {f"/api/pipes/{name}/entities": entities for name, entities in outputs.items()}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps(answers[unquote(urlsplit(self.path).path)]).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def failing(package, url, count):
    """The specs that do not pass. One whose comparison ends the client in the middle does not, and is left out the next time."""
    folder = checkout()
    command = [python(folder), folder / "sesam.py", "-v", "verify"]
    ended = set()
    while True:
        done = subprocess.run(command, cwd=package, env=environment(url), capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        if f"Ran {count} tests" in said or re.search(rf"Failed \d+ of {count} tests", said):
            told = said.partition("Failed pipe id")[2]
            return ended | set(re.findall(r"^(\S+) \(expected/\S+\.test\.json\)$", told, re.MULTILINE))
        name = re.findall(r"^Verifying pipe '(.+)'\.\.$", said, re.MULTILINE)[-1]
        assert name not in ended, said[-2000:]
        ended.add(name)
        (package / "expected" / f"{name}.test.json").write_text(json.dumps({"ignore": True}))


@needs_client
def test_our_verdict_is_the_clients(tmp_path):
    made = cases()
    (tmp_path / "expected").mkdir()
    for name, (spec, expected, _) in made.items():
        (tmp_path / "expected" / f"{name}.test.json").write_text(json.dumps(spec))
        (tmp_path / "expected" / f"{name}.json").write_text(json.dumps(expected))
    with answering({name: output for name, (_, _, output) in made.items()}) as url:
        theirs = failing(tmp_path, url, len(made))
    ours = {n for n, (spec, expected, output) in made.items() if not compare(expected, output, spec_of(n, spec)).equal}
    assert ours == theirs
    # Both verdicts are there to be agreed on.
    assert MUTANTS / 4 < len(theirs) < MUTANTS * 3 / 4 + 1
    assert not any(name.startswith("as-expected") for name in theirs)
