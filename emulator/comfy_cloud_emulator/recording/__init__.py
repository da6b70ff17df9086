"""Recording what a program and a real server say to each other, and playing it back.

- `recorder`: the class `Recorder`, a proxy on loopback; `proxy` and `socket_proxy` forward,
  `upstream` is the server that they forward to, `exchange_log` notes what they see.
- `replay`: the class `Replay`, a server on loopback; `playing` and `socket_playing` respond,
  `script` decides with what.
- `file_writing` and `file_reading`: the file; `records` is what one line of it means.
- `secrets_found` and `png_texts`: what never gets into the file. `addresses`: which addresses are
  replaced.
- `matching`: when a request is one that was recorded. `spool`: bodies until the file is written.
"""
