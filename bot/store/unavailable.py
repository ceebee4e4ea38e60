"""That the database is away, for who must say so. Apart, since reading it must not cost loading the database's tools:
`someguide ask` needs none of them."""

from __future__ import annotations


class StoreUnavailable(Exception):
    """The database cannot be reached or did not answer in time; nothing of the turn was kept."""
