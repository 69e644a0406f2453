"""What drives a server under test."""
