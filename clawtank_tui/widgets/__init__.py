"""What the screen is made of: one widget per file, none with a truth of its own.

Widgets take frozen values (`ViewState`, rows) and paint lines; what the user does with them goes
back to the screen. Under them, free of Textual: `palette` (colour and role), `cells` (text into
columns) and `viewport` (which lines of a growing list are in sight).
"""
