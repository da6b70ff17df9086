"""Operations on jobs: submitting, listing, the history, the queue, and cancelling."""
