"""What can stand behind an SDP answer."""
