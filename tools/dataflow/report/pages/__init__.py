"""Pages as templates: filled in, each needs nothing else."""
