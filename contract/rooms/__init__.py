"""Viewers in the LiveKit rooms of version v2, and what may be said of what they were told."""
