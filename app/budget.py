"""How much of strangers' bytes a worker holds at once, counted."""

# Bodies and answers up to this are not counted: the buffers of the connection hold as much. So a point is taken, and a page of usual size
# given, whatever others send.
SMALL = 64 * 1024


class Budget:
    """A number of bytes, of which parts are taken and given back."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.used = 0

    def take(self, size: int) -> bool:
        """False where there is not so much left; then nothing is taken."""
        if self.used + size > self.size:
            return False
        self.used += size
        return True

    def give_back(self, size: int) -> None:
        self.used -= size
