"""A package, as tests/web is one."""
