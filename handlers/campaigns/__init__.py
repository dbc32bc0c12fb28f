"""Campaigns: what the office does with many citizens at once."""
