"""Someguide's figures beside what a user would pick instead: `make bench`."""
