"""Files to snapshots, or all their problems."""
