# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
"""Operations of one tag of the contract."""
