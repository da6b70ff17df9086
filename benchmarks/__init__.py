"""Speed as ratios: each row compares the library with the tool beneath it, in the same run."""
