"""File formats: media types, checks and variants of images, and small sample files. Knows no store."""
