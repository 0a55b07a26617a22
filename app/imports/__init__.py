"""Bulk: files of points that come in. A file is judged row by row (`judging`), looked at, and then committed (`service`)."""
