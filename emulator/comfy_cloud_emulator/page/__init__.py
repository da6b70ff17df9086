"""The emulator's own page: what it shows, its live updates, and its static files.

Reads the emulator and changes nothing in it; the page's buttons use the control routes.
"""
