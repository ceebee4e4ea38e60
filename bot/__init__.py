"""The assistant: messages, answering, settings and command line. Knows no platform and no SDK."""
