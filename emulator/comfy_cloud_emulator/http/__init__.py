"""HTTP on the emulator's side: access checks, routing, reading requests, responses, and the log of requests."""
