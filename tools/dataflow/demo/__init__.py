"""`dataflow demo`: pages on which people watch an edit travel from one system to the other, and the checklist prove itself."""
