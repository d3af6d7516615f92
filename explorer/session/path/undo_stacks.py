"""Undo: the changes of the path, of the selection and of songs, in their order, a stack for each model."""

from __future__ import annotations

from PySide6.QtGui import QUndoCommand, QUndoGroup, QUndoStack

MOST_UNDONE = 200  # steps: of a million windows half of which are selected, one can be megabytes
MOST_STACKS = 8  # the ones used last


class UndoStacks(QUndoGroup):
    """The stack of the model that is shown is the one in use; the others wait for theirs to return."""

    def __init__(self) -> None:
        super().__init__()
        self._stacks: dict[str, QUndoStack] = {}  # by the model's digest, the one used last at the end
        self.show("")

    def show(self, digest: str) -> None:
        """Use the stack of the model of this digest."""
        stack = self._stacks.pop(digest, None)
        if stack is None:
            stack = QUndoStack(self)
            stack.setUndoLimit(MOST_UNDONE)
        self._stacks[digest] = stack
        self.setActiveStack(stack)
        while len(self._stacks) > MOST_STACKS:
            oldest = self._stacks.pop(next(iter(self._stacks)))
            self.removeStack(oldest)
            oldest.setParent(None)

    def push(self, change: QUndoCommand) -> None:
        """Do a change that can be undone."""
        self.activeStack().push(change)

    def count(self) -> int:
        """How many changes can be undone or redone."""
        return self.activeStack().count()

    def clear(self) -> None:
        """Let nothing be undone any more, with whatever model."""
        for stack in self._stacks.values():
            stack.clear()
