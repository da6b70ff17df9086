"""Small contracts by topic, each with the requests to send and the responses to read."""
