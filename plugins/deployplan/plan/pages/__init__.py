"""What plan and schema look like for people and editors."""
