"""What people are asked when something has failed: what they may choose, until when, and what they read."""
