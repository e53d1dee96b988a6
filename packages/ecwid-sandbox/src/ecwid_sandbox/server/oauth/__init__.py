"""OAuth: an app asks for a token, someone allows it on a page."""
