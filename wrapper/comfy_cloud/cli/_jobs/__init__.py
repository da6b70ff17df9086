"""Jobs on the command line: their ids, columns and details, and the verbs about one job."""
