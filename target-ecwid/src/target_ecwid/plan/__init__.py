"""Plans: files of changes, to look at, to check, to carry out and to turn round."""
