"""What listens in the API server and beside the components."""
