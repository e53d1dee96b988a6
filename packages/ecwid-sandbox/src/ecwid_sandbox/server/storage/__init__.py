"""Where documents are kept, and how they are found."""
