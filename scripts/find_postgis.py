"""Whether this machine has a PostgreSQL that the private cluster can use: ends with 0, or with 1 and says how to get one."""

import os
import sys

from app.cluster.binaries import newest
from app.errors import OperatorError
from app.language import of_terminal

try:
    newest()
except OperatorError as missing:
    sys.exit(missing.text.say(of_terminal(os.environ), missing.facts))
