"""Reports: anybody tells of an error or confirms a point, without an account. A task for the PIC, never a change."""
