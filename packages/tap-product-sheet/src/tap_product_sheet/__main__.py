"""``python -m tap_product_sheet``."""

from tap_product_sheet.cli import main

main()
