"""One node: having a step done there once, following it, ending it, and what the node itself tells."""
