"""A text with places, and what is wrong with it; nothing here knows what a plan is."""
