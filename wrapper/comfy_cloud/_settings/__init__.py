"""Settings: what a client is configured with, from which source, and the profiles on disk.

Pure rules: `fields` (one normaliser per setting), `origins` (where a key may go), `sources` (which
source wins), `profile_rules` (what a profile file may contain), `profile_values` (settings
from text), `storage_hosts` and `address_rules`
(where signed URLs may lead), `network` (proxy and certificates), `user_folders` (where this user's
files are).

I/O: `config` reads the environment and, through `profiles`, the profile file; `profiles` reads
and writes that file; `key_stores` keeps keys in the keyring or in files; `private_files` writes
files that only their owner can read, and refuses those that another user could have written.
Nothing here opens a connection.
"""
