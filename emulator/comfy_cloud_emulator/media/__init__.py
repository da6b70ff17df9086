"""File formats: media types, checking and resizing images, small sample files. Knows no store."""
