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
    r"[ \t>|]{0,20}(?:Uncaught (?:\(in promise\) )?|Unhandled (?:exception[.:] )?|Caused by: "
    r"|Exception in thread "
    r"|\[?error\]?:? )?(?:\"[^\"\n]{1,80}\" )?"
    r"[\w.$]{0,120}(?:Error|Exception|Throwable|Failure|Fault|Rejection|Panic)\b"
    r"|.{0,200}\((?:\w{1,80}Error|\w{1,80}Exception)\)(?:$| at )|\*\* \(|.{0,80}(?i:error|exception"
    r"|fatal|warning): \S",
)
_INDENTED = re.compile(r"[ \t>|]{1,20}\S|" + _BLANK)
_PYTHON_FRAME = r"[ \t>|]{0,20}File \"[^\"\n]{1,400}\", line [0-9]{1,7}"
# Where a frame is: `fn (file:1:2)`, `file:1:2`, `com.example.Type.method(File.java:3)`.
_PLACE = r"[^\n]{1,300}?(?:\(|:[0-9])"
_ASSIGNMENT = (
    r"[ \t>|-]{0,12}(?:export |set |declare -x |setx |ENV "
    r"|-e |\$env:|Environment=)?[\"']?(?:[A-Z][A-Z0-9_]{1,80}[\"']?(?: ?=|\s?: ?\")"
    r"|[A-Z][A-Z0-9]{0,40}_[A-Z0-9_]{1,60}: (?=\S)|(?:_|[a-z]+_proxy|npm_[a-z_]{1,60})="
    r"|(?:(?<=set )|(?<=setx ))-[gUx]{1,3} [A-Z])"
)
_LOG_LINE = (
    r"\[(?:INFO|ERROR|WARNING|DEBUG)\] \S|"
    r"[ \t>|]{0,12}\[?(?:[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ]"
    r"|[A-Z][a-z]{2} [ 0-9][0-9] )?[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?(?:Z"
    r"|[+-][0-9:]{4,6})?\]?[ \t|:-]{1,6}\S"
    r"|\S{3,45} \S{1,64} \S{1,64} \[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:"
    r"|\{\"(?:level|ts|time|timestamp|@timestamp|severity|msg|message)\"\s?:"
    r"|(?:level|ts|time|timestamp)=\S{1,64} \S|\[?(?:INFO|WARN|WARNING|ERROR|DEBUG|TRACE|FATAL)(?:\]:?"
    r"|:(?:\w{1,60}:)?) {0,4}\S"
    r"|\[ {0,6}[0-9]{1,7}\.[0-9]{3,6}\] {1,4}\S"
    r"|[IWEF][0-9]{4} [0-9:.]{8,15} |[\w.-]{1,60}[_-][0-9]{1,3} {1,40}\| \S"
)
_AT_SIGN = r"[ \t>|]{0,12}[\w$./<>*\[\] -]{0,120}@(?:https?|file|webpack[\w-]{0,20}|app)://?\S{1,400}:[0-9]{1,7}:[0-9]{1,7}"
_NATIVE = r"[ \t>|]{0,12}[0-9]{1,4}[ \t]{1,8}\S{1,80}(?: \S{1,40})?[ \t]{1,60}0x[0-9a-f]{6,16} \S"
_ELIXIR = (
    r"[ \t]{2,12}(?:\([a-z_0-9]{1,40}(?: [^)\s]{1,40})?\) )?\S{1,200}\.(?:ex|exs|erl):[0-9]{1,7}: "
    r"|[ \t]{2,12}iex:[0-9]"
)
_RULE = (
    r"[ \t]{0,8}(?:\+-{2,120}(?:\+-{2,120}){0,20}\+|-{2,120}(?:\+-{2,120}){1,20}"
    r"|-{3,120}(?: {1,80}-{3,120}){1,20})[ \t]{0,40}$"
)
_HEAD = (
    r"[ \t]{0,8}(?:[A-Z%][A-Z0-9%_/()-]{0,40}(?: [A-Z0-9%_/()-]{1,40}){0,3}"
    r"(?: {2,60}[A-Z%][A-Z0-9%_/() -]{0,40}){2,20}$"
    r"|Filesystem {2,40}\S|Proto Recv-Q)"
)
_GIT = (
    r"[ \t>|]{0,8}(?:On branch \S{1,200}$|HEAD detached (?:at|from) |Your branch (?:is|and) "
    r"|Changes (?:to be|not staged)"
    r"|Untracked files:$|Unmerged paths:$|no changes added|nothing to commit|nothing added"
    r"|commit [0-9a-f]{40}\b"
    r"|(?:Author|Date|Merge|AuthorDate|Commit|CommitDate): )"
)
_PROMPT = (
    r"(?:\([\w.-]{1,40}\) )?(?:[$❯➜%] {1,2}\S|[\w.-]{1,40}@[\w.-]{1,60}[: ][^\n$#%]{0,120}[$#%] \S"
    r"|\[[\w.-]{1,40}@[\w.-]{1,60} [^\]\n]{1,80}\][$#] |PS [A-Z]:[^\n>]{0,160}> |[A-Z]:\\[^\n>]{0,160}>\s?\S)"
)

_ADDRESSED = (
    r"==[0-9]{1,9}== |[ \t*]{0,8}(?:thread|frame) #[0-9]|(?:Raised|Re-raised|Called) (?:at|by|from) "
    r"|thread [0-9]{1,9} panic: |\S{1,300}\.zig:[0-9]{1,7}:"
    r"|[ \t]{1,8}from \S{1,300}:[0-9]{1,7}:[0-9]{1,7} in "
)
_INTERPRETER = (
    r"(?:>>> [\w(\[{'\"@]\S{0,200}[\w)\]}'\":]|irb\([\w:.]{1,40}\):[0-9]{1,6}[:0-9]{0,6}> "
    r"|\[[0-9]{1,6}\] pry\(|mysql> |sqlite> "
    r"|(?:[0-9.]{7,15}|localhost):[0-9]{2,5}(?:\[[0-9]{1,3}\])?> )"
)
_PERL = r"[ \t]{1,12}\S.{0,300} called at \S{1,200} line [0-9]{1,7}"
_BYTES = r"[ \t>|]{0,8}[0-9a-fA-F]{4,16}:? {1,3}(?:[0-9a-fA-F]{2}(?:[0-9a-fA-F]{2})? {1,3}){6,24}"
_NUMBERED = r"[ \t]{0,8}[0-9]{1,6}(?:\t|→| [|│] )"

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
            r"|[ \t>|]{0,8}--- End of |[ \t>|]{0,8}---> |[ \t]{2,8}[a-zA-Z]{2,20}: \S|\}$"
            r"|[ \t]{1,24}in \S{1,120} \((?:at|created by) "
        ),
        "TypeError: x is undefined\n    at go (/app/a.js:3:7)\n    at main (/app/b.js:1:1)",
        "  at the moment nothing works",
        between=re.compile(rf"{_BLANK}|[ \t]{{2,20}}(?:\[cause\]|\}}|\{{)"),
        least=2,
        # Node also shows the line that threw, under its place.
        lead=re.compile(
            rf"{_ERROR.pattern}|(?:/|file:|node:|[A-Z]:\\)\S{{1,300}}:[0-9]{{1,7}}$"
            r"|[ \t]{0,8}[0-9]{1,7} \| |[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.,]{8,15}\S{0,6}"
            r" {1,4}(?:ERROR|FATAL|SEVERE)"
        ),
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
            r"[ \t>|]{0,24}(?:thread '|stack backtrace:|[0-9]{1,4}: |note: |at )"
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
        (":in `", ":in '"),
        re.compile(r"[ \t>|#]{0,12}(?:[0-9]{1,4}: )?(?:from )?\S{1,300}:[0-9]{1,6}:in [`']"),
        re.compile(
            r"[ \t>|#]{0,12}(?:[0-9]{1,4}: )?(?:from )?\S{1,300}:[0-9]{1,6}:in [`']"
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
            r".{0,40}(?:Fatal error|Uncaught|Stack trace:|ERROR: \w{1,40}Sanitizer|Unhandled exception"
            r"|\(gdb\)"
            r"|0x[0-9a-f]{1,16} in |Program received)|\[stacktrace\]|\[[0-9]{4}-[0-9]{2}-"
        ),
    ),
    Block(
        "trace-at-sign",
        "frames of Firefox and Safari, which write function@address:line:column",
        STACK_TRACE,
        ("@http", "@file:", "@webpack", "@app:"),
        re.compile(_AT_SIGN),
        re.compile(_AT_SIGN),
        "TypeError: x is null\ngo@https://example.com/a.js:3:7\nmain@https://example.com/a.js:9:1",
        "bob@https://example.com/a.js:3:7",
        least=2,
        lead=_ERROR,
    ),
    Block(
        "trace-native",
        "frames of a crash report of macOS or iOS",
        STACK_TRACE,
        (" 0x", "\t0x"),
        re.compile(_NATIVE),
        re.compile(_NATIVE),
        "Thread 0 Crashed:\n0   libc.dylib  \t0x00007ff8 abort + 12\n1   App  \t0x0000000100 main + 4",
        "1 byte at 0x00007ff8 is lost",
        least=2,
        lead=re.compile(r".{0,40}(?:Crashed|Fatal error|[Ss]tack trace|Exception Type)\b"),
    ),
    Block(
        "trace-elixir",
        "an Elixir or Erlang error with its frames",
        STACK_TRACE,
        (".ex:", ".exs:", ".erl:"),
        re.compile(_ELIXIR),
        re.compile(rf"{_ELIXIR}|[ \t]{{0,8}}\*\* \("),
        "** (RuntimeError) no\n    (app 0.1.0) lib/app.ex:3: App.go/0\n    iex:1: (file)",
        "lib/app.ex:3: is where it is",
        between=re.compile(r"[ \t]{2,20}\S"),
        lead=re.compile(r"[ \t]{0,8}\*\* \(|.{0,60}\[error\]"),
    ),
    Block(
        "trace-warning",
        "a Python warning with its place and its line",
        STACK_TRACE,
        ("Warning: ",),
        re.compile(r"\S{1,300}\.py:[0-9]{1,7}: \w{0,40}Warning: "),
        re.compile(r"\S{1,300}\.py:[0-9]{1,7}: \w{0,40}Warning: |[ \t]{2,12}\S"),
        "/app/a.py:3: UserWarning: old\n  go()",
        "a.py:3: Warning: old",
        least=2,
    ),
    Block(
        "trace-test",
        "what a test runner shows of a failure",
        STACK_TRACE,
        ("= FAILURES =", "= ERRORS =", "E   ", "  ● "),
        re.compile(
            r"={3,80} (?:FAILURES|ERRORS) ={3,80}$|_{3,80} \S.{0,120} _{3,80}$|E   |[ \t]{1,4}● \S.{0,200} › "
        ),
        re.compile(
            r"={3,80} (?:FAILURES|ERRORS) ={3,80}$|_{3,80} \S.{0,120} _{3,80}$|[E>] {3,40}\S|[ \t]{2,40}\S"
            r"|\S{1,300}:[0-9]{1,7}: |[ \t]{1,4}● \S"
        ),
        "____ test_go ____\n\n    def test_go():\n>       assert go()\nE       assert 0\n\na.py:3: Error",
        "E   mc² is what it says",
        between=re.compile(r"\s{0,20}$"),
        least=3,
    ),
    Block(
        "trace-notebook",
        "a traceback of IPython or Jupyter",
        STACK_TRACE,
        ("Traceback (most recent call last)",),
        re.compile(r"(?:-{20,90}$|\w{1,80} {4,80}Traceback \(most recent call last\)$)"),
        re.compile(
            r"\w{1,80} {4,80}Traceback \(most|(?:Cell |Input |File )\S|-{2,6}> ?[0-9]{1,6} "
            r"|[ \t]{1,12}[0-9]{1,6} |<ipython-|[\w.]{1,80}(?:Error|Exception|Interrupt)\b|[ \t]{2,40}\S"
        ),
        "ValueError                Traceback (most recent call last)\nCell In[3], line 1\n----> 1 go()\n"
        "\nValueError: no",
        "-------------------- is a line",
        between=re.compile(r"\s{0,20}$"),
        least=2,
    ),
    Block(
        "trace-nim",
        "a Nim traceback: the place, then the procedure",
        STACK_TRACE,
        (".nim(",),
        re.compile(r"Traceback \(most recent call last\)$|\S{1,300}\.nim\([0-9]{1,7}\)"),
        re.compile(r"\S{1,300}\.nim\([0-9]{1,7}\)|Error: unhandled "),
        "Traceback (most recent call last)\n/app/a.nim(3) go\n/app/b.nim(9) b\nError: unhandled exception",
        "see a.nim(3)",
        least=2,
    ),
    Block(
        "trace-addressed",
        "frames of debuggers and checkers that give each its address: lldb, valgrind, Zig, OCaml, Crystal",
        STACK_TRACE,
        ("frame #", "== ", ".zig:", "Raised ", "Called from ", "  from "),
        re.compile(_ADDRESSED),
        re.compile(_ADDRESSED),
        'Fatal error: exception No\nRaised at A.go in file "a.ml", line 3\nCalled from A.b in file "b.ml"',
        "Called from the station",
        between=re.compile(r"[ \t]{2,20}\S"),
        least=2,
        lead=_ERROR,
    ),
    Block(
        "trace-shell",
        "errors of a shell script, or each of its commands as `set -x` shows them",
        STACK_TRACE,
        (": line ", "+ "),
        re.compile(r"\S{1,200}: line [0-9]{1,7}: \S|\+{1,8} [a-z./_]\S{0,80} "),
        re.compile(r"\S{1,200}: line [0-9]{1,7}: \S|\+{1,8} \S"),
        "./a.sh: line 3: go: command not found\n./a.sh: line 4: go: command not found",
        "+ one\n+ two",
        least=2,
    ),
    Block(
        "trace-perl",
        "a Perl error with the calls that led to it",
        STACK_TRACE,
        (" called at ",),
        re.compile(_PERL),
        re.compile(_PERL),
        "none at a.pl line 3.\n\tApp::go(1) called at b.pl line 9\n\tmain::run() called at b.pl line 12",
        "it is called at night",
        least=2,
        lead=re.compile(r".{1,400} at \S{1,200} line [0-9]{1,7}\.?$"),
    ),
    Block(
        "trace-r",
        "an R error with its calls",
        STACK_TRACE,
        ("Calls: ", "Execution halted"),
        re.compile(r"Calls: \S|Execution halted$"),
        re.compile(r"Calls: \S|Execution halted$|In addition: "),
        "Error in go(x) : object 'x' not found\nCalls: run -> go\nExecution halted",
        "Calls: three today",
        least=2,
        lead=re.compile(r"Error(?: in .{1,300} :| in .{1,300}:|:) ?"),
        between=re.compile(r"[ \t]{2,20}\S"),
    ),
    Block(
        "trace-powershell",
        "a PowerShell error with its place",
        STACK_TRACE,
        ("At ", "+ CategoryInfo"),
        re.compile(r"At .{1,300}:[0-9]{1,7} char:[0-9]{1,5}$|[ \t]{0,8}\+ CategoryInfo"),
        re.compile(r"[ \t]{0,8}\+ |At .{1,300}:[0-9]{1,7} char:[0-9]{1,5}$"),
        "Get-Item : no such path\nAt C:\\a.ps1:3 char:1\n+ Get-Item x\n+ ~~~~~~~~~~",
        "At line 3 it breaks",
        least=2,
        lead=re.compile(r"[\w.-]{1,80} : \S"),
    ),
    Block(
        "trace-crash-report",
        "an Erlang crash or supervisor report",
        STACK_TRACE,
        ("REPORT====",),
        re.compile(r"=(?:\w{1,20} )?REPORT====.{0,80}$"),
        re.compile(r"=(?:\w{1,20} )?REPORT====|[ \t]{1,40}\S|\*\* "),
        "=CRASH REPORT==== 1-Jan-2026::10:00:00 ===\n  crasher:\n    pid: <0.1.0>",
        "a REPORT==== line",
        least=2,
    ),
    Block(
        "trace-headed",
        "indented or numbered lines under a heading that calls them a stack trace",
        STACK_TRACE,
        (
            *("raceback:", "allStack (", "tack trace:", "acktrace:", "all stack:", "tack dump:", "aused by:"),
            "terminate called",
        ),
        re.compile(
            r"[ \t>|*]{0,12}(?i:(?:php |current |first throw )?(?:stack ?traceback|traceback|stack ?trace"
            r"|backtrace"
            r"|call ?stack|stack dump|caused by)(?: \(from hascallstack\))?:$"
            r"|terminate called after throwing)"
        ),
        re.compile(r"[ \t]{1,20}\S|(?:PHP )?[ \t]{0,4}[0-9]{1,4}[.:)]?[ \t]{1,4}\S|[()]$"),
        "lua: a.lua:3: no\nstack traceback:\n\ta.lua:3: in function 'go'\n\t[C]: in ?",
        "the stack trace:\nno idea",
        lead=re.compile(
            rf"{_ERROR.pattern}|[ \t]{{0,8}}(?:\w{{1,20}}: )?\S{{1,200}}:[0-9]{{1,7}}: |Error in |Calls: "
            r"|[a-z][\w-]{0,40}: (?:Prelude\.|user error|internal error)"
            rf"|Execution halted|.{0, 40}Terminating app"
        ),
    ),
    Block(
        "diff",
        "a unified diff or patch",
        DIFF,
        (
            "diff --git",
            "@@ ",
            "+++ ",
            "*** Begin Patch",
            "```diff",
            "```patch",
            "```suggestion",
            "*******",
            "\n< ",
            "\n> ",
        ),
        re.compile(
            r"[ \t>|]{0,8}(?:diff --git |diff -[a-zA-Z]{1,6} |Index: \S"
            r"|@@ -[0-9]{1,9}(?:,[0-9]{1,9})? \+[0-9]{1,9}|--- (?:a/|\S{1,300}\t|/dev/null"
            r"|\S{1,300}$)|\*\*\* (?:Begin Patch|\S{1,300}\t)|\*{15}$|```(?:diff|patch)$"
            r"|[0-9]{1,6}(?:,[0-9]{1,6})?[acd][0-9]{1,6}(?:,[0-9]{1,6})?$)"
        ),
        re.compile(
            r"[ \t>|]{0,8}(?:diff |index [0-9a-f]{1,40}\.\.|Index: |--- |\+\+\+ |@@|\*\*\* |\*{15}$|! "
            r"|```(?:diff|patch)?$"
            r"|new file|deleted file|similarity |rename |copy |Binary files |(?:old|new) mode|\\ No newline)"
            r"|[+-]|[ \t]{1,80}\S|[<>] \S"
        ),
        "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n-b\n+c",
        "--- a line\nand a word",
        between=re.compile(r"\s*$"),
        least=3,
        lead=re.compile(
            r"From [0-9a-f]{7,40} |From: \S|Subject: \[|Date: \S|---$| \S{1,200} {1,40}\| {1,8}[0-9]"
        ),
    ),
    Block(
        "diff-proposed",
        "a change that a review proposes, and what git range-diff compares",
        DIFF,
        ("```suggestion", "@@ Commit message"),
        re.compile(r"```suggestion|[ \t]{0,4}[0-9-]{1,4}:  [0-9a-f-]{7,40} [!=<>] "),
        re.compile(r"(?!```suggestion)[^`\s].{0,2000}|[ \t]{1,80}\S|```$"),
        "```suggestion\na.go()\n```",
        "```suggestion``` begins it",
        between=re.compile(r"\s{0,20}$"),
        least=2,
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
        ("=", ": ", "set -"),
        re.compile(_ASSIGNMENT),
        re.compile(_ASSIGNMENT),
        "SHELL=/bin/zsh\nTERM=xterm\nEDITOR=vi",
        "x=1\ny=2\nz=3",
        between=re.compile(r"\s{0,20}(?:#.{0,400})?$"),
        least=3,
    ),
    Block(
        "environment-printed",
        "an environment dump as a program prints its mapping",
        ENVIRONMENT,
        ("process.env", "environ", "env:", "variables:"),
        re.compile(
            r".{0,40}(?:process\.env|environ)\b[:=( ]{0,4}\{$|[ \t-]{0,20}(?:env|environment|variables):$"
        ),
        re.compile(
            r".{0,40}(?:process\.env|environ)\b[:=( ]{0,4}\{$|[ \t-]{0,20}(?:env|environment|variables):$"
            r"|[ \t-]{1,40}[\"']?[A-Z][A-Z0-9_]{1,60}[\"']?\s?[:=]|\}"
        ),
        "process.env: {\n  SHELL: '/bin/zsh',\n  TERM: 'xterm'\n}",
        "process.env: {\nis empty",
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
            "PASS ",
            "FAIL ",
            "Step ",
            "RUN ",
            "DONE ",
            "remote: ",
            "numerating ",
            "\n> ",
            *("running ", " ... ", "✓ ", "✕ ", "added ", "Collecting ", "Compiling ", ": error", ": warning"),
            *("make: ", "make[", "> Task :", "BUILD "),
            *(
                " error ",
                "Terraform will",
                "PLAY [",
                "TASK [",
                "HTTP/",
                "* ",
                ": In function",
                ": F",
                ": E",
                ": W",
            ),
        ),
        re.compile(
            r"[ \t>|]{0,8}(?:npm (?:ERR!|error) |={3,60} test session starts|=== RUN |--- FAIL: "
            r"|error\[E[0-9]{4}\]|\S{1,300}: error TS[0-9]{4}"
            r"|\S{1,300}\([0-9]{1,6},[0-9]{1,6}\): error TS[0-9]{4}|FAILED \S{1,300}::"
            r"|(?:PASS|FAIL) {1,4}\S{1,300}\.(?:test|spec)\.|Step [0-9]{1,4}/[0-9]{1,4} : "
            r"|#[0-9]{1,4} (?:\[|[0-9]{1,6}\.[0-9]{1,6} |DONE )"
            r"|(?:remote: )?(?:Enumerating|Counting|Compressing) objects: )"
            r"|running [0-9]{1,6} tests?$|test \S{1,200} \.\.\. (?:ok|FAILED|ignored)"
            r"|[ \t]{0,8}[✓✕✔✗] .{1,200}\([0-9.]{1,8} ?m?s\)|added [0-9]{1,6} packages|Collecting \S{1,120}$"
            r"|[ \t]{2,8}Compiling \S{1,80} v[0-9]|\S{1,300}: In function|Terraform will perform |(?:PLAY"
            r"|TASK) \["
            r"|\S{1,300}:[0-9]{1,6}:(?:[0-9]{1,6}:)? (?:error|warning|note|fatal error"
            r"|[A-Z]{1,4}[0-9]{3,4})\b"
            r"|[ \t]{1,8}[0-9]{1,6}:[0-9]{1,6} {2,8}(?:error|warning) |(?:[<>] )?HTTP/[0-9.]{1,3} [0-9]{3}\b"
            r"|[<>*] (?:GET|POST|PUT|PATCH|DELETE|HEAD) /\S{0,300} HTTP/|\* [0-9a-f]{7,40} "
            r"|> @?[\w./-]{1,80}@[0-9]\S{0,40} \S{1,60}$"
            r"|make(?:\[[0-9]{1,3}\])?: (?:\*\*\* \[|(?:Entering|Leaving) directory )|> Task :\S"
        ),
        re.compile(r"\S.{0,2000}$|[ \t]{1,40}\S"),
        "npm ERR! code ELIFECYCLE\nnpm ERR! errno 1",
        "npm ERR! is back",
        between=re.compile(r"\s*$"),
        least=2,
        lead=re.compile(r"/\S{1,300}\.\w{1,5}$"),
    ),
    Block(
        "output-table",
        "a table that a tool printed, with a ruled line under its head",
        OUTPUT,
        ("--",),
        re.compile(_RULE),
        re.compile(r".{0,2000}\S"),
        "id | name\n---+------\n1  | one\n2  | two",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        least=3,
        lead=re.compile(r"[ \t|]{0,8}\S{1,80}(?:[ \t]{0,40}\|[ \t]{0,40}|[ \t]{2,40})\S|\+-"),
    ),
    Block(
        "output-bytes",
        "bytes as hexdump and xxd print them",
        OUTPUT,
        ("0 ", "0: "),
        re.compile(_BYTES),
        re.compile(_BYTES),
        "00000000  7f 45 4c 46 02 01 01 00\n00000010  03 00 3e 00 01 00 00 00",
        "00000000 is the first",
        least=2,
    ),
    Block(
        "output-numbered",
        "a file with its line numbers, as cat -n and coding agents show it",
        OUTPUT,
        ("1\t", "1→", "1 |", "1:", "0\t", "0→"),
        re.compile(_NUMBERED),
        re.compile(_NUMBERED),
        "     1\timport a\n     2\timport b\n     3\ta.go()",
        "1. first\n2. second\n3. third",
        between=re.compile(r"[ \t]{0,20}$"),
        least=3,
    ),
    Block(
        "output-columns",
        "a table that a tool printed, with a head in capitals",
        OUTPUT,
        ("  ",),
        re.compile(_HEAD),
        re.compile(r"\S{1,300}[ \t]{1,120}\S"),
        "NAME      STATE    AGE\nledger    up       3d",
        "READ   THIS\nit is important",
        least=2,
    ),
    Block(
        "output-git",
        "what git status and git log print",
        OUTPUT,
        ("On branch ", "Changes ", "Untracked files:", "Author: ", "HEAD detached"),
        re.compile(_GIT),
        re.compile(rf"{_GIT}|[ \t]{{1,8}}\S"),
        "On branch main\nUntracked files:\n\tnotes.txt",
        "On branch main it works",
        between=re.compile(r"\s{0,20}$"),
        least=2,
    ),
    Block(
        "output-prompt",
        "a shell session: a prompt, a command, and two or more lines of what it printed",
        OUTPUT,
        ("$ ", "# ", "% ", "❯ ", "➜ ", "PS ", ":\\"),
        re.compile(_PROMPT),
        re.compile(rf"(?!{_PROMPT})[ \t]{{0,80}}\S"),
        "$ cat notes.txt\nfirst line\nsecond line",
        "$ npm install\n$ npm start",
        between=re.compile(_PROMPT),
        least=2,
    ),
    Block(
        "output-session",
        "a session with an interpreter or a database: its prompt, and what it answered",
        OUTPUT,
        (">>> ", "irb(", "pry(", "mysql> ", "sqlite> ", "> "),
        re.compile(_INTERPRETER),
        re.compile(rf"(?!{_INTERPRETER})\S.{{0,2000}}$|[ \t]{{1,80}}\S"),
        ">>> go(3)\n{'a': 1}\n>>> go(4)",
        ">>> quoted three times",
        between=re.compile(_INTERPRETER),
        least=1,
        tail=re.compile(_INTERPRETER),
    ),
    Block(
        "output-agent",
        "a tool call with its result, as coding agents print it",
        OUTPUT,
        ("⎿", "⏺", "●", "•", "└"),
        re.compile(r"[ \t]{0,12}(?:[⏺●•] (?:\w{1,40}\(|Ran |Read |Explored)|⎿)"),
        re.compile(r"[ \t]{0,12}[⎿└]|[ \t]{2,20}\S"),
        "⏺ Bash(ls)\n  ⎿  a.py\n     b.py",
        "⏺ done with it",
        between=re.compile(r"\s{0,20}$"),
        least=1,
    ),
    Block(
        "output-heading",
        "lines under a heading that calls them output",
        OUTPUT,
        ("utput:", "stdout", "stderr", "STDOUT", "STDERR", "UTPUT:", "esult:", "bservation:", "BSERVATION:"),
        re.compile(
            r"[ \t>|#*]{0,8}(?i:(?:tool|command|terminal|console|shell|bash"
            r"|program)?[ _-]?(?:output|result|observation)|stdout|stderr)(?:\*\*)?:(?:\*\*)?\s{0,4}$"
        ),
        re.compile(r"\S.{0,4000}$|[ \t]{1,40}\S"),
        "Tool output:\nfirst line\nsecond line",
        "the output: good",
        least=2,
    ),
    Block(
        "reasoning-agent",
        "what a coding agent shows of its thinking",
        REASONING,
        ("∴ ", "✻ "),
        re.compile(r"[ \t]{0,8}[∴✻] (?i:thinking|thought|reasoning).{0,40}$"),
        re.compile(r"[ \t]{1,20}\S"),
        "∴ Thinking…\n\n  The user wants a file.",
        "✻ is a star",
        between=re.compile(r"\s{0,20}$"),
    ),
    Block(
        "reasoning-steps",
        "an agent's thoughts, actions and observations, step by step",
        REASONING,
        ("Action:", "Observation:", "Action Input:"),
        re.compile(r"[ \t>*]{0,8}(?:Thought|Action|Observation):(?:\*\*)? \S"),
        re.compile(
            r"[ \t>*]{0,8}(?:Thought|Action|Action Input|Observation|PAUSE)(?: [0-9]{1,3})?:(?:\*\*)?(?: |$)"
            r"|[ \t]{1,20}\S|[\[{}\]]"
        ),
        "Thought: I should look\nAction: read\nAction Input: notes.txt\nObservation: it is empty",
        "Action: deploy today\nwe are done",
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
            r"|#{1,6} (?i:thinking|reasoning|chain of thought)\s{0,4}$"
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
            "|chain_of_thought|antthinking|antml:thinking|internal reasoning|internal thoughts"
            "|system-reminder|system_prompt"
        ),
        "<thinking>The user wants it.</thinking>",
        "we strip `<thinking>` tags",
    ),
    Tagged(
        "output-tag",
        "what a tool was asked or answered, between tags",
        OUTPUT,
        _tags(
            "tool_result|tool_response|tool_output|tool_use|tool_call|invoke|antml:invoke|function=[\\w.-]{1,64}|function_results?|function_calls|stdout|stderr|output"
            "|local-command-stdout|local-command-stderr|bash-stdout|bash-stderr|command-output|command_output|observation"
        ),
        "<stdout>all of it\n</stdout>",
        "an `<output>` element",
    ),
)
