"""HTTP on the server's side: access, routing, reading requests, responses, and the request log."""
