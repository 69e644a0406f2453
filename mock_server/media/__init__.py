"""What the avatar looks and sounds like."""
