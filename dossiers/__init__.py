"""File status: where a file stands, told only to who proves to own it."""
