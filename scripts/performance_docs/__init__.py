"""The page of measurements, made from the committed results.

- `sections.py`: what the rows are about, in the order of the page
- `meanings.py`: what single rows mean for a user
- `charts.py`: charts of ratios and of seconds, as SVG
- `page.py`: the page
"""
