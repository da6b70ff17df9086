"""One HTTP call and one websocket: how requests are encoded, responses read, failures named.

Pure rules: `request_encoding`, `http_requests` and `forms` (what is sent), `responses`,
`page_items`, `network_failures` and `library_errors` (what came back), `page_arguments` (which
pages may be requested), `deviations`, `response_shapes` and `shape_decoders` (where it differs from
the contract), `log_filter` (no keys in logs), `custom_request`, `pace` (how many files at a time).
They open nothing. `forms` and `file_streams` read the files they are given; `deviations` takes a
lock, since threads share a client.

I/O: `runtime` (clock, sleep, websocket), `concurrency` (threads and tasks), `thread_steps` (calls
that a cancellation waits for), `write_behind` (calls that are made while the caller goes on),
`clients` (TLS and httpx clients), `deadlines` and `limited_streams` (limits in total),
`address_guard` and `guarded_backends` (where signed addresses may lead), `forks`,
`interrupted_pools` (what Ctrl-C must not leave behind), `aiohttp_transport`, `aiohttp_client`,
`large_reads`, `websocket`, `websocket_frames` (many messages at once), `closing_sockets`, `wakeups`
(waiting until another thread or task calls).
"""
