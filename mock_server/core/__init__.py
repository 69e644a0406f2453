"""What the HeyGen Streaming API is, without I/O: standard library only."""
