"""Reaching people who want to be reached: subscriptions, campaigns, what comes back."""
