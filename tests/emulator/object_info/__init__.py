"""Emulators with the node classes of a server: reading them, checking graphs, imitating nodes."""
