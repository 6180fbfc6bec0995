"""`dataflow verify`: `test` under the name sesam-py users know; there is no node to upload to, so it replays first."""

from __future__ import annotations

from dataflow.cli.test import configure, run

EXAMPLES = ["dataflow verify", "dataflow verify --pipe customerp-order-share-endpoint"]

__all__ = ["EXAMPLES", "configure", "run"]
