"""Small widgets that panels share.  They know Qt and the theme's roles, nothing of the session."""
