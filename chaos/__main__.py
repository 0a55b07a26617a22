"""All attacks, one after the other, each on a Titik of its own: `make chaos`. Ends with 1 where one of them did harm.

python -m chaos [costly bodies hangups full_disk]
"""

import subprocess
import sys
import time

ATTACKS = ("costly", "bodies", "hangups", "full_disk")


def main() -> int:
    failed = []
    for name in sys.argv[1:] or ATTACKS:
        began = time.monotonic()
        print(f"== {name}", flush=True)
        status = subprocess.run([sys.executable, "-m", f"chaos.{name}"], check=False).returncode
        print(f"   {time.monotonic() - began:.0f} s", flush=True)
        failed += [name] if status else []
    print(f"harm done by: {', '.join(failed)}" if failed else "no harm done")
    return int(bool(failed))


if __name__ == "__main__":
    raise SystemExit(main())
