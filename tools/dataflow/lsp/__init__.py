"""The language server: what an editor asks, answered by the functions that the commands use."""
