"""Readers of the public data sets and of a user's own files: one small module a family.

Each gives a `Reading`: the files it rests on, the articles to be ingested, and an entry for each case.
"""
