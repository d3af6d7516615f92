"""The desktop application: a window on the model library, and the only place where Qt lives."""
