"""Who runs approved work, and when: the engine port, its engines, the schedule."""
