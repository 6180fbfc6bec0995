"""`dataflow update`: rewrite the expected files from a replay, as sesam-py's `update` does."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from dataflow.cli.test import configure_scope, known_pipes
from dataflow.errors import DataflowError
from dataflow.expect.replay import open_project, replay, testable
from dataflow.expect.suite import load_suite, rewrite

if TYPE_CHECKING:
    import argparse

EXAMPLES = ["dataflow update", "dataflow update --pipe customerp-order-share-endpoint"]


def configure(parser: argparse.ArgumentParser) -> None:
    configure_scope(parser)


def run(args: argparse.Namespace) -> int:
    project = open_project(args.dir, args.profile)
    pipes = testable(project)
    suite = load_suite(project.root, pipes, only=known_pipes(args.pipe, pipes), updating=True)
    done = replay(project)
    if done.failures:
        # Output of a broken run would be recorded as what is expected.
        told = "\n".join(f"  {pipe}: {reason}" for pipe, reason in done.failures.items())
        raise DataflowError(f"nothing was written, because the run failed\n{told}")
    changes = rewrite(suite, done.node, testable=pipes)
    width = max((len(change.what) for change in changes), default=0)
    for change in changes:
        print(f"{change.what:<{width}}  {change.path}" + (f"  ({change.reason})" if change.reason else ""))
    number = Counter(change.what for change in changes)
    print(", ".join(f"{count} {what}" for what, count in sorted(number.items())) or "there is nothing to update")
    return 0
