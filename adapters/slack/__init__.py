"""The assistant as a Slack app: events over HTTP or Socket Mode, answers as Block Kit."""
