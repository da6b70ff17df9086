"""Single requests and responses checked against a contract."""
