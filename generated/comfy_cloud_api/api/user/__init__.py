# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""Operations of one tag of the contract."""
