"""``python -m cluster_portal.ops.probe URL``: ends with 0 when the address answers 200 (for health checks)."""

import sys
import urllib.error
import urllib.request


def main(arguments: list[str]) -> int:
    """Ask once, for at most five seconds."""
    try:
        with urllib.request.urlopen(arguments[0], timeout=5) as answer:
            return 0 if answer.status == 200 else 1
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
