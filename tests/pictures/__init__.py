"""Pictures of what people meet on each platform, drawn from what the adapters really send."""
