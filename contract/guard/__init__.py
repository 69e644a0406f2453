"""A loopback proxy between whoever tests and the real service; a process of its own."""
