"""One folder a platform: reads its events, renders its messages, and speaks to it."""
