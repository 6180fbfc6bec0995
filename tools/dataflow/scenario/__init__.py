"""Both systems, played through: records read through the mappings, who is linked with whom, edits and what must come of them."""
