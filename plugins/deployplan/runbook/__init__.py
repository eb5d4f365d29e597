"""The steps of a release in running order; each works on a `Run`, returns a value and records evidence."""
