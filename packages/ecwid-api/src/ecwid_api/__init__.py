"""What Ecwid by Lightspeed is to a program: its API's description and a client for it."""
