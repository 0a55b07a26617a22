"""UUIDv7 (RFC 9562 §5.7): ids that sort by the time they were made, so that new rows lie together. Python has them from 3.14 on."""

import random
import time
from uuid import UUID


def uuid7() -> UUID:
    milliseconds = time.time_ns() // 1_000_000
    dice = random.getrandbits(74)
    return UUID(int=milliseconds << 80 | 7 << 76 | (dice >> 62) << 64 | 2 << 62 | dice & (1 << 62) - 1)
