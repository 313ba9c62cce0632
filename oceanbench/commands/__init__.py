"""Commands of the core that have more than one way to go; ``oceanbench/cli.py`` is their menu."""
