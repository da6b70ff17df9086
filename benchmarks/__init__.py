"""Speed as ratios: each row compares the library with the bare tool that it stands on, in the same run on this machine."""
