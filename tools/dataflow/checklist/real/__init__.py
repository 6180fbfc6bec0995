"""The checklist against a node and tenants that are real, or could be: over HTTP, with a plan first and a clean-up last."""
