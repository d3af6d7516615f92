"""Undo: the changes of the path, of the selection and of songs, in their order, a stack for each model."""

from __future__ import annotations

from collections.abc import Callable

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

    def done(self, text: str, back: Callable[[], object], again: Callable[[], object] | None = None) -> Done:
        """Let something that was done already be taken back, and done again where that can be."""
        done = Done(self, text, back)
        self.push(_Change(done, again))
        return done

    def undone(self, text: str, again: Callable[[], object]) -> None:
        """Let something be done again, once, that was taken back from the stack of another model."""
        self.push(_Again(text, again))
        self.undo()

    def count(self) -> int:
        """How many changes can be undone or redone."""
        return self.activeStack().count()

    def clear(self) -> None:
        """Let nothing be undone any more, with whatever model."""
        for stack in self._stacks.values():
            stack.clear()


class Done:
    """A change that a button takes back, whatever was done since; it outlives the command, which its stack deletes."""

    def __init__(self, stacks: UndoStacks, text: str, back: Callable[[], object]) -> None:
        self.text, self._stacks, self._back = text, stacks, back
        self.there = False  # whether it has not been undone

    def take_back(self) -> None:
        """Undo it, once: undone already, nothing happens."""
        if self.there and self._stacks.undoText() == self.text:
            self._stacks.undo()
        else:
            self.undo()

    def undo(self) -> None:
        """What its command does."""
        if self.there:
            self.there = False
            self._back()


class _Change(QUndoCommand):
    """What was done before it was put on the stack."""

    def __init__(self, done: Done, again: Callable[[], object] | None) -> None:
        super().__init__(done.text)
        self._done, self._again = done, again
        self._is_new = True  # as it is put on the stack, which does it at once

    def undo(self) -> None:
        self.setObsolete(self._again is None)
        self._done.undo()

    def redo(self) -> None:
        if not (self._done.there or self._is_new or self._again is None):
            self._again()
        self._done.there, self._is_new = True, False


class _Again(QUndoCommand):
    """What was taken back before it was put on the stack."""

    def __init__(self, text: str, again: Callable[[], object]) -> None:
        super().__init__(text)
        self._again = again
        self._is_new = True  # as it is put on the stack, which does it at once

    def redo(self) -> None:
        if self._is_new:
            self._is_new = False
        else:
            self.setObsolete(True)  # what does it puts it on the stack of its model
            self._again()
