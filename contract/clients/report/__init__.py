"""What a fuzz run came to, for people and for programs."""
