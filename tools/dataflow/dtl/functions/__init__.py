"""The functions, one module per chapter of the reference; importing this package fills the registry."""

