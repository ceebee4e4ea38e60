"""The assistant in Microsoft Teams: activities in, Adaptive Cards out. Only `wire.py` knows Microsoft's SDK."""
