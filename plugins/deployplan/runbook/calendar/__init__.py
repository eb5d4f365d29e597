"""Several plans and the clock: how each stands, who waits, who is in whose way."""
