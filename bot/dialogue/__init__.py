"""The dialogue: flows walked one step at a time, or a section at a time, in sessions that survive everything."""
