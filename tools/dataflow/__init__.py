"""The dataflow toolkit: run, prove and validate a Sesam config package on a laptop."""

__version__ = "0.1.0"
