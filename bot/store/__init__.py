"""What is remembered between turns: one database, embedded (SQLite) or a server (PostgreSQL)."""
