"""The commands as data, and how they are written: as Markdown, and as pages for `man`."""
