"""The panels of the window.  Each is given the session, listens to it, and never imports another panel."""
