"""What a rerun would do, and what would be in its way, before anyone clears."""
