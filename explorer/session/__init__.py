"""The session: the one shared state, a QObject that panels are given and listen to."""

from explorer.session.session import Session

__all__ = ["Session"]
