"""The whole assistant in a terminal, for a person and for a script."""
