"""Operations that describe the service: the user, the balance, models, and node classes."""
