"""What differs where responses keep to the letter of the published contract.

- `documents` has the forms of successful bodies, by operation
- `refusals` has the statuses of refusals, by operation
- `routes` lists the operations that the contract lacks
- `operations` wraps the cloud's operations with both, as the quirks say
"""
