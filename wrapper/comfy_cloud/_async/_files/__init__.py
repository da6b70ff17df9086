"""Files as the async client moves them: transfers, downloads, uploads and imports of assets."""
