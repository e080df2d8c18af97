"""What the blocks look like that nobody meant to broadcast: traces, diffs, environments, output.

A kind of block is described by its lines, one row each; `blocks` finds them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

STACK_TRACE = "[STACK TRACE]"
DIFF = "[DIFF]"
ENVIRONMENT = "[ENVIRONMENT]"
OUTPUT = "[OUTPUT]"
REASONING = "[REASONING]"

_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Block:
    """One kind of block, described by its lines.

    Attributes:
        name: Short, unique, as a rule's.
        meaning: What it is, for people.
        mark: What stands in its place.
        gates: Literals; a text without any of them holds no such block.
        opens: A line that begins the block.
        frame: A line that surely belongs to it.
        between: A line that belongs to it if a frame follows.
        least: How many frames make a block, the opening line among them if it looks like one, and the lead.
        lead: A line shortly before the first frame that belongs to it: the error's own message.
        tail: The one line after the last frame that belongs to it.
    """

    name: str
    meaning: str
    mark: str
    gates: tuple[str, ...]
    opens: re.Pattern[str]
    frame: re.Pattern[str]
    goes: str
    stays: str
    between: re.Pattern[str] = _NEVER
    least: int = 1
    lead: re.Pattern[str] = _NEVER
    tail: re.Pattern[str] = _NEVER


_BLANK = r"[ \t>|]{0,20}$"
_ERROR = re.compile(
    r"[ \t>|]{0,20}(?:Uncaught |Unhandled (?:exception[.:] )?|Caused by: |Exception in thread "
    r"|\[?error\]?:? )?(?:\"[^\"\n]{1,80}\" )?"
    r"[\w.$]{0,120}(?:Error|Exception|Throwable|Failure|Fault|Rejection|Panic)\b"
    r"|.{0,200}\((?:\w{1,80}Error|\w{1,80}Exception)\)$",
)
_INDENTED = re.compile(r"[ \t>|]{1,20}\S|" + _BLANK)
_PYTHON_FRAME = r"[ \t>|]{0,20}File \"[^\"\n]{1,400}\", line [0-9]{1,7}"
# Where a frame is: `fn (file:1:2)`, `file:1:2`, `com.example.Type.method(File.java:3)`.
_PLACE = r"[^\n]{1,300}?(?:\(|:[0-9])"
_ASSIGNMENT = (
    r"[ \t>|-]{0,12}(?:export |set |declare -x |setx |ENV "
    r"|-e )?[\"']?(?:[A-Z][A-Z0-9_]{1,80}[\"']?(?:=|\s?: ?\")"
    r"|[A-Z][A-Z0-9]{0,40}_[A-Z0-9_]{1,60}: (?=\S)|(?:_|[a-z]+_proxy|npm_[a-z_]{1,60})=)"
)
_LOG_LINE = (
    r"[ \t>|]{0,12}\[?(?:[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ]"
    r"|[A-Z][a-z]{2} [ 0-9][0-9] )?[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?(?:Z"
    r"|[+-][0-9:]{4,6})?\]?[ \t|:-]{1,6}\S"
)
_PROMPT = (
    r"(?:\([\w.-]{1,40}\) )?(?:[$❯➜%] \S|[\w.-]{1,40}@[\w.-]{1,60}[: ][^\n$#%]{0,120}[$#%] \S"
    r"|\[[\w.-]{1,40}@[\w.-]{1,60} [^\]\n]{1,80}\][$#] |PS [A-Z]:[^\n>]{0,160}> )"
)

BLOCKS: tuple[Block, ...] = (
    Block(
        "trace-python",
        "a Python traceback, chained ones and the message included",
        STACK_TRACE,
        ("Traceback (most recent", ", line "),
        re.compile(rf"[ \t>|]{{0,20}}(?:.{{0,60}}Traceback \(most recent call last\)|{_PYTHON_FRAME})"),
        re.compile(
            r"[ \t>|+]{1,20}\S|.{0,60}Traceback \(most recent call last\)"
            r"|During handling of the above|The above exception was"
        ),
        'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    go()\nValueError: no',
        "the file says line 3, in short",
        between=re.compile(
            rf"{_BLANK}|[\w.]{{1,120}}(?:Error|Exception|Warning|Exit|Interrupt|Group|Iteration)\b"
        ),
        least=1,
        tail=re.compile(r"[\w.]{1,120}(?:: .{0,4000})?$|[\w.]{1,120}: "),
    ),
    Block(
        "trace-frames",
        "frames of Node, Java, Kotlin, C# and others that write `at …`, with the error's line",
        STACK_TRACE,
        (" at ", "\tat "),
        re.compile(rf"[ \t>|]{{1,24}}at {_PLACE}"),
        re.compile(
            rf"[ \t>|]{{1,24}}at {_PLACE}|[ \t>|]{{0,24}}\.\.\. [0-9]{{1,5}} (?:more|common)"
            rf"|[ \t>|]{{0,24}}(?:Caused by|Suppressed): "
            r"|[ \t>|]{0,8}--- End of |[ \t>|]{0,8}---> "
        ),
        "TypeError: x is undefined\n    at go (/app/a.js:3:7)\n    at main (/app/b.js:1:1)",
        "  at the moment nothing works",
        between=re.compile(rf"{_BLANK}|[ \t]{{2,20}}(?:\[cause\]|code|errno|syscall|path|\}}|\{{)"),
        least=2,
        lead=_ERROR,
    ),
    Block(
        "trace-go",
        "a Go panic with its goroutines",
        STACK_TRACE,
        ("goroutine ", "panic: "),
        re.compile(r"[ \t>|]{0,12}(?:panic: |fatal error: |goroutine [0-9]{1,9} \[|created by )"),
        re.compile(
            r"[ \t>|]{0,12}(?:goroutine [0-9]{1,9} \[|created by |exit status [0-9]|\[signal )"
            r"|[ \t>|]{1,12}\S{1,400}\.go:[0-9]{1,7}"
            r"|[ \t>|]{0,12}[\w./*()\[\]-]{1,300}\([^\n]{0,400}\)$|[ \t]{1,12}panic: |[ \t>|]{0,12}panic: "
        ),
        "panic: runtime error: index out of range\n\ngoroutine 1 [running]:\nmain.main()\n"
        "\t/app/main.go:8 +0x1d",
        "panic: stay calm",
        between=re.compile(rf"{_BLANK}"),
        least=3,
    ),
    Block(
        "trace-rust",
        "a Rust panic with its backtrace",
        STACK_TRACE,
        ("panicked at", "stack backtrace"),
        re.compile(
            r"[ \t>|]{0,12}(?:thread '[^'\n]{0,80}'(?: \([0-9]{1,9}\))? panicked at|stack backtrace:)"
        ),
        re.compile(
            r"[ \t>|]{0,12}(?:thread '|stack backtrace:|[0-9]{1,4}: |note: |at )"
            r"|[ \t>|]{0,12}(?:called `|assertion |left: |right: |index out of|explicit panic|attempt to )"
        ),
        "thread 'main' panicked at src/main.rs:3:5:\nindex out of bounds\nnote: run with `RUST_BACKTRACE=1`",
        "it panicked at the sight",
        between=re.compile(r"\S.{0,400}$|" + _BLANK),
        least=1,
    ),
    Block(
        "trace-ruby",
        "a Ruby backtrace",
        STACK_TRACE,
        (".rb:", ".erb:", ".rake:"),
        re.compile(r"[ \t>|]{0,12}(?:from )?\S{1,300}\.(?:rb|erb|rake):[0-9]{1,6}:in "),
        re.compile(
            r"[ \t>|]{0,12}(?:[0-9]{1,4}: )?(?:from )?\S{1,300}\.(?:rb|erb|rake):[0-9]{1,6}:in "
            r"|[ \t>|]{0,12}\.\.\. [0-9]{1,5} levels"
        ),
        "a.rb:3:in `go': no (RuntimeError)\n\tfrom b.rb:1:in `<main>'",
        "see a.rb:3 for it",
        least=2,
        lead=_ERROR,
    ),
    Block(
        "trace-numbered",
        "numbered frames of PHP, Dart, gdb and sanitizers",
        STACK_TRACE,
        ("#0", "#1"),
        re.compile(r"[ \t>|]{0,12}#[01]{1}[ \t]{1,8}\S"),
        re.compile(
            r"[ \t>|]{0,12}#[0-9]{1,4}[ \t]{1,8}(?:\S{1,400}\([0-9]{1,7}\)|\{main\}"
            r"|0x[0-9a-f]{1,16}|.{0,300}(?:\(|\bat ))|[ \t]{1,12}thrown in "
        ),
        "PHP Fatal error:  Uncaught Exception: no in /app/a.php:3\nStack trace:\n#0 "
        "/app/b.php(12): go()\n#1 {main}",
        "#1 priority is sleep",
        least=2,
        lead=re.compile(
            r".{0,40}(?:Fatal error|Uncaught|Stack trace:|ERROR: \w{1,40}Sanitizer|Unhandled exception)"
        ),
    ),
    Block(
        "diff",
        "a unified diff or patch",
        DIFF,
        ("diff --git", "@@ ", "+++ ", "*** Begin Patch"),
        re.compile(
            r"[ \t>|]{0,8}(?:diff --git |diff -[a-zA-Z]{1,6} |Index: \S"
            r"|@@ -[0-9]{1,9}(?:,[0-9]{1,9})? \+[0-9]{1,9}|--- (?:a/|\S{1,300}\t|/dev/null"
            r"|\S{1,300}$)|\*\*\* Begin Patch)"
        ),
        re.compile(
            r"[ \t>|]{0,8}(?:diff |index [0-9a-f]{1,40}\.\.|Index: |--- |\+\+\+ |@@ |\*\*\* "
            r"|new file|deleted file|similarity |rename |copy |Binary files |(?:old|new) mode|\\ No newline)"
            r"|[+-]|[ \t]\S"
        ),
        "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n-b\n+c",
        "--- a line\nand a word",
        between=re.compile(r"\s*$"),
        least=3,
    ),
    Block(
        "conflict",
        "both sides of a merge conflict",
        DIFF,
        ("<<<<<<< ",),
        re.compile(r"<<<<<<< "),
        re.compile(r"<<<<<<< |={7}$|\|{7} |>>>>>>> "),
        "<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> main",
        "<<<<<<< is how a conflict begins",
        between=re.compile(r""),
        least=3,
    ),
    Block(
        "environment",
        "an environment dump: three or more assignments to names in capitals",
        ENVIRONMENT,
        ("=", ": "),
        re.compile(_ASSIGNMENT),
        re.compile(_ASSIGNMENT),
        "SHELL=/bin/zsh\nTERM=xterm\nEDITOR=vi",
        "x=1\ny=2\nz=3",
        between=re.compile(r"\s{0,20}(?:#.{0,400})?$"),
        least=3,
    ),
    Block(
        "output-log",
        "three or more log lines with their times",
        OUTPUT,
        (":",),
        re.compile(_LOG_LINE),
        re.compile(_LOG_LINE),
        "12:00:01 INFO up\n12:00:02 INFO ready\n12:00:03 WARN slow",
        "12:00:01 is when it broke",
        between=re.compile(r"[ \t]{2,20}\S"),
        least=3,
    ),
    Block(
        "output-listing",
        "a directory listing or another table that a tool printed",
        OUTPUT,
        ("rw", "r-x", "---", "CONTAINER ID", "READY ", "PID "),
        re.compile(
            r"[ \t>|]{0,8}(?:total [0-9]{1,12}$|[bcdlps-][rwxsStT-]{9}[.@+]?\s|CONTAINER ID\s"
            r"|NAME\s{2,20}(?:READY|STATUS|TYPE)\s|\s{0,8}(?:USER|PID|UID)\s{1,12}(?:PID|TTY|USER|PPID)\s)"
        ),
        re.compile(
            r"[ \t>|]{0,8}(?:total [0-9]{1,12}$|[bcdlps-][rwxsStT-]{9}[.@+]?\s|CONTAINER ID\s"
            r"|NAME\s{2,20}\S)|\S{1,80}\s{2,20}\S{1,80}(?:\s{2,20}|\s[0-9])"
            r"|\s{0,8}[0-9]{1,8}\s{1,12}\S|\w{1,32}\s{1,12}[0-9]{1,8}\s"
        ),
        "total 8\ndrwxr-xr-x  2 me me 4096 Jan  1 10:00 .\n-rw-r--r--  1 me me   12 Jan  1 10:00 a",
        "mode drwxr-xr-x is fine",
        least=2,
    ),
    Block(
        "output-tool",
        "what a build or test tool printed, from its banner on",
        OUTPUT,
        (
            "npm ERR!",
            "npm error",
            "test session starts",
            "=== RUN",
            "--- FAIL",
            "error TS",
            "error[E",
            "FAILED ",
        ),
        re.compile(
            r"[ \t>|]{0,8}(?:npm (?:ERR!|error) |={3,60} test session starts|=== RUN |--- FAIL: "
            r"|error\[E[0-9]{4}\]|\S{1,300}: error TS[0-9]{4}"
            r"|\S{1,300}\([0-9]{1,6},[0-9]{1,6}\): error TS[0-9]{4}|FAILED \S{1,300}::)"
        ),
        re.compile(r"\S.{0,2000}$|[ \t]{1,40}\S"),
        "npm ERR! code ELIFECYCLE\nnpm ERR! errno 1",
        "npm ERR! is back",
        between=re.compile(r"\s*$"),
        least=2,
    ),
    Block(
        "output-prompt",
        "a shell session: a prompt, a command, and two or more lines of what it printed",
        OUTPUT,
        ("$ ", "# ", "% ", "❯ ", "➜ ", "PS "),
        re.compile(_PROMPT),
        re.compile(rf"(?!{_PROMPT})[ \t]{{0,80}}\S"),
        "$ cat notes.txt\nfirst line\nsecond line",
        "$ npm install\n$ npm start",
        between=re.compile(_PROMPT),
        least=2,
    ),
    Block(
        "output-agent",
        "a tool call with its result, as coding agents print it",
        OUTPUT,
        ("⎿", "⏺"),
        re.compile(r"[ \t]{0,12}(?:⏺ \w{1,40}\(|⎿)"),
        re.compile(r"[ \t]{0,12}⎿|[ \t]{2,20}\S"),
        "⏺ Bash(ls)\n  ⎿  a.py\n     b.py",
        "⏺ done with it",
        between=re.compile(r"\s{0,20}$"),
        least=1,
    ),
    Block(
        "output-heading",
        "lines under a heading that calls them output",
        OUTPUT,
        ("utput:", "stdout", "stderr", "STDOUT", "STDERR", "UTPUT:", "esult:"),
        re.compile(
            r"[ \t>|#*]{0,8}(?i:(?:tool|command|terminal|console|shell|bash"
            r"|program)?[ _-]?(?:output|result)|stdout|stderr)(?:\*\*)?:(?:\*\*)?\s{0,4}$"
        ),
        re.compile(r"\S.{0,4000}$|[ \t]{1,40}\S"),
        "Tool output:\nfirst line\nsecond line",
        "the output: good",
        least=2,
    ),
    Block(
        "reasoning-heading",
        "the paragraph under a heading that calls it thinking or reasoning",
        REASONING,
        ("hinking", "easoning", "hought", "onologue", "cratchpad", "HINKING", "EASONING"),
        re.compile(
            r"[ \t>#*∴✻]{0,8}(?i:thinking|reasoning|thoughts?|thought process|chain of thought"
            r"|(?:internal|inner) (?:monologue|reasoning)|scratchpad)(?::?\*\*:?|:|…|\.\.\.)\s{0,4}$"
        ),
        re.compile(r"\S.{0,4000}$|[ \t]{1,40}\S"),
        "Thinking:\nThe user wants a file.\nI could read it.",
        "thinking about it: maybe later",
        least=1,
    ),
)


@dataclass(frozen=True, slots=True)
class Tagged:
    """A block between two tags, wherever in a line they stand."""

    name: str
    meaning: str
    mark: str
    opens: re.Pattern[str]
    goes: str
    stays: str


def _tags(names: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?<!`)<\|?(?P<tag>{names})(?:\s[^<>\n]{{0,200}})?\|?>(?!`)"
        rf"|(?<![`\w])\[(?P<bracket>{names})\](?!`)",
        re.IGNORECASE,
    )


TAGGED: tuple[Tagged, ...] = (
    Tagged(
        "reasoning-tag",
        "what a model thought or was told, between tags; without the closing tag, everything "
        "after the first line's",
        REASONING,
        _tags(
            "think|thinking|thoughts?|reasoning|reflection|analysis|scratchpad|inner_monologue|internal_monologue"
            "|chain_of_thought|antthinking|antml:thinking|system-reminder|system_prompt"
        ),
        "<thinking>The user wants it.</thinking>",
        "we strip `<thinking>` tags",
    ),
    Tagged(
        "output-tag",
        "what a tool was asked or answered, between tags",
        OUTPUT,
        _tags(
            "tool_result|tool_response|tool_output|tool_use|tool_call|function_results?|function_calls|stdout|stderr|output"
            "|local-command-stdout|local-command-stderr|bash-stdout|bash-stderr|command-output|command_output|observation"
        ),
        "<stdout>all of it\n</stdout>",
        "an `<output>` element",
    ),
)
