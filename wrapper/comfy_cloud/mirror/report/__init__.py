"""The history as one page: its data, its thumbnails, and the document that holds both.

- `page_data`: the jobs of a mirror as JSON. Pure but for its queries.
- `page_strings`: texts once each, without keys, as they go into the page.
- `thumbnails`: small images of outputs, within bounds. I/O.
- `document`: the HTML with its styles, scripts and policy. Reads files of this package.
- `report`, `report_options`: a report as a file.
- `browse_server`, `browse_routes`: the same page over HTTP on loopback. I/O.

`static/` is the page itself. `static/uplot/` is uPlot with its own licence, as published.
"""
