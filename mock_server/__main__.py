"""`python -m mock_server ARGS` is `heygen-mock ARGS`."""

from mock_server.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
