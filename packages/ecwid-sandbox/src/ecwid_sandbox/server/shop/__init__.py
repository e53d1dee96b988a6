"""How Ecwid changes a shop: what it fills in, forbids and works out."""
