"""The checks, one family per module: each takes a view of a replay and a flow of a mapping, and gives one result per row."""
