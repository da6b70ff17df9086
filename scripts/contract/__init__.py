"""The vendored contract: its overlay, newer versions of it, and our wording and layout."""
