"""The operations as a self-hosted ComfyUI answers them: one module per concern, each switched on by a quirk of its own.

Jobs, files and websocket are those of the emulator; here are only forms, refusals and names. `speaking` puts them together.
"""
