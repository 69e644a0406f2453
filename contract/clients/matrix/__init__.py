"""What grading came to: cases by clients, for people and for programs."""
