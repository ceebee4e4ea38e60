"""A storm: thousands of events, delivered again and in disorder to instances that are killed, while the platform fails.

`python -m tests.storm slack` runs one against the real `someguide serve`, and ends with what was found: nothing.
"""
