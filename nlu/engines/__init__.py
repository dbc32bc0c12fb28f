"""Engines: each understands messages in its own way and returns the same result type."""
