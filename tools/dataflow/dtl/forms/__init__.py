"""Special forms and transforms: what decides itself whether and in which scope an argument is evaluated."""

from dataflow.dtl.forms import application, conditionals, hops, logic, markers, transforms

__all__ = ["application", "conditionals", "hops", "logic", "markers", "transforms"]
