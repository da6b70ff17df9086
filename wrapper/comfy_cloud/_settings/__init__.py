"""Settings: what a client is configured with, where each value comes from, and the profiles on disk.

Pure rules: `fields` (one normaliser per setting), `origins` (where a key may go), `sources` (which source
wins), `profile_rules` (what a profile file may contain).
I/O: `config` reads the environment, `profiles` the profile file, `key_stores` key files and the system
keyring. Nothing here opens a connection.
"""
