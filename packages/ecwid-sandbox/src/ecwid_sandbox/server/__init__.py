"""What answers as Ecwid does: requests, rules, limits, faults and what the shop keeps."""
