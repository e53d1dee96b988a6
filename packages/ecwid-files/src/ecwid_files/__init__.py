"""A Singer tap for files of records that reads all of them or fails."""
