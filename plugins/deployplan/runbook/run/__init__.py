"""What every step holds: the run, its nodes, its try, and what its record proves."""
