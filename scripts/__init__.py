"""Build steps of the project. `make` runs each module here as `python -m scripts.NAME`."""
