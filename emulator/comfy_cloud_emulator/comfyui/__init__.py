"""The operations as a self-hosted ComfyUI answers them, one module per concern, each behind a
quirk.

Jobs, files and websocket are the emulator's; this package only has forms, refusals and names.
`operations` combines them.
"""
