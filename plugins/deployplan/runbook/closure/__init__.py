"""The end of a run's record that the run itself cannot write any more."""
