"""How well an engine understands, measured on labelled messages."""
