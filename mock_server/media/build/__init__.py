"""Draws and encodes the shipped media. Run ``python -m mock_server.media.build``."""
