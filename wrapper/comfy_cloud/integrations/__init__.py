"""Sources and connectors for other programs. Each needs a package.

- `dlt`: the history as a source of dlt, for DuckDB, PostgreSQL and every warehouse that dlt loads.
- `otel`: spans of OpenTelemetry for calls, jobs and nodes.
"""
