"""What viewers say, labelled, to judge the spectator chat's automatic filter by.

Four files of JSON lines, written for this project and by nobody else:

- `harmless.jsonl`: what no filter may catch;
- `spam.jsonl`: what a moderator would not want to see, each message by itself;
- `disguises.jsonl`: keywords of a host's in disguise, and harmless words that look like one;
- `floods.jsonl`: sequences in which somebody repeats himself, and others in which nobody does.

`rows` reads them, `disguise` and `flood` make more of the last two, and `make` writes what they made. How the
rows are labelled is told in `docs/testing.md`.
"""
