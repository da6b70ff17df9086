"""The operations of a self-hosted ComfyUI, one module per concern, each behind a quirk.

Jobs, files and websocket are the emulator's; this package only has forms, refusals and names.
`operations` combines them.
"""
