"""The feedback mailbox: fetch → parse → classify → route → store, and nothing is ever lost."""
