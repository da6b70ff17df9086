"""The checks of `comfy-cloud doctor`, by what they look at."""
