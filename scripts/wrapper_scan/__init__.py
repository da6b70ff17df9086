"""Which public methods of the wrapper lead to which operations, read from its source."""
