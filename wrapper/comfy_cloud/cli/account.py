"""What an account has: its plan, its credits, and how many of its jobs run of how many may."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ._console.amounts import money_text

if TYPE_CHECKING:
    from comfy_cloud import ComfyCloud

T = TypeVar("T")


class AccountFacts(NamedTuple):
    """What a server says of an account; None for what it does not say.

    Attributes:
        plan: "free" or "paid".
        free_left: What is left of the free plan's allowance, and the allowance.
        credit_micros: What can be spent, in millionths of `currency`.
        running, waiting: How many jobs.
        may_run: How many jobs may run at once.
    """

    plan: str | None = None
    free_left: tuple[float, float] | None = None
    credit_micros: float | None = None
    currency: str | None = None
    running: int | None = None
    waiting: int | None = None
    may_run: int | None = None

    def record(self) -> dict[str, Any]:
        """The facts for data formats; credits as an amount of the currency."""
        credit = None if self.credit_micros is None else self.credit_micros / 1_000_000
        return {
            "plan": self.plan,
            "credits": None if credit is None else {"amount": credit, "currency": self.currency},
            "jobs": {"running": self.running, "waiting": self.waiting, "may_run": self.may_run},
        }

    @property
    def plan_text(self) -> str:
        """The plan as text to read."""
        if self.free_left is not None:
            return f"free, {self.free_left[0]:g} of {self.free_left[1]:g} left"
        return self.plan or ""

    @property
    def credit_text(self) -> str:
        """The credits as an amount of money."""
        return money_text(self.credit_micros, self.currency)

    @property
    def jobs_text(self) -> str:
        """How many jobs run of how many may, and how many wait."""
        if self.running is None:
            return "" if self.may_run is None else f"{self.may_run} may run at once"
        of_those = f"{self.running} of {self.may_run}" if self.may_run is not None else str(self.running)
        return f"{of_those} running" + (f", {self.waiting} waiting" if self.waiting else "")


def account_facts(cloud: ComfyCloud) -> AccountFacts:
    """Ask for the plan, the credits and the queue. What the server does not give is left out.

    The plan is read from what is left of the free allowance: the service has no other field that
    tells it. The operation for credits is not documented by the service.
    """
    features = _if_given(cloud.system.features)
    balance = _if_given(cloud.user.balance)
    queue = _if_given(cloud.queue.get)
    free = features.free_tier_balance if features is not None else None
    allowance = _number(free.allowance) if free is not None else None
    may_run = features.max_concurrent_jobs if features is not None else None
    amounts = (
        []
        if balance is None
        else [
            balance.effective_balance_micros,
            balance.amount_micros,
            balance.prepaid_balance_micros,
            balance.cloud_credit_balance_micros,
        ]
    )
    is_free = bool(allowance)
    return AccountFacts(
        plan="free" if is_free else "paid" if isinstance(may_run, int) else None,
        free_left=(_number(free.remaining) or 0, allowance) if free is not None and allowance else None,
        credit_micros=next((each for each in map(_number, amounts) if each is not None), None),
        currency=balance.currency if balance is not None else None,
        running=len(queue.running) if queue is not None else None,
        waiting=len(queue.pending) if queue is not None else None,
        may_run=may_run if isinstance(may_run, int) else None,
    )


def _if_given(call: Callable[[], T]) -> T | None:
    from comfy_cloud import ComfyCloudError

    try:
        return call()
    except ComfyCloudError:
        return None


def _number(value: object) -> float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
