"""Kills a node with SIGKILL again and again while it writes to its store, and looks at what is left.

`python tests/node/crash/driver.py [--kills 500] [--seed 1]` (`make crash`). A child posts and runs, and acknowledges every step
on a pipe; the parent kills it at a random moment, opens the store and compares it with an undisturbed run in memory. Every log
must be
the beginning of the undisturbed one, version by version: no shorter than the acknowledged steps made it, no longer than the step
under way would make it. The next child goes on with the first step that was not acknowledged.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from dataflow.node.store import MemoryStore
from dataflow.node.store.sqlite import SqliteStore
from node.pipes import embedded, merging, node_of, reader, receiver

STEPS = 14


def make_node(store, batch):
    """Every kind of source and state: receivers, a chain, tracked hops, a merge, a union, entities with deletion tracking.

    Pumps save how far they have come after every `batch` entities.
    """
    often = {"batch_size": batch, "checkpoint_interval": 1}
    company = ["hops", {"datasets": ["company c"], "where": ["eq", "_S.company", "c._id"], "return": "c.name"}]
    union = {"type": "union_datasets", "datasets": ["person", "company"]}
    equality = [["eq", "p.email", "u.email"]]
    whole = {"rules": {"default": [["copy", "*"], ["if", ["eq", "_S.n", 3], ["filter"]]]}, "type": "dtl"}
    colleagues = ["hops", {"datasets": ["named n"], "where": ["eq", "_S.company", "n.company"], "return": "n._id"}]
    return node_of(
        receiver("person"),
        receiver("company"),
        receiver("user"),
        reader("named", "person", ["copy", "*"], ["add", "employer", company], **often),
        reader("chosen", "named", ["copy", "*"], ["filter", ["neq", "_S.n", 3]], **often),
        {**merging("everyone", ["person p", "user u"], equality=equality), **often},
        reader("end", "everyone", ["copy", "*"], ["add", "colleagues", colleagues], **often),
        {"_id": "both", "type": "pipe", "source": union, "transform": whole, **often},
        embedded("fixed", *({"_id": str(n), "n": n} for n in range(5)), **often),
        store=store,
    )


def script(dice):
    """Steps of a life: posts of a few entities, and runs."""
    steps = []
    for number in range(STEPS):
        if number == STEPS - 1 or dice.random() < 0.4:
            steps.append(None)
            continue
        kind = dice.choice(["person", "company", "user"])
        # No id twice: whoever repeats a post that was not acknowledged would write the earlier of two contents again.
        steps.append((kind, [entity(dice, f"{kind}{n}") for n in dice.sample(range(15), dice.randint(1, 15))]))
    return steps


def entity(dice, entity_id):
    made = {"_id": entity_id, "n": dice.randrange(4), "big": 2**70, "text": "~:no"}
    if dice.random() < 0.15:
        return {**made, "_deleted": True}
    return {
        **made,
        "name": f"Name {dice.randrange(30)}",
        "company": f"company{dice.randrange(15)}",
        "email": f"{dice.randrange(12)}@x",
    }


def take(node, step):
    if step is None:
        report = node.run()
        if not report.ok:
            raise SystemExit(f"a pipe failed: {report.diagnostics()}")
    else:
        node.post(*step)


def live(folder, steps, start, acknowledge, batch):
    """The child: its life from a step on, and then its death by its own hand."""
    store = SqliteStore(folder)
    node = make_node(store, batch)
    for step in range(start, len(steps)):
        take(node, steps[step])
        os.write(acknowledge, bytes([step]))
    store.close()


def logs(node):
    return {i: list(dataset.since(history=True)) for i, dataset in node.datasets.items()}


class Undisturbed:
    """What the logs are at the end, and how long they are after every step; one without any comes first."""

    def __init__(self, steps, batch):
        self.batch = batch
        node = make_node(MemoryStore(), batch)
        self.lengths = [dict.fromkeys(node.datasets, 0)]
        self.seconds = []
        for step in steps:
            began = time.perf_counter()
            take(node, step)
            self.seconds.append(time.perf_counter() - began)
            self.lengths.append({i: dataset.offset + 1 for i, dataset in node.datasets.items()})
        self.logs = logs(node)

    def compare(self, found, done):
        """What is wrong with the logs after a death when so many steps were acknowledged."""
        for dataset, versions in found.items():
            least, most = self.lengths[done][dataset], self.lengths[min(done + 1, len(self.lengths) - 1)][dataset]
            if not least <= len(versions) <= most:
                yield f"{dataset} has {len(versions)} versions, and {least} to {most} are right"
            if versions != self.logs[dataset][: len(versions)]:
                yield f"{dataset} differs from the undisturbed run"


def kill(folder, steps, start, dice, undisturbed):
    """One child and its end; how many steps it has acknowledged altogether, and whether it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        # Whatever happens, the child must not go on with the parent's work.
        code = 1
        try:
            live(folder, steps, start, writing, undisturbed.batch)
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    last = dice.randint(start, len(steps) - 1)
    done = start
    while done < last and os.read(reading, 1):
        done += 1
    # Writing to disk takes longer than the step did in memory; opening comes before the first one.
    time.sleep(dice.random() * (4 * undisturbed.seconds[last] + (0.03 if last == start else 0.0)))
    os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    while os.read(reading, 1):
        done += 1
    os.close(reading)
    if status not in (0, -signal.SIGKILL):
        raise SystemExit(f"the child ended with {status}")
    return done, status == -signal.SIGKILL


def life(seed, kills, tally):
    """One script, killed at most so often and then finished; what is wrong, if anything."""
    dice = random.Random(seed)
    # Small enough that pumps are also cut off between two checkpoints of one run.
    batch = dice.choice([3, 100])
    steps = script(dice)
    undisturbed = Undisturbed(steps, batch)
    with tempfile.TemporaryDirectory() as name:
        folder, done = Path(name), 0
        while kills and done < len(steps):
            before = done
            done, killed = kill(folder, steps, done, dice, undisturbed)
            kills -= killed
            tally["kills"] += killed
            tally["in the step under way" if done < len(steps) else "after the last step"] += killed
            tally["without an acknowledged step"] += killed and done == before
            store = SqliteStore(folder)
            found = logs(make_node(store, batch))
            store.close()
            if faults := list(undisturbed.compare(found, done)):
                return faults
        return finish(folder, steps, done, undisturbed)


def finish(folder, steps, done, undisturbed):
    store = SqliteStore(folder)
    node = make_node(store, undisturbed.batch)
    for step in steps[done:]:
        take(node, step)
    faults = list(undisturbed.compare(logs(node), len(steps)))
    store.close()
    store = SqliteStore(folder)
    node = make_node(store, undisturbed.batch)
    report = node.run()
    faults += [f"{i} was run again" for i, run in report.pipes.items() if run.runs or run.written]
    faults += undisturbed.compare(logs(node), len(steps))
    store.close()
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    tally, seed = Counter(), given.seed
    while tally["kills"] < given.kills:
        faults = life(seed, min(6, given.kills - tally["kills"]), tally)
        if faults:
            print(f"seed {seed}, after {tally['kills']} kills:", *faults, sep="\n  ")
            return 1
        tally["lives"] += 1
        seed += 1
    print(", ".join(f"{count} {name}" for name, count in tally.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
