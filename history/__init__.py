"""What was read and what was changed, by whom and when: rows that are only ever added, each sealed with the one before."""
