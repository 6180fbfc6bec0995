"""The benchmark of the node: replays of packages, long chains on disk, single edits in large datasets, and merging.

`python tests/bench/node_bench.py [--rounds 3] [--scale 1.0]` (`make bench-node`) prints rows as `run.py` does. Every workload runs
in a process of its own, which is measured from outside; what it measures itself it leaves in a file. Full size is
1,000,000 entities.
"""

import argparse
import gc
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from run import CLI, PYTHON, ROOT, Table, spend

sys.path.insert(0, str(ROOT / "tests"))

LARGE = 1_000_000
SMALL = 10_000
MEMBERS = 100_000
PIPES = 300
BATCH = 10_000


# --- what the child processes do ------------------------------------------------------------------------------------------


def person(number, count, **changed):
    """Ids come in no order, as they do from a system outside."""
    return {
        "_id": f"person-{number * 7919 % count:07}",
        "name": f"Person {number}",
        "email": f"person{number}@example.org",
        "company": f"company-{number % 1000}",
        "street": "Storgata 1",
        "tags": ["a", "b"],
        "created": "2024-01-01T00:00:00Z",
        **changed,
    }


def node_on(kind, folder, *pipes):
    from dataflow.clock import Clock
    from dataflow.node.store import MemoryStore
    from dataflow.node.store.sqlite import SqliteStore
    from node.pipes import node_of

    return node_of(*pipes, clock=Clock(), store=SqliteStore(folder) if kind == "disk" else MemoryStore())


def post(node, pipe, count, make):
    for start in range(0, count, BATCH):
        node.post(pipe, (make(n, count) for n in range(start, min(start + BATCH, count))))


def chain(kind, count, folder):
    """A receiver and three pipes one after the other."""
    from node.pipes import reader, receiver

    node = node_on(
        kind,
        folder,
        receiver("person"),
        reader("first", "person", ["copy", "*"], ["add", "upper", ["upper", "_S.name"]]),
        reader("second", "first", ["copy", "*"], ["add", "first", ["first", "_S.tags"]]),
        reader("third", "second", ["copy", ["list", "upper", "first", "email"]]),
    )
    post(node, "person", count, person)
    started = time.perf_counter()
    report = node.run()
    if not report.ok or node.dataset("third").offset != count - 1:
        raise SystemExit("the chain did not do its work")
    return {"seconds": time.perf_counter() - started}


def edits(kind, count, folder):
    """Single edits on their way through a chain, a merge and a hop, and edits of what is hopped to."""
    from node.pipes import merging, reader, receiver

    company = ["hops", {"datasets": ["company c"], "where": ["eq", "_S.company", "c._id"], "return": "c.name"}]
    node = node_on(
        kind,
        folder,
        receiver("person"),
        receiver("user"),
        receiver("company"),
        reader("clean", "person", ["copy", "*"], ["add", "upper", ["upper", "_S.name"]]),
        merging("everyone", ["clean p", "user u"], equality=[["eq", "p.email", "u.email"]]),
        reader("employed", "everyone", ["copy", "*"], ["add", "employer", company]),
        reader("end", "employed", ["copy", "*"]),
    )
    post(node, "person", count, person)
    post(node, "user", 1000, lambda n, _: {"_id": f"user-{n}", "email": f"person{n}@example.org"})
    # As many persons per company in a large dataset as in a small one.
    node.post("company", ({"_id": f"company-{n}", "name": f"Company {n}"} for n in range(1000)))
    post(node, "company", count // 10, lambda n, _: {"_id": f"other-{n}", "name": f"Other {n}"})
    node.post("person", [person(n, count, company=f"lonely-{n}") for n in range(20)])
    node.post("company", ({"_id": f"lonely-{n}", "name": "L"} for n in range(20)))
    if not node.run().ok:
        raise SystemExit("a pipe failed")
    return {
        "edit": [_edit(node, "person", person(n, count, name=f"New {n}", company=f"lonely-{n}")) for n in range(20)],
        "hopped": [_edit(node, "company", {"_id": f"lonely-{n}", "name": f"New {n}"}) for n in range(20)],
    }


def _edit(node, pipe, entity):
    end = node.dataset("end").offset
    started = time.perf_counter()
    node.post(pipe, [entity])
    node.run()
    if node.dataset("end").offset != end + 1:
        raise SystemExit(f"an edit of {entity['_id']} did not reach the end")
    return time.perf_counter() - started


def merge(kind, count, folder):
    """Two datasets, each entity of one equal to one of the other."""
    from node.pipes import merging, receiver

    node = node_on(
        kind,
        folder,
        receiver("person"),
        receiver("user"),
        merging("everyone", ["person p", "user u"], equality=[["eq", "p.email", "u.email"]]),
    )
    post(node, "person", count, person)
    post(node, "user", count, lambda n, c: {"_id": f"user-{n}", "email": f"person{n}@example.org", "login": f"u{n}"})
    started = time.perf_counter()
    if not node.run().ok or node.dataset("everyone").offset != count - 1:
        raise SystemExit("the merge did not do its work")
    return {"rate": 2 * count / (time.perf_counter() - started)}


def replay(kind, count, folder):
    """The package with its test data; the pipes are compiled before the clock starts."""
    from dataflow.node.node import Node
    from dataflow.node.store import MemoryStore
    from dataflow.node.store.sqlite import SqliteStore
    from dataflow.node.testdata import load_testdata
    from dataflow.project import load_project

    project = load_project(ROOT)
    store = SqliteStore(folder) if kind == "disk" else MemoryStore()
    started = time.perf_counter()
    node = Node.from_project(project, store=store)
    load_testdata(node, ROOT)
    node.run()
    return {"seconds": time.perf_counter() - started}


def package(folder):
    """A package as strangers write them: pipes with embedded test data, every third of them published and compared."""
    for kind in ("pipes", "expected"):
        (folder / kind).mkdir()
    rules = {"default": [["copy", "*"], ["add", "upper", ["upper", "_S.name"]]]}
    for number in range(PIPES):
        entities = [{**person(n, 10), "owner": f"pipe-{number}"} for n in range(10)]
        source = {"type": "embedded", "entities": entities}
        pipe(folder, f"pipe-{number}", source=source, transform={"type": "dtl", "rules": rules})
        if number % 3 == 0:
            source = {"type": "dataset", "dataset": f"pipe-{number}"}
            pipe(folder, f"pipe-{number}-endpoint", source=source, sink={"type": "http_endpoint"})
            (folder / f"expected/pipe-{number}-endpoint.test.json").write_text("{}", encoding="utf-8")
    (folder / "node-metadata.conf.json").write_text('{"_id": "node", "type": "metadata"}', encoding="utf-8")
    (folder / "test-env.json").write_text("{}", encoding="utf-8")
    spend([*CLI, "update", "--dir", folder])
    if len(list((folder / "expected").glob("*-endpoint.json"))) != PIPES // 3:
        raise SystemExit("the endpoints were not published")


def pipe(folder, name, **config):
    (folder / f"pipes/{name}.conf.json").write_text(
        json.dumps({"_id": name, "type": "pipe", **config}), encoding="utf-8"
    )


WORK = {"chain": chain, "edits": edits, "merge": merge, "replay": replay}


# --- what is made of it ---------------------------------------------------------------------------------------------------


def measured(name, kind, count):
    """What a workload cost, and what it says itself."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        spent = spend([PYTHON, __file__, "--work", name, kind, str(count), folder])
        return spent, json.loads(result.read_text(encoding="utf-8"))


def replays(table, rounds):
    spend([*CLI, "run"])
    walls = [spend([*CLI, "run"]).wall for _ in range(rounds)]
    table.row("replay of the package from a cold start, s", walls, "<= 2.5", most=2.5)
    pairs = [(measured("replay", "disk", 0)[1], measured("replay", "memory", 0)[1]) for _ in range(rounds)]
    table.row("replay: on disk against in memory", [d["seconds"] / m["seconds"] for d, m in pairs], "<= 2", most=2)


def strangers(table, rounds):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        package(folder)
        walls = [spend([*CLI, "test", "--dir", folder]).wall for _ in range(rounds)]
    table.row(f"test of {PIPES} pipes with embedded data, s", walls, "<= 5", most=5)


def chains(table, count):
    large, _ = measured("chain", "disk", count)
    small, _ = measured("chain", "disk", count // 10)
    figure = f"three pipes over {count:,} on disk"
    table.row(f"{figure}: peak memory, MB", [large.peak_mb], "< 500", most=500)
    table.row(f"{figure}: time against a tenth of it", [large.cpu / small.cpu], "<= 11", most=11)
    print(f"{'':<4}{large.wall:.0f} s, {4 * count / large.wall:,.0f} versions a second")
    ours, _ = measured("chain", "memory", count // 10)
    table.row("three pipes: time on disk against in memory", [small.cpu / ours.cpu], "<= 3", most=3)


def single_edits(table, kind, count):
    large_spent, large = measured("edits", kind, count)
    _, small = measured("edits", kind, min(SMALL, count))
    for name, what in (("edit", "an edit"), ("hopped", "an edit of what is hopped to")):
        figure = f"{what} to the end of {count:,}, {kind}"
        table.row(f"{figure}, ms", [1000 * seconds for seconds in large[name]], "<= 50", most=50)
        ratio = statistics.median(large[name]) / statistics.median(small[name])
        table.row(f"{figure} against {min(SMALL, count):,}", [ratio], "<= 2", most=2)
    print(f"{'':<4}peak memory {large_spent.peak_mb:.0f} MB")


def merges(table, count, rounds):
    for kind in ("memory", "disk"):
        rates = [measured("merge", kind, count)[1]["rate"] for _ in range(rounds)]
        figure = f"merge of 2 x {count:,}, {kind}: thousand entities a second"
        table.row(figure, [rate / 1000 for rate in rates], ">= 20", least=20)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size (1,000,000 entities)")
    parser.add_argument("--work", nargs=4, metavar=("NAME", "STORE", "COUNT", "FOLDER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        name, kind, count, folder = given.work
        # As every command does, `dataflow node serve` among them.
        gc.set_threshold(50_000)
        result = WORK[name](kind, int(count), Path(folder) / "store")
        (Path(folder) / "result.json").write_text(json.dumps(result), encoding="utf-8")
        return 0
    table = Table()
    replays(table, given.rounds)
    strangers(table, given.rounds)
    merges(table, int(MEMBERS * min(1.0, 10 * given.scale)), given.rounds)
    for kind in ("memory", "disk"):
        single_edits(table, kind, int(LARGE * given.scale))
    chains(table, int(LARGE * given.scale))
    return 0 if table.met else 1


if __name__ == "__main__":
    sys.exit(main())
