"""Clients at the chat socket and the realtime endpoint, and what may be said of the answers."""
