"""A fleet of nodes on this machine, and the tools that deploy to it."""
