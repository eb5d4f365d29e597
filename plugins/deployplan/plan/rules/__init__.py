"""Rules whose breach makes a plan unusable."""
