"""What waits or begins without a worker, in the triggerer."""
