"""Jobs: reading and listing them on each kind of server, following them, cancelling them."""
