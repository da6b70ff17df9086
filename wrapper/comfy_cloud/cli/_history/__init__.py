"""What only `history` needs: the mirror, which is read without a network."""
