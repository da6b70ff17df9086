"""What `emulate` needs: its options, its log, and emulators that run in the background."""
