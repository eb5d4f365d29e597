"""Comms: messages to the people concerned, written before the release, sent once."""
