"""Assets on the command line: their ids, and the verbs that change them."""
