"""What people say in a chat all day, and no filter may catch."""

from __future__ import annotations

from support.harmless import LINES

_SAID = """\
hi all
hello from Lisbon
first time here, what are we looking at?
is this live?
gg
lol
LOL
nice
NICE!
+1
same
wow
WOW THAT WAS FAST
👏👏👏
🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥🔥
hahahahahahahahahahahahahahahaha
nooooooooooooooooooooo
yesssssssssssss!!!!!!!!
what is Click?
how does the agent know to use Click?
why not argparse?
@alice why not argparse?
@alice @bob great work both
see https://click.palletsprojects.com/en/stable/
docs: https://docs.python.org/3/library/argparse.html and https://click.palletsprojects.com
the tests are red again :(
TDD FTW
RTFM
TODO FIXME XXX
JSON, YAML, TOML, HTML and CSS
README.md LICENSE CHANGELOG.md
SELECT name FROM users WHERE id = 1
MAX_RETRIES_PER_MINUTE and CONNECTIONS_PER_ADDRESS are both 5
INSERT INTO LOG (SEQ, KIND, TYPE) VALUES (1, 2, 3);
kill the child process
import { useState } from 'react'
npm i @types/node @babel/core @babel/cli @vue/cli @angular/core @nestjs/core @mui/material
@property @staticmethod @classmethod
git rebase -i HEAD~3
is it supposed to take this long
no idea, ask the host
so the relay never sees the diff?
correct
does it run on Windows
mostly
ok thanks
thanks!
thank you so much
brb
back
what did I miss
test 14 passed
test 15 passed
test 16 passed
build 201 failed in 3.2 s
build 202 failed in 3.1 s
build 203 failed in 3.3 s
do you see that too?
do you see that, too?
===============================
THE API IS DOWN?
I LOVE THIS
Ça marche très bien
Это очень круто
すごい！
真不错
"""


def small_talk() -> list[str]:
    """Return two hundred ordinary messages and more: what people say, and what developers paste."""
    return [line for line in (*_SAID.splitlines(), *LINES) if line][:250]
