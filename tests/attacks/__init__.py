"""Attacks: hostile servers, contracts and files, and interruptions at any instant."""
