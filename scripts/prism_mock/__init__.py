"""Running the client over a Prism mock of the contract."""
