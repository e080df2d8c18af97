"""What opens over the whole terminal: the watch screen, its help, and the Textual app that holds them.

Everything that imports Textual is here and in `widgets`; the command line gets here last.
"""
