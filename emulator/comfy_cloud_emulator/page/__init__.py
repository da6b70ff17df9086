"""The emulator's own page: what it shows, how that gets to the browser live, and the files of the page itself.

Reads the emulator and changes nothing in it; what the page's buttons do goes through the control routes.
"""
