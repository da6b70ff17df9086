"""The emulator's own routes under `/_emulator/`: faults, requests, time, failures, submissions."""
