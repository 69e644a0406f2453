"""What the judge imagines of the server: sessions, tokens, accounts."""
