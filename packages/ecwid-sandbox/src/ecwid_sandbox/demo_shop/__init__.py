"""The demo shop: what is in a store before anybody writes to it, and what happens there."""
