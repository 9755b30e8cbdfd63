"""``python -m mskus``: the same as ``mskus``."""

from mskus.cli import main

if __name__ == "__main__":
    main()
