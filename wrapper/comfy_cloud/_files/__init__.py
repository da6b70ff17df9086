"""Files on their way to and from a server: their names, what is uploaded, and where downloads go.

Pure rules, which open no file and no socket:

- `names`: safe file names, and name templates.
- `file_types`: extensions, and the kind and media type of each.
- `byte_ranges`: what a response contains of a file, and how to request the rest.
- `range_plan`: which parts of a large file are received next, and whether that is worth it.
- `download_options`: the options of downloads.
- `saved_files`: what a download returns.
- `progress`: counting what is sent.
- `user_files`: a file of the personal storage, as a value.

I/O: `upload_sources` (opens what is uploaded), `local_destination` (this machine's disk),
`folder_checks` (folders, and links that lead out of them), `fsspec_destination` and `fsspec_urls`
(other file systems), `background_writer` (a thread that writes and hashes a download),
`range_record` (what is there of a download in parts), and `whole_file` (any other file that is
written in one step).
`destinations` chooses between the local disk and fsspec. `progress_display` draws on stderr.
"""
