"""Files: transfers, downloads, and uploads and imports of assets."""
