"""Operations on assets, their tags, and the tasks that import them."""
