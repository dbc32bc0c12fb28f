"""The staff console: server-rendered pages under /console. Start reading in routes.py."""
