"""A local stand-in for the HeyGen Streaming API."""
