"""A path that is drawn on no map, and paths along windows of one."""

from __future__ import annotations

import json

import numpy as np
import pytest

from explorer.session.path.path import DrawnPath, PathPoint
from explorer.session.path.undo_stacks import UndoStacks


def point(x, y):
    at = np.array([x, y], np.float32)
    return PathPoint(at, at)


@pytest.fixture
def path(qapp):
    return DrawnPath(UndoStacks())


def places(path):
    return [tuple(p) for p in path.on_map.tolist()]


def draw(session, *windows):
    for window in windows:
        session.path.add(session.path.point_at(np.zeros(2, np.float32), window))


def everything(path):
    return json.dumps(path.as_plain(), sort_keys=True)
