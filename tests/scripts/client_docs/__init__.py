"""Tests of the call graph behind API.md, on small packages and on the client as it is."""
