"""The questions that the page answers, a module for each subject."""
