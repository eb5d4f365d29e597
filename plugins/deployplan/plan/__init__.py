"""What a deployment plan is: models, loading with positions, order of work, digest."""
