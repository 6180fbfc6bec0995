"""Kills a served node with SIGKILL again and again while its schedules run and somebody posts to it, and starts it again.

`python tests/node/crash/served.py [--kills 500] [--seed 1]` (`make crash`). A child serves a folder as `dataflow node serve` does
with `--data`, `--schedule` and `--reach`, with which pumps go on where they were when the configuration changes. The parent posts
entities, changes components, variables and secrets over HTTP, one request after the other, and kills the child at a random moment.
What was answered must be there afterwards, what was not as a whole or not at all; what a pump has taken in is not taken in again.
The next child gets the request that was not answered once more. At the end every dataset must hold what a node in memory makes of
the same requests at once.
"""

import argparse
import http.client
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[2]))

from dataflow.node.api.server import Server
from dataflow.node.bundle import document_of
from dataflow.node.live import LiveNode
from dataflow.node.sequence import Push
from node.pipes import embedded, merging, reader, receiver

REQUESTS = 12
RECEIVERS = ("person", "user")
# The pump of each of these reads a dataset from its start to its end, and its log tells of every run that read something.
COUNTED = {"named": "person", "chosen": "named"}


def components(number):
    """Those of a life; `number` makes one configuration differ from the next in what does no harm to data."""
    counting = {"pump": {"schedule_interval": "~f0.01", "log_events_noop_runs_changes_only": False}}
    often = {"batch_size": 3, "checkpoint_interval": 1}
    hop = ["hops", {"datasets": ["user u"], "where": ["eq", "_S.email", "u.email"], "return": "u._id"}]
    return [
        {"_id": "node", "type": "metadata", "number": number},
        *map(receiver, RECEIVERS),
        reader("named", "person", ["copy", "*"], ["add", "m", 1], **often, **counting),
        reader("chosen", "named", ["copy", "*"], ["filter", ["neq", "_S.n", 3]], **often, **counting),
        {**merging("everyone", ["person p", "user u"], equality=[["eq", "p.email", "u.email"]]), **often},
        reader("end", "everyone", ["copy", "*"], ["add", "users", hop], **often),
        embedded("fixed", *({"_id": str(n), "n": n} for n in range(5)), pump={"cron_expression": "* * * * *"}),
    ]


def script(dice):
    """Method, path and body of every request of a life."""
    made = [("PUT", "/config", components(0))]
    for number in range(REQUESTS):
        kind = dice.choices(["post", "env", "secrets", "config"], [8, 1, 1, 1])[0]
        if kind == "post":
            chosen = dice.choice(RECEIVERS)
            ids = dice.sample(range(12), dice.randint(1, 12))
            made.append(("POST", f"/receivers/{chosen}/entities", [entity(dice, f"{chosen}{n}") for n in ids]))
        else:
            body = components(number) if kind == "config" else {"number": str(number)}
            made.append(("PUT", f"/{kind}", body))
    return made


def entity(dice, entity_id):
    made = {"_id": entity_id, "n": dice.randrange(4), "email": f"{dice.randrange(8)}@x"}
    return {"_id": entity_id, "_deleted": True} if dice.random() < 0.15 else made


class Model:
    """What a node has that was told so much."""

    def __init__(self):
        self.logs = {one: [] for one in RECEIVERS}
        self.number, self.env, self.secret = None, None, None

    def take(self, request):
        _, path, body = request
        if path == "/config":
            self.number = body[0]["number"]
        elif path == "/env":
            self.env = body
        elif path == "/secrets":
            self.secret = body["number"]
        else:
            log = self.logs[path.split("/")[2]]
            latest = {one["_id"]: one for one in log}
            log += [whole for one in body if (whole := {"_deleted": False, **one}) != latest.get(one["_id"])]

    def differences(self, live):
        metadata = live.configuration.components[:1]
        found = {
            "the configuration": (metadata[0]["number"] if metadata else None, self.number),
            "the variables": (live.configuration.env, self.env),
            "the secret": (live.secrets.values().get("number"), self.secret),
        }
        for dataset, log in self.logs.items():
            found[f"dataset {dataset}"] = (versions(live, dataset), log)
        return [f"{name}: {is_} instead of {should}" for name, (is_, should) in found.items() if is_ != should]


def versions(live, dataset):
    known = live.state.node.datasets.get(dataset)
    found = [] if known is None else known.since(history=True)
    return [{k: v for k, v in one.items() if k[0] != "_" or k in ("_id", "_deleted")} for one in found]


def serve(folder, telling):
    live = LiveNode(folder=folder, reach=True)
    server = Server(live, port=0)
    os.write(telling, f"{server.url}\n".encode())
    live.start_schedules()
    server.serve()


def send(connection, request):
    """Whether it was answered."""
    method, path, body = request
    try:
        connection.request(method, f"/api{path}", json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
    except (OSError, http.client.HTTPException):
        return False
    if answer.status != 200:
        raise SystemExit(f"{method} {path} was answered with {answer.status}: {text!r}")
    return True


def kill(folder, requests, done, dice):
    """One child and its end; how many of the requests have been answered altogether."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            serve(folder, writing)
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as told:
        url = told.readline()
        if not url:
            raise SystemExit("the child has not come up")
        last = dice.randint(done, len(requests) - 1)
        host = urlsplit(url.strip())
        with closing(http.client.HTTPConnection(host.hostname, host.port, timeout=60)) as connection:
            while done < last and send(connection, requests[done]):
                done += 1
            # A life of its own sees to the end, so that the death can come in the middle of an answer.
            killer = os.fork()
            if killer == 0:
                time.sleep(dice.random() * 0.06)
                os.kill(child, signal.SIGKILL)
                os._exit(0)
            while done < len(requests) and send(connection, requests[done]):
                done += 1
            os.waitpid(killer, 0)
    os.waitpid(child, 0)
    return done


def again(live):
    """Pumps that have taken in more than there was."""
    node = live.state.node
    for pipe, dataset in COUNTED.items():
        if pipe in node.datasets:
            log = node.dataset(f"system:pump_execution:{pipe}").since(history=True)
            read = sum(e["metrics"]["entities"]["entities_last_run"] for e in log if e["_id"] == "pump-completed")
            if read > node.datasets[dataset].offset + 1:
                yield f"{pipe} has read {read} entities, and there were {node.datasets[dataset].offset + 1}"


def life(seed, kills, tally):
    """One script, killed at most so often and then finished; what is wrong, if anything."""
    dice = random.Random(seed)
    requests, done = script(dice), 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        while kills and done < len(requests):
            before = done
            done = kill(folder, requests, done, dice)
            kills -= 1
            tally["kills"] += 1
            tally["requests answered"] += done - before
            least, most = Model(), Model()
            for request in requests[:done]:
                least.take(request)
            for request in requests[: done + 1]:
                most.take(request)
            live = LiveNode(folder=folder, reach=True)
            faults = [*(least.differences(live) and most.differences(live)), *again(live)]
            tally["not answered, but there"] += bool(least.differences(live))
            live.close()
            if faults:
                return faults
        return finish(folder, requests, done)


def finish(folder, requests, done):
    live, other = LiveNode(folder=folder, reach=True), LiveNode(reach=True)
    for node, told in ((live, requests[done:]), (other, requests)):
        for _, path, body in told:
            tell(node, path, body)
        with node.using() as inner:
            inner.run()
    faults = [
        f"{dataset} is not what it would be without a death"
        for dataset in other.state.node.datasets
        if latest(live, dataset) != latest(other, dataset)
    ]
    with live.using() as node:
        faults += [f"{i} had something to do once more" for i, run in node.run().pipes.items() if run.written]
    live.close()
    return faults


def tell(live, path, body):
    if path == "/config":
        live.change(lambda old: old.with_documents(map(document_of, body)))
    elif path == "/env":
        live.set_env(body)
    elif path == "/secrets":
        live.set_secrets(lambda secrets: secrets.put(body))
    else:
        live.receive(path.split("/")[2], body, Push())


def latest(live, dataset):
    newest = {one["_id"]: one for one in versions(live, dataset)}
    return {i: one for i, one in newest.items() if not one["_deleted"]}


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
