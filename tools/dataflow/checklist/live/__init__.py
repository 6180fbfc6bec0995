"""The checklist against two living systems: real edits over real HTTP, and what became of them."""
