"""The commands of heygen-contract, one per file."""
