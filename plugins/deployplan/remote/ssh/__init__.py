"""Reaching a node over SSH, with asyncssh."""
