# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""One package per tag of the contract, one module per operation."""
