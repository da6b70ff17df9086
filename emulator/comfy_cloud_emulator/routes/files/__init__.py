"""Operations on files: uploads, viewing, and personal files."""
