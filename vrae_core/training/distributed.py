"""Training by several processes that share every minibatch, as `torchrun` starts them.

Each works out the gradients of its share of the windows; their sum is that of one process, so all take the same
step and hold the same weights.  Whatever depends on chance, the clock or a wish to stop is agreed on.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from vrae_core.errors import TrainingError
from vrae_core.processes import SLEEPING_THREADS, die_with_parent

if TYPE_CHECKING:
    import torch

_RESTARTS = "TORCHELASTIC_RESTART_COUNT"
_GONE = "another process of this training has stopped; progress up to the last checkpoint is saved"


class Group:
    """The processes that train together.  This one is alone, and agrees with itself."""

    rank = 0
    size = 1

    def __init__(self, device: str = "cpu") -> None:
        self.device = device

    @property
    def is_first(self) -> bool:
        """The first writes, prints and keeps the time for all."""
        return self.rank == 0

    def share(self, count: int) -> slice:
        """Which of ``count`` windows are this process's.  Raises: TrainingError if they do not go round."""
        if count < self.size:
            raise TrainingError(f"a minibatch of {count} windows cannot be shared by {self.size} processes")
        return slice(count * self.rank // self.size, count * (self.rank + 1) // self.size)

    def add_up(self, tensors: Sequence[torch.Tensor]) -> None:
        """Replace each tensor by its sum over all processes."""

    def of_first(self, value: float) -> float:
        """The first process's value."""
        return value

    def agree(self, wish: bool) -> bool:
        """Whether any process wishes it; all get the same answer."""
        return wish

    def wait(self) -> None:
        """Wait until all processes have come so far."""
        self.agree(False)

    def check_alike(self, what: str, value: str | int) -> None:
        """Raises: TrainingError if the processes do not all hold the same value."""


ALONE = Group()


class Processes(Group):
    """Several processes, over torch.distributed: gloo between processors, NCCL between graphics cards."""

    def __init__(self, rank: int, size: int, device: str) -> None:
        super().__init__(device)
        self.rank, self.size = rank, size

    def add_up(self, tensors: Sequence[torch.Tensor]) -> None:
        import torch  # noqa: PLC0415 - see `group_here`

        together = torch.cat([tensor.detach().reshape(-1) for tensor in tensors])  # one message, not one a weight
        self._reduce(together, "SUM")
        parts = torch.split(together, [tensor.numel() for tensor in tensors])
        for tensor, summed in zip(tensors, parts, strict=True):
            tensor.detach().copy_(summed.view_as(tensor))

    def of_first(self, value: float) -> float:
        return float(self._reduced(value if self.is_first else 0.0, "SUM"))

    def agree(self, wish: bool) -> bool:
        return bool(self._reduced(float(wish), "MAX"))

    def check_alike(self, what: str, value: str | int) -> None:
        number = int(value, 16) % (1 << 50) if isinstance(value, str) else value  # exact as a float
        if self._reduced(number, "MAX") != -self._reduced(-number, "MAX"):
            raise TrainingError(f"the processes do not see the same {what}: give all of them the same files")

    def _reduced(self, value: float, reduction: str) -> float:
        import torch  # noqa: PLC0415

        tensor = torch.tensor(value, dtype=torch.float64)
        self._reduce(tensor, reduction)
        return tensor.item()

    def _reduce(self, tensor: torch.Tensor, reduction: str) -> None:
        import torch.distributed as dist  # noqa: PLC0415

        try:
            dist.all_reduce(tensor, getattr(dist.ReduceOp, reduction))
        except RuntimeError as problem:
            raise TrainingError(_GONE) from problem


@contextmanager
def group_here(device: str = "cpu", environment: Mapping[str, str] = os.environ) -> Generator[Group, None, None]:
    """The group that this process was started in: what `torchrun` put into the environment, or else itself alone.

    device: "cpu", or "cuda" for one graphics card a process.  torch is imported only if there are others.
    A process of a group ends when its launcher does.  Raises: TrainingError if the others, or
    a graphics card, cannot be reached.
    """
    if device == "cuda":
        _check_cuda()
    size = int(environment.get("WORLD_SIZE", "1")) if "RANK" in environment else 1
    if size == 1:
        yield Group(device)
        return
    die_with_parent()
    os.environ.setdefault(*SLEEPING_THREADS)
    import torch  # noqa: PLC0415
    import torch.distributed as dist  # noqa: PLC0415
    from torch.distributed.distributed_c10d import PrefixStore  # noqa: PLC0415
    from torch.distributed.rendezvous import rendezvous  # noqa: PLC0415

    if device == "cuda":
        device = f"cuda:{environment.get('LOCAL_RANK', '0')}"
        torch.cuda.set_device(device)
    backend = "cpu:gloo,cuda:nccl" if device.startswith("cuda") else "gloo"
    try:
        store, rank, size = next(rendezvous("env://"))
        # torchrun keeps one store for all its attempts: without a name of its own, this one would find there, and wait
        # for, the addresses of processes that died in the last
        attempt = PrefixStore(f"{environment.get(_RESTARTS, '0')} with {size}", store)
        dist.init_process_group(backend, store=attempt, rank=rank, world_size=size)
    except (RuntimeError, ValueError) as problem:
        raise TrainingError(f"the processes of this training do not find each other: {problem}") from problem
    try:
        yield Processes(rank, size, device)
    finally:
        dist.destroy_process_group()


def was_restarted(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether `torchrun` started this process again after another had failed: the run then goes on."""
    return environment.get(_RESTARTS, "0") != "0"


@contextmanager
def only_first_speaks(group: Group) -> Generator[None, None, None]:
    """Let what the other processes print go nowhere; an error still reaches the launcher."""
    if group.is_first:
        yield
        return
    before = sys.stdout, sys.stderr
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        sys.stdout = sys.stderr = nowhere
        try:
            yield
        finally:
            sys.stdout, sys.stderr = before


def _check_cuda() -> None:
    import torch  # noqa: PLC0415

    if not torch.cuda.is_available():
        raise TrainingError("there is no graphics card that this PyTorch can use; leave --device out")


def shared_clock(group: Group, clock: Callable[[], float]) -> Callable[[], float]:
    """A clock that shows all processes the first one's time, so that they yield and end at the same update."""
    return clock if group.size == 1 else lambda: group.of_first(clock())


def in_group(run: Callable[[Any], int]) -> Callable[[Any], int]:
    """A subcommand's ``run`` as one of a group's processes: it finds the group as ``args.group``."""

    def run_in_group(args: Any) -> int:
        with group_here(getattr(args, "device", "cpu")) as group, only_first_speaks(group):
            args.group = group
            return run(args)

    return run_in_group
