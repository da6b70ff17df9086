"""The project's own build steps: each is a module to run with `python -m scripts.NAME`, and knows `--check`."""
