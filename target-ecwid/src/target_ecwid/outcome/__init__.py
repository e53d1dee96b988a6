"""The fourth step: what became of each record, and what is known from then on."""
