"""`comfy-cloud user`: the account, and what it can still spend."""

from __future__ import annotations

from ._console.amounts import money_text
from ._console.client import connect
from ._console.commands import command_group
from ._console.details import Details, details_options
from ._console.options import GlobalOptions, pass_options


@command_group("user")
def command() -> None:
    """Show the account and its credits."""


@command.command("show", examples=["user show"])
@details_options
@pass_options
def show_command(options: GlobalOptions, details: Details) -> None:
    """Show the account: its id, and whether it is active."""
    with connect(options) as cloud:
        user = cloud.user.get()
    details.write(user.to_dict(), text={"id": user.id, "status": user.status})


@command.command("balance", examples=["user balance", "user balance --jq .effective_balance_micros"])
@details_options
@pass_options
def balance_command(options: GlobalOptions, details: Details) -> None:
    """Show what the account can still spend.

    The service does not document this operation. In JSON, amounts are in millionths of the
    currency.
    """
    with connect(options) as cloud:
        balance = cloud.user.balance()
    labels = {
        "available": balance.effective_balance_micros,
        "account": balance.amount_micros,
        "prepaid": balance.prepaid_balance_micros,
        "plan": balance.cloud_credit_balance_micros,
        "pending charges": balance.pending_charges_micros,
    }
    text = {label: money_text(micros, balance.currency) for label, micros in labels.items()}
    details.write(balance.to_dict(), text=text)
