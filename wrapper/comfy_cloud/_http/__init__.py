"""One HTTP call and one websocket: how requests are encoded, responses read, failures named.

Pure rules: `request_encoding` and `forms` (what is sent), `responses`, `network_failures` and
`library_errors` (what came back), `deviations` and `response_shapes` (where it differs from the
contract). They open nothing. `forms` reads the files it is given; `deviations` takes a lock, since
threads share a client.

I/O: `runtime` (clock, sleep, websocket), `concurrency` (threads and tasks), `clients` (TLS and
httpx clients), `address_guard` (where signed URLs may lead), `forks` (what a forked child must not
share), `aiohttp_transport`, `large_reads`, `file_streams`, `websocket`.
"""
