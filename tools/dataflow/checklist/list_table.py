"""The list-table of checklist documents for docutils: its rows as they stand, however many cells each has."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from docutils import nodes
from docutils.parsers.rst import Directive, directives

if TYPE_CHECKING:
    from collections.abc import Sequence


class ListTable(Directive):
    """Gives one `table` node whose children are the list items; anything else in it stands beside the table."""

    has_content = True
    option_spec: ClassVar = {"header-rows": directives.nonnegative_int}

    def run(self) -> Sequence[nodes.Node]:
        inside = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, inside)
        table = nodes.table("\n".join(self.content))
        table.line = self.lineno
        others: list[nodes.Node] = []
        for child in inside.children:
            if isinstance(child, nodes.bullet_list):
                table.extend(child.children)
            else:
                others.append(child)
        return [table, *others]
