"""Property lineage: where the value of a property comes from and goes to, known from the rules without running them."""

from dataflow.lineage.graph import Answer, Lineage, Verdict, of, shown
from dataflow.lineage.stages import Edge
from dataflow.lineage.value import Kind, Node, Place

__all__ = ["Answer", "Edge", "Kind", "Lineage", "Node", "Place", "Verdict", "of", "shown"]
