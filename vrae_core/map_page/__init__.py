"""The map as one HTML file that plays in a browser, offline: dots, hover, click to hear short clips."""

from vrae_core.map_page.clips import MOST_CLIPS, USUAL_CLIPS
from vrae_core.map_page.page import MapShown, saving_page

__all__ = ["MOST_CLIPS", "USUAL_CLIPS", "MapShown", "saving_page"]
