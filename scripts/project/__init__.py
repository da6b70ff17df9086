"""Where the files of the project are, and how made files are written or checked."""
