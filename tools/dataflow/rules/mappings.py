"""Rules about mappings: what `pipes/mappings/` says, held against what the pipes do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dataflow.diagnostics import Severity
from dataflow.errors import FindingsError
from dataflow.rules.rule import Family, Files, Found, dtl, pipe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataflow.project import Project
    from dataflow.rules.package import Package

family = Family("mappings")

_FOLDER = "pipes/mappings"
_MAPPING = """\
concept: product
tie: customerp
members:
  webcrm-product: {type: product, pk: ProductId, updated: ProductUpdatedAt, insert: switch}
  customerp-product: {type: product, pk: Id, updated: UpdatedAt, insert: always}
flows:
  - title: Webcrm Products to Customerp Product
    webcrm: webcrm-product
    customerp: customerp-product
    rows:
      - {golden: memo, webcrm: ProductMemo, customerp: Description, type: string, way: crm, as: text}
"""


def _mapped(*rule: object) -> Files:
    source = {"type": "dataset", "dataset": "webcrm-product-all"}
    return {
        f"{_FOLDER}/product.yaml": _MAPPING,
        **pipe("webcrm-product-all"),
        **pipe("customerp-product-transform", source, transform=dtl(["copy", "_id"], *rule)),
    }


@family.rule(
    "DF504",
    severity=Severity.ERROR,
    bad=_mapped(["add", "Description", "_S.ProductName"]),
    good=_mapped(["add", "Description", ["strip", "_S.ProductMemo"]]),
)
def not_carried(package: Package) -> Iterator[Found]:
    """A row of a mapping that the pipes do not carry: from what comes in at the `-all` pipe of one system no rule leads
    to the property in the `-transform` pipe of the other. `dataflow lineage` shows where the property goes instead.
    What the rules do not tell is not reported.
    """
    project = package.project
    folder = project.root / _FOLDER
    if not folder.is_dir() or package.unreadable:
        return
    memory = project.memory
    key = None if memory is None else memory.key("mappings", *_everything(package))
    found = None if memory is None or key is None else memory.fact(key)
    if found is None:
        found = list(_compared(project))
        if memory is not None and key is not None:
            memory.keep_fact(key, found)
    if found:
        from dataflow.yaml_text import read_yaml

        documents = {path.name: read_yaml(path) for path in sorted(folder.glob("*.yaml"))}
        for file, pointer, message in found:
            yield Found(documents[file], pointer, message, "run `dataflow generate`, or correct the row")


def _everything(package: Package) -> Iterator[object]:
    """What the findings depend on."""
    project = package.project
    yield project.env
    yield from (project.documents[name].text for name in sorted(project.documents))
    yield from (path.read_text("utf-8") for path in sorted((project.root / _FOLDER).glob("*.yaml")))


def _compared(project: Project) -> Iterator[list[str]]:
    """Name of the mapping, pointer and message of every row that is not carried."""
    from dataflow.generate.mapping_file import read_mappings
    from dataflow.lineage import of
    from dataflow.lineage.mapping import broken

    try:
        mappings = read_mappings(project.root / _FOLDER)
    except FindingsError:
        # `dataflow generate` tells what is wrong there.
        return
    for one in broken(of(project), mappings):
        message = f'row "{one.way.row.golden}" is not carried: {one.reason}'
        yield [Path(one.way.file).name, one.way.row.pointer, message]
