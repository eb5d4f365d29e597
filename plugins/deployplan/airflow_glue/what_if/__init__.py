"""What if? A whole run by the steps' own code, on a clock, nodes and people that are made up."""
