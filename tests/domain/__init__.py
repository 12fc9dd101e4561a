"""The tests of values and decisions: nothing here opens a socket or a file."""
