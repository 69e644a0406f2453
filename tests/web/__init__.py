"""Tests of the web layer. A package, so that its sites are closed when pytest leaves it."""
