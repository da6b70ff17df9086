"""A small client in the shape of ours: objects and functions that are given what they work with.

It is only read, never imported. Each operation stands for one way in which a method leads to it.
"""
