"""``python -m geostead``."""

from geostead.cli.main import main

if __name__ == "__main__":
    main()
