"""HTTP: the citizen's page and its JSON API, health checks."""
