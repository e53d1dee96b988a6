"""The first step: a record in its one form, and how it names its object."""
