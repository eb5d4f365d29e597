"""Telling: what people are to be told of a run, whom, when, and whether that has been done."""
