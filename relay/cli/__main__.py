"""`python -m relay.cli` is `clawtank-relay`."""

from relay.cli import main

if __name__ == "__main__":
    main()
