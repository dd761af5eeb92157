"""The website: application, chat gateway, widget, accounts, layout. Wires the pages of `desk` and `quality` into one app."""
