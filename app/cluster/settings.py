"""The settings of the private cluster, sized to the machine: `titik.conf`, written anew at each start."""

import os
from pathlib import Path

MB = 1024 * 1024


def text(socket_dir: Path, *, durable: bool) -> str:
    """The whole of `titik.conf`; without `durable` for tests only: a crash of the machine may then lose the cluster."""
    lines = [
        "# Written by Titik at each start; changes made here are lost.",
        *(f"{name} = {_quoted(value)}" for name, value in _settings(socket_dir, _memory()).items()),
    ]
    if not durable:
        lines += [f"{name} = {_quoted(value)}" for name, value in _FOR_TESTS.items()]
    return "\n".join(lines) + "\n"


def _settings(socket_dir: Path, memory: int) -> dict[str, str]:
    """`memory` in bytes: what this machine or container may use, all of it together with the service."""
    return {
        "listen_addresses": "",
        "unix_socket_directories": f'"{socket_dir}"',
        "unix_socket_permissions": "0700",
        "port": "5432",  # only the name of the socket file
        "cluster_name": "titik",
        "max_connections": "150",
        "shared_buffers": _megabytes(memory / 4, 32, 2048),
        "effective_cache_size": _megabytes(memory / 2, 64, 1_000_000),
        "work_mem": _megabytes(memory / 400, 4, 32),
        "maintenance_work_mem": _megabytes(memory / 16, 32, 512),
        "dynamic_shared_memory_type": _dynamic_shared_memory(),
        "random_page_cost": "1.1",
        "jit": "off",  # compiling costs more than our statements take
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "wal_compression": "on",
        "max_wal_size": "2GB",
        "min_wal_size": "80MB",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "idle_in_transaction_session_timeout": "5min",
        "client_connection_check_interval": "10s",
        "log_destination": "stderr",
        "logging_collector": "off",
        "log_line_prefix": "%m [%p] %u@%d ",
        "log_checkpoints": "off",
        # Statements and the DETAIL of an error show rows, and rows show names and telephone numbers: neither is written.
        "log_min_messages": "warning",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "lc_messages": "C",  # the log is read by `cluster`, which looks for English words
    }


_FOR_TESTS = {
    # Else every new connection reads PostGIS from disk when it first meets a geometry.
    "shared_preload_libraries": "postgis-3",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "256MB",  # DROP DATABASE walks through all of them, and tests drop many
}


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _megabytes(amount: float, least: int, most: int) -> str:
    return f"{max(least, min(most, int(amount / MB)))}MB"


def _memory() -> int:
    """Bytes of memory that this process may use: those of the machine, or the limit of its control group."""
    amounts = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for limit in _control_group_limits():
        try:
            amounts.append(int(limit.read_text()))
        except (OSError, ValueError):  # "max" means no limit
            continue
    return min(amount for amount in amounts if amount > 0)


def _control_group_limits(listing: Path = Path("/proc/self/cgroup"), root: Path = Path("/sys/fs/cgroup")) -> list[Path]:
    """The files that may hold a limit: version 2 and version 1, of our own group and of all groups around it."""
    try:
        lines = listing.read_text().splitlines()
    except OSError:
        return []
    files = []
    for line in lines:
        _, controllers, group = line.split(":", 2)
        if controllers in ("", "memory"):
            base, name = (root / controllers, "memory.limit_in_bytes" if controllers else "memory.max")
            own = base / group.lstrip("/")
            # Inside a container the listing may show the path outside, while the mount begins at our own group.
            files += [base / name, *(folder / name for folder in (own, *own.parents) if folder.is_relative_to(base))]
    return files


def _dynamic_shared_memory() -> str:
    """Parallel queries fail when /dev/shm is as small as Docker makes it (64 MB); files in the data directory do not."""
    try:
        space = os.statvfs("/dev/shm")  # noqa: S108  (asked for its size only)
    except OSError:
        return "mmap"
    return "posix" if space.f_bavail * space.f_frsize >= 256 * MB else "mmap"
