"""Whole blocks as tools print them, one after the other; templates as in `support.leaks`."""

from __future__ import annotations

_BETWEEN = "\n~~~~\n"

_DUMPS = r"""
it died:
Traceback (most recent call last):
  File "/srv/app/main.py", line 12, in <module>
    «run_billing»()
  File "/srv/app/billing.py", line 99, in run_billing
    raise «BillingError("card declined for 4411")»
billing.«BillingError: card declined for 4411»
~~~~
Traceback (most recent call last):
  File "<stdin>", line 1, in <module>
ZeroDivisionError: «division by zero»

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "<stdin>", line 3, in «inner»
RuntimeError: «second»
any ideas?
~~~~
  + Exception Group Traceback (most recent call last):
  |   File "a.py", line 3, in <module>
  |     raise «ExceptionGroup("many", [ValueError(1)])»
  | ExceptionGroup: many (1 sub-exception)
  +-+---------------- 1 ----------------
    | ValueError: «inner-one»
    +------------------------------------
~~~~
TypeError: Cannot read properties of undefined (reading 'map')
    at «renderList» (/srv/app/src/list.tsx:14:22)
    at «renderWithHooks» (node_modules/react-dom/cjs/react-dom.development.js:14985:18)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)
~~~~
node:internal/modules/cjs/loader:1080
  throw err;
  ^

Error: Cannot find module «'./secret-module'»
Require stack:
- /srv/app/«index.js»
    at Module._resolveFilename (node:internal/modules/cjs/loader:1077:15)
    at Module._load (node:internal/modules/cjs/loader:922:27) {
  code: '«MODULE_NOT_FOUND»'
}
~~~~
Uncaught (in promise) DOMException: «The play() request was interrupted»
    «onClick»@https://app.acme.io/main.js:3:15
    «dispatch»@https://app.acme.io/main.js:9:2
~~~~
«doStuff»@http://localhost:3000/static/js/bundle.js:10:5
«render»@http://localhost:3000/static/js/bundle.js:20:7
«main»@http://localhost:3000/static/js/bundle.js:30:9
~~~~
Exception in thread "main" java.lang.IllegalStateException: «pool closed»
	at com.acme.«billing.Pool.get»(Pool.java:42)
	at com.acme.Main.main(Main.java:7)
Caused by: java.io.IOException: «broken pipe to ledger»
	at com.acme.Net.write(Net.java:9)
	... 2 more
~~~~
java.lang.NullPointerException
	at com.acme.«Foo.bar»(Foo.java:10)
	at java.base/java.lang.Thread.run(Thread.java:829)
we saw that twice
~~~~
FATAL EXCEPTION: main
Process: com.acme.app, PID: 1234
java.lang.RuntimeException: «Unable to start activity»
	at android.app.ActivityThread.«performLaunchActivity»(ActivityThread.java:3449)
	at android.os.Looper.loop(Looper.java:223)
~~~~
panic: runtime error: «invalid memory address or nil pointer dereference»
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x47b2c1]

goroutine 1 [running]:
main.«charge»(...)
	/srv/app/main.go:10
main.main()
	/srv/app/main.go:15 +0x1d
exit status 2
~~~~
goroutine 34 [chan receive]:
github.com/acme/api.«(*Worker).loop»(0xc0000b4000)
	/go/src/github.com/acme/api/worker.go:88 +0x65
created by github.com/acme/api.«Start»
	/go/src/github.com/acme/api/worker.go:40 +0x9a
~~~~
fatal error: all goroutines are asleep - deadlock!

goroutine 1 [select (no cases)]:
main.«waitForever»()
	/tmp/x.go:5 +0x20
~~~~
thread 'main' panicked at src/main.rs:4:10:
called `Result::unwrap()` on an `Err` value: «ParseIntError { kind: InvalidDigit }»
stack backtrace:
   0: rust_begin_unwind
             at /rustc/abc/library/std/src/panicking.rs:645:5
   1: core::panicking::panic_fmt
   2: acme::«charge_card»
note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.
~~~~
Unhandled exception. System.NullReferenceException: «Object reference not set to an instance of an object.»
   at Acme.«Billing.Charge»(Order o) in /src/Billing.cs:line 42
   at Acme.Program.Main(String[] args) in /src/Program.cs:line 9
~~~~
System.AggregateException: One or more errors occurred. («inner boom»)
 ---> System.Exception: inner boom
   at Acme.«X.Y»()
   --- End of inner exception stack trace ---
   at Acme.Z()
~~~~
app/models/user.rb:12:in `«charge!»': card declined («Billing::Declined»)
	from app/controllers/pay.rb:8:in `create'
	from config.ru:3:in `<main>'
~~~~
NoMethodError (undefined method `«total_cents»' for nil:NilClass):

app/services/«invoice.rb»:14:in `call'
app/controllers/invoices_controller.rb:9:in `show'
~~~~
Traceback (most recent call last):
	2: from x.rb:9:in `<main>'
	1: from x.rb:5:in `«outer»'
x.rb:2:in `inner': «oops» (RuntimeError)
~~~~
PHP Fatal error:  Uncaught Error: Call to undefined function «charge_it()» in /var/www/pay.php:12
Stack trace:
#0 /var/www/index.php(4): «pay»()
#1 {main}
  thrown in /var/www/pay.php on line 12
~~~~
Fatal error: Unexpectedly found nil while unwrapping an Optional value: file «App/Checkout.swift», line 42
Current stack trace:
0    libswiftCore.dylib                 0x00007fff2 _swift_stdlib_reportFatalErrorInFile + 50
1    Acme                               0x0000000104 «Checkout.pay»() + 123
2    Acme                               0x0000000105 main + 12
~~~~
Thread 1 Crashed:
0   libsystem_kernel.dylib        	0x00007ff80 __pthread_kill + 10
1   libsystem_c.dylib             	0x00007ff81 abort + 123
2   Acme                          	0x0000000100 «-[PayController charge:]» + 44
~~~~
** (ArithmeticError) «bad argument in arithmetic expression»
    (acme 0.1.0) lib/acme/«billing.ex»:12: Acme.Billing.charge/2
    (stdlib 4.0) erl_eval.erl:748: :erl_eval.do_apply/7
    iex:3: (file)
~~~~
12:00:01.123 [error] GenServer Acme.Pool terminating
** (stop) exited in: «GenServer.call(Acme.DB, :get, 5000)»
    ** (EXIT) time out
    (elixir 1.14.0) lib/gen_server.ex:1038: GenServer.call/3
    (acme 0.1.0) lib/acme/«pool.ex»:44: Acme.Pool.fetch/1
~~~~
#0  0x00007ffff7e12a7c in «pthread_kill» () from /lib/libc.so.6
#1  0x0000555555555169 in «crash_me» (p=0x0) at crash.c:4
#2  0x0000555555555180 in main () at crash.c:9
~~~~
==1234==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000010
READ of size 4 at 0x602000000010 thread T0
    #0 0x4f8d in «use_it» /src/a.c:10:5
    #1 0x4f9e in main /src/a.c:20:3
~~~~
Unhandled exception:
Bad state: «No element in cart»
#0      List.first (dart:core-patch/growable_array.dart:343:5)
#1      «Cart.total» (package:acme/cart.dart:9:12)
#2      main (package:acme/main.dart:3:3)
~~~~
lua: app.lua:3: attempt to index a nil value (field '«secretfield»')
stack traceback:
	app.lua:3: in function '«charge»'
	app.lua:9: in main chunk
	[C]: in ?
~~~~
Error in «compute_total»(x) : object 'y' not found
Calls: main -> compute_total
Execution halted
Traceback:
1. «compute_total(x)»
2. stop("no")
~~~~
Exception: «Prelude.head: empty list»
CallStack (from HasCallStack):
  error, called at libraries/base/GHC/List.hs:1646:3 in base:GHC.List
  errorEmptyList, called at «src/Pay.hs»:12:3 in main:Pay
~~~~
Execution error (ArityException) at «acme.core/eval123» (core.clj:12).
	at clojure.lang.AFn.throwArity(AFn.java:429)
	at acme.core$«charge».invoke(core.clj:12)
~~~~
diff --git a/src/pay.py b/src/pay.py
index 1a2b3c4..5d6e7f8 100644
--- a/src/pay.py
+++ b/src/pay.py
@@ -1,4 +1,4 @@
 import os
-«RATE = 0.2»
+«RATE = 0.25»
 x = 1
~~~~
here's my change
--- a/config.yml
+++ b/config.yml
@@ -10,2 +10,3 @@ services:
   web:
+    «replicas: 7»
     image: x
looks ok?
~~~~
@@ -3,3 +3,3 @@ def pay():
-    return «old_rate»
+    return «new_rate»
 done
~~~~
```diff
- «const a = 1;»
+ «const a = 2;»
```
~~~~
*** a.txt	2024-01-01
--- b.txt	2024-01-02
***************
*** 1,2 ****
! «old line»
  same
--- 1,2 ----
! «new line»
  same
~~~~
<<<<<<< HEAD
«rate = 1»
||||||| base
rate = 0
=======
«rate = 2»
>>>>>>> feature/rate
~~~~
Index: trunk/pay.c
===================================================================
--- trunk/pay.c	(revision 10)
+++ trunk/pay.c	(working copy)
@@ -1 +1 @@
-«int a;»
+«int b;»
~~~~
*** Begin Patch
*** Update File: src/app.py
@@
-«old_call()»
+«new_call()»
*** End Patch
~~~~
PATH=/usr/local/bin:/usr/bin
HOME=/root
«CUSTOMER=globex»
«PLAN=enterprise»
LANG=C.UTF-8
~~~~
$ env
SHELL=/bin/bash
«DEPLOY_TARGET=blue»
TERM=xterm-256color
«CUSTOMER_ID=77»
~~~~
# .env
NODE_ENV=production
PORT=3000
«FEATURE_X=on»
«TENANT=globex»
~~~~
export AAA_REGION=eu
export «TENANT=globex»
export BBB_ZONE=1
~~~~
declare -x EDITOR="vim"
declare -x «TENANT="globex"»
declare -x LANG="en_US.UTF-8"
~~~~
Name                           Value
----                           -----
COMPUTERNAME                   «JANES-PC»
OS                             Windows_NT
USERDOMAIN                     «ACME»
~~~~
ALLUSERSPROFILE=C:\ProgramData
COMPUTERNAME=«JANES-PC»
NUMBER_OF_PROCESSORS=8
~~~~
environment:
  - TENANT=«globex»
  - REGION=eu
  - PLAN=«enterprise»
~~~~
{"PATH": "/usr/bin", "TENANT": "«globex»", "SHELL": "/bin/sh", "LANG": "C"}
~~~~
process.env: {
  NODE_ENV: 'production',
  TENANT: '«globex»',
  PORT: '3000'
}
~~~~
$ ls -la
total 12
drwxr-xr-x 3 app app 4096 Jan  1 00:00 .
-rw-r--r-- 1 app app  120 Jan  1 00:00 «customers.csv»
~~~~
$ git status
On branch main
Changes not staged for commit:
	modified:   «src/secret_plan.py»
~~~~
On branch main
Your branch is up to date with 'origin/main'.

Untracked files:
  (use "git add <file>..." to include in what will be committed)
	«customers.csv»
~~~~
$ npm test

> acme@1.0.0 test
> jest

PASS src/«pay.test.ts»
Tests: 3 passed
~~~~
npm ERR! code ERESOLVE
npm ERR! ERESOLVE unable to resolve dependency tree
npm ERR! While resolving: «acme-internal@0.1.0»
~~~~
=========================== test session starts ===========================
platform linux -- Python 3.11.7, pytest-8.0.0
collected 3 items

tests/test_pay.py ..F                                               [100%]

FAILED tests/test_pay.py::«test_charge_globex» - assert 1 == 2
===================== 1 failed, 2 passed in 0.12s =====================
~~~~
➜  app git:(main) ✗ cat plan.txt
«launch on monday»
«tell nobody»
~~~~
root@web1:/srv# tail -2 app.log
«user 77 paid 12»
«user 78 paid 13»
~~~~
PS C:\app> Get-ChildItem
    Directory: C:\app
«plan.txt»
«list.csv»
~~~~
2025-03-01T10:00:00Z INFO «charged customer 77»
2025-03-01T10:00:01Z INFO charged customer 78
2025-03-01T10:00:02Z WARN «retry customer 79»
~~~~
Jan  1 10:00:00 web1 sshd[123]: Accepted publickey for «deploy»
Jan  1 10:00:01 web1 sshd[123]: session opened
Jan  1 10:00:02 web1 CRON[9]: («root») CMD (run)
~~~~
[2025-03-01 10:00:00,123] {taskinstance.py:1} INFO - «row 1»
[2025-03-01 10:00:01,123] {taskinstance.py:1} INFO - row 2
[2025-03-01 10:00:02,123] {taskinstance.py:1} INFO - «row 3»
~~~~
10.1.1.1 - - [01/Mar/2025:10:00:00 +0000] "GET /«account/77» HTTP/1.1" 200 12
10.1.1.2 - - [01/Mar/2025:10:00:01 +0000] "GET /a HTTP/1.1" 200 12
10.1.1.3 - - [01/Mar/2025:10:00:02 +0000] "GET /b HTTP/1.1" 200 12
~~~~
{"level":"info","ts":1700000000,"msg":"«charged 77»"}
{"level":"info","ts":1700000001,"msg":"charged 78"}
{"level":"warn","ts":1700000002,"msg":"«retry 79»"}
~~~~
CONTAINER ID   IMAGE         COMMAND   CREATED   STATUS   PORTS   NAMES
1a2b3c4d5e6f   «acme/billing»  "run"     2 d       Up 2 d            «billing_1»
~~~~
NAME                    READY   STATUS    RESTARTS   AGE
«globex-api-7d9f»         1/1     Running   0          3d
db-0                    1/1     Running   0          3d
~~~~
+----+--------+
| id | name   |
+----+--------+
|  1 | «globex» |
|  2 | initech |
+----+--------+
~~~~
 id |  name
----+---------
  1 | «globex»
  2 | initech
(2 rows)
~~~~
src/pay.ts(12,5): error TS2345: Argument of type «'Globex'» is not assignable
src/pay.ts(13,5): error TS2304: Cannot find name 'x'.
src/b.ts(1,1): error TS2304: Cannot find name 'y'.
~~~~
error[E0382]: borrow of moved value: `«ledger»`
 --> src/main.rs:4:20
  |
3 |     let b = a;
  |             - value moved here
4 |     println!("{}", «a»);
  |                    ^ value borrowed here after move
~~~~
Step 3/7 : RUN «make secret»
 ---> Running in 1a2b3c
 ---> 4d5e6f
~~~~
#8 [4/6] RUN pip install -r requirements.txt
#8 1.234 Collecting «acme-internal==1.0»
#8 2.345 Installing collected packages
#8 DONE 3.1s
~~~~
remote: Enumerating objects: 5, done.
remote: Counting objects: 100% (5/5), done.
To github.com:«acme/secret-repo».git
   1a2b3c4..5d6e7f8  main -> main
~~~~
commit 1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b
Author: Jane <jane@x.io>
Date:   Mon Mar 3 10:00:00 2025 +0100

    «add the globex discount»
~~~~
⏺ Bash(cat plan.md)
  ⎿  «launch on monday»
     «tell nobody»
~~~~
⏺ Read(src/pay.py)
  ⎿  Read 120 lines
     «def charge()»
~~~~
Tool result:
«rows: 12»
«total: 99»
~~~~
<tool_result>
«{"rows": 12}»
</tool_result>
~~~~
<function_results>«balance 12»</function_results>
~~~~
{"type":"tool_use","name":"bash","input":{"command":"«cat plan»"}}
~~~~
{"role":"tool","tool_call_id":"call_1","content":"«balance 12»"}
~~~~
<thinking>
«The user wants a refund. I should check.»
</thinking>
Sure, done.
~~~~
<think>«hm, the customer is globex»</think>ok
~~~~
<reasoning>«we could cheat here»</reasoning>
~~~~
Thinking: «the customer is globex, so I should read the ledger first»
~~~~
Thinking…
«The user asks for the ledger. I will read it.»

Here is the answer.
~~~~
∴ Thinking…

  «The user asks for the ledger.»
~~~~
**Reasoning:** «the customer is globex so the discount applies»
~~~~
Chain of thought:
1. «read the ledger»
2. «apply discount»
~~~~
[thinking]«customer is globex»[/thinking]
~~~~
{"type":"thinking","thinking":"«customer is globex»","signature":"EqQB"}
~~~~
"reasoning_content": "«customer is globex»"
~~~~
◁think▷«customer is globex»◁/think▷ok
~~~~
<thinking>«customer is globex»</thinking>
~~~~
<|channel|>analysis<|message|>«customer is globex»<|end|>
~~~~
<scratchpad>«maybe 12»</scratchpad>
~~~~
Traceback (most recent call last):
  File "/app/a.py", line 3, in f
    «return d["k"]»
           ~^^^^^
KeyError: '«globex»'
~~~~
> Traceback (most recent call last):
>   File "a.py", line 1, in <module>
>     «run()»
> ValueError: «bad»
~~~~
  File "/app/a.py", line 3
    «def f(:»
          ^
SyntaxError: invalid syntax
~~~~
ReferenceError: «foo» is not defined
    at Object.<anonymous> (/app/x.js:1:1)
    at Module._compile (node:internal/modules/cjs/loader:1105:14)

Node.js v18.0.0
~~~~
Error: «boom»
    at async «handler» (file:///app/x.mjs:3:9)
    at async Promise.all (index 0)
~~~~
[vite] Internal server error: «no such file»
      at «load» (/app/vite.js:1:2)
      at TransformContext.transform (/app/v.js:3:4)
~~~~
org.springframework.beans.factory.BeanCreationException: Error creating bean '«ledger»'
	at org.spring.A.b(A.java:1) ~[spring.jar:5]
	at org.spring.A.c(A.java:2) ~[spring.jar:5]
Caused by: java.sql.SQLException: «denied»
	... 12 common frames omitted
~~~~
E/AndroidRuntime: FATAL EXCEPTION: main
    java.lang.IllegalArgumentException: «bad account»
        at com.acme.Pay.go(Pay.kt:3)
        at com.acme.Main.on(Main.kt:9)
~~~~
Exception in thread "DefaultDispatcher-worker-1" java.lang.IllegalStateException: «oops»
	at AppKt$main$1.invokeSuspend(App.kt:5)
	at kotlin.coroutines.jvm.internal.BaseContinuationImpl.resumeWith(ContinuationImpl.kt:33)
~~~~
panic: «assignment to entry in nil map»

goroutine 7 [running]:
main.(*S).«put»(0x0, {0x1, 0x2})
	/src/s.go:12 +0x45
created by main.main in goroutine 1
	/src/main.go:9 +0x12
~~~~
panic: «boom» [recovered]
	panic: boom

goroutine 6 [running]:
testing.tRunner.func1.2({0x1, 0x2})
	/usr/local/go/src/testing/testing.go:1631 +0x24a
~~~~
thread 'main' panicked at 'called `Option::unwrap()` on a `None` value', «src/ledger.rs:9:22»
stack backtrace:
   0: rust_begin_unwind
   1: core::panicking::panic
   2: «ledger::pay»
             at ./src/ledger.rs:9:22
~~~~
Error: «failed to open ledger»

Caused by:
    0: «reading config»
    1: No such file or directory (os error 2)
~~~~
System.InvalidOperationException: «Sequence contains no elements»
   at System.Linq.ThrowHelper.ThrowNoElementsException()
   at «Acme.Ledger.Pay»() in C:\src\Ledger.cs:line 12
~~~~
Unhandled Exception: System.IO.FileNotFoundException: «ledger.dll»
   at Acme.Main()
   at System.Threading.ThreadHelper.ThreadStart()
~~~~
/app/lib/pay.rb:12:in 'Ledger#«pay»': «no funds» (Ledger::Error)
	from /app/bin/run:3:in '<main>'
~~~~
RuntimeError: «no funds»
  lib/pay.rb:12:in `pay'
  lib/run.rb:3:in `<main>'
~~~~
Failure/Error: expect(«ledger.total»).to eq 3

  expected: 3
       got: «4»

# ./spec/a_spec.rb:3:in `block'
# ./spec/b_spec.rb:4:in `block'
~~~~
Swift/ContiguousArrayBuffer.swift:600: Fatal error: «Index out of range»
Stack dump:
0.	Program arguments: «/app/run»
1.	Swift version 5.9
~~~~
** (FunctionClauseError) no function clause matching in «Ledger.pay/1»
    (ledger 0.1.0) lib/ledger.ex:3: Ledger.pay(nil)
    (elixir 1.15.0) lib/enum.ex:2510: Enum."-reduce/3-lists^foldl/2-0-"/3
~~~~
Program received signal SIGSEGV, Segmentation fault.
0x0000555 in «ledger_pay» (x=0x0) at a.c:3
(gdb) bt
#0  0x0000555 in ledger_pay (x=0x0) at a.c:3
#1  0x0000556 in «main» () at a.c:9
~~~~
terminate called after throwing an instance of 'std::out_of_range'
  what():  «vector::_M_range_check»
Aborted (core dumped)
~~~~
Exception in Tkinter callback
Traceback (most recent call last):
  File "x.py", line 1, in __call__
    return self.«func»(*args)
AttributeError: '«Ledger»' object has no attribute 'x'
~~~~
ERROR: LoadError: «UndefVarError: ledger not defined»
Stacktrace:
 [1] top-level scope
   @ ~/«x.jl»:3
~~~~
scala.MatchError: «List(1)» (of class List)
	at Main$.pay(Main.scala:3)
	at Main$.main(Main.scala:9)
~~~~
diff --git a/a.py b/a.py
new file mode 100644
index 0000000..1a2b3c4
--- /dev/null
+++ b/a.py
@@ -0,0 +1,2 @@
+«import ledger»
+«ledger.pay()»
~~~~
diff -u a.txt b.txt
--- a.txt	2025-01-01 10:00:00
+++ b.txt	2025-01-01 10:00:01
@@ -1 +1 @@
-«old»
+«new»
~~~~
From 1a2b3c4 Mon Sep 17 00:00:00 2001
From: Kim <kim@x.io>
Subject: [PATCH] «ledger»
---
 a.py | 2 +-
diff --git a/a.py b/a.py
--- a/a.py
+++ b/a.py
@@ -1 +1 @@
-«x=1»
+«x=2»
~~~~
```diff
@@ -1,2 +1,2 @@
 def f():
-    «return 1»
+    «return 2»
```
~~~~
try this:
<<<<<<< SEARCH
«total = 1»
=======
«total = 2»
>>>>>>> REPLACE
ok
~~~~
12c12
< «total = 1»
---
> «total = 2»
~~~~
DB_HOST=x
DB_NAME=«globex»
DB_USER=app
~~~~
env:
  STAGE: prod
  DB_NAME: «globex»
  LOG_LEVEL: debug
~~~~
set PATH=C:\Windows
set TENANT=«globex»
set STAGE=prod
~~~~
$env:STAGE = "prod"
$env:TENANT = "«globex»"
$env:REGION = "eu"
~~~~
{
  "NODE_ENV": "production",
  "TENANT": "«globex»",
  "PORT": "3000"
}
~~~~
environ({'HOME': '/root', 'TENANT': '«globex»', 'LANG': 'C'})
~~~~
SHELL=/bin/bash
TENANT=«globex»
PWD=/srv
LOGNAME=root
_=/usr/bin/env
~~~~
$ cat notes
«buy globex»
«sell initech»
~~~~
kim@box:~/app$ git diff --stat
 «ledger.py» | 2 +-
 1 file changed
~~~~
(venv) kim@box:~$ python x.py
«balance 3»
«done»
~~~~
C:\app> dir
 Volume in drive C is OS
 «ledger.txt»
~~~~
total 24
-rw-r--r--  1 kim  staff   12 Jan  1 10:00 «ledger.csv»
-rw-r--r--  1 kim  staff   12 Jan  1 10:00 b
~~~~
USER       PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND
root         1  0.0  0.1   1234  5678 ?        Ss   10:00   0:00 «/sbin/ledgerd»
~~~~
Filesystem      Size  Used Avail Use% Mounted on
/dev/sda1        10G  5.0G  5.0G  50% «/ledger»
~~~~
Proto Recv-Q Send-Q Local Address           Foreign Address         State
tcp        0      0 0.0.0.0:22              0.0.0.0:*               «LISTEN»
~~~~
NAMESPACE   NAME        READY   STATUS    RESTARTS   AGE
default     «ledger-1»    1/1     Running   0          1d
~~~~
REPOSITORY   TAG       IMAGE ID       CREATED      SIZE
«ledger»       latest    1a2b3c4d5e6f   2 days ago   12MB
~~~~
2025-01-01 10:00:00.123 [main] INFO  c.a.Ledger - «paid 1»
2025-01-01 10:00:00.124 [main] INFO  c.a.Ledger - paid 2
2025-01-01 10:00:00.125 [main] WARN  c.a.Ledger - «paid 3»
~~~~
INFO:root:«paid 1»
INFO:root:paid 2
WARNING:root:«paid 3»
~~~~
time="2025-01-01T10:00:00Z" level=info msg="«paid 1»"
time="2025-01-01T10:00:01Z" level=info msg="paid 2"
time="2025-01-01T10:00:02Z" level=warn msg="«paid 3»"
~~~~
[10:00:00] Starting '«ledger»'...
[10:00:01] Finished 'ledger' after 1 s
[10:00:01] Starting 'b'...
~~~~
I0101 10:00:00.000000       1 «ledger.go»:12] paid
I0101 10:00:00.000001       1 ledger.go:12] paid
W0101 10:00:00.000002       1 ledger.go:13] «late»
~~~~
1.2.3.4 - kim [01/Jan/2025:10:00:00 +0000] "POST /«pay» HTTP/1.1" 200 5
1.2.3.4 - kim [01/Jan/2025:10:00:01 +0000] "GET / HTTP/1.1" 200 5
1.2.3.4 - kim [01/Jan/2025:10:00:02 +0000] "GET / HTTP/1.1" 200 5
~~~~
running 2 tests
test «ledger::pays» ... ok
test b ... FAILED

failures:
    «b»

test result: FAILED. 1 passed; 1 failed
~~~~
--- FAIL: Test«Ledger» (0.00s)
    a_test.go:9: got 1
FAIL
exit status 1
~~~~
=== RUN   Test«Ledger»
--- PASS: TestLedger (0.00s)
PASS
ok  	acme/ledger	0.01s
~~~~
 FAIL  src/«ledger.test.ts»
  ● pays

    expect(received).toBe(expected)
~~~~
  ✓ «pays the ledger» (3 ms)
  ✕ refunds (1 ms)

Tests: 1 failed, 1 passed
~~~~
added 12 packages, and audited 13 packages in 1s

2 packages are looking for funding
  run `npm fund` for details

found 0 vulnerabilities in «ledger»
~~~~
Collecting «ledger-internal»
  Downloading ledger_internal-1.0-py3-none-any.whl (12 kB)
Installing collected packages: ledger-internal
Successfully installed ledger-internal-1.0
~~~~
   Compiling «ledger» v0.1.0 (/app)
warning: unused variable: `x`
 --> src/main.rs:1:1
    Finished dev [unoptimized] target(s) in 1s
~~~~
a.c: In function 'main':
a.c:3:5: error: '«ledger»' undeclared
    3 |     ledger();
      |     ^~~~~~
~~~~
src/a.py:1:1: F401 `«ledger»` imported but unused
src/a.py:2:1: E501 Line too long
src/b.py:3:1: F841 unused
~~~~
/app/src/a.js
  1:1  error  '«ledger»' is not defined  no-undef
  2:1  error  x  y

✖ 2 problems
~~~~
Terraform will perform the following actions:
  # aws_instance.«ledger» will be created
  + resource "aws_instance" "ledger" {
~~~~
PLAY [all] ****
TASK [«ledger»] ****
ok: [web1]
PLAY RECAP ****
~~~~
On branch main
nothing to commit, working tree clean
Untracked files:
	«ledger.md»
~~~~
* 1a2b3c4 (HEAD -> main) «add ledger»
* 5d6e7f8 fix
| * 9a8b7c6 wip
~~~~
HTTP/1.1 200 OK
content-type: application/json
x-tenant: «globex»

{"a": 1}
~~~~
> GET /«ledger» HTTP/1.1
> Host: x.io
< HTTP/1.1 200 OK
< server: y
~~~~
mysql> select * from ledger;
+----+------+
| id | who  |
+----+------+
|  1 | «bob» |
+----+------+
1 row in set
~~~~
⏺ Update(src/ledger.py)
  ⎿  Updated src/ledger.py with 1 addition
     12 +  «total = 3»
~~~~
● Bash(npm test)
  ⎿  «3 passed»
~~~~
• Ran cat ledger.md
  └ «balance 3»
    «done»
~~~~
Command output:
«balance 3»
«done»
~~~~
stdout:
«balance 3»
done
~~~~
<tool_call>{"name":"bash","arguments":{"c":"«cat ledger»"}}</tool_call>
~~~~
<tool_response>«balance 3»</tool_response> ok
~~~~
{"type":"tool_result","tool_use_id":"x","content":"«balance 3»"}
~~~~
{"tool_calls":[{"function":{"name":"bash","arguments":"{\"c\":\"«cat ledger»\"}"}}]}
~~~~
<think>
«the ledger is short»
</think>

We pay tomorrow.
~~~~
<antThinking>«ledger is short»</antThinking>
~~~~
<reflection>«ledger is short»</reflection>
~~~~
Reasoning:
«The ledger is short, so pay later.»

Answer: tomorrow
~~~~
### Thinking
«The ledger is short.»

### Answer
tomorrow
~~~~
*Thinking: «the ledger is short, so we should pay later»*
~~~~
✻ Thinking…

  «The ledger is short.»
~~~~
[reasoning] «ledger is short» [/reasoning]
~~~~
{"type":"reasoning","summary":[{"type":"summary_text","text":"«ledger is short»"}]}
~~~~
{"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"«ledger is short now»"}}
~~~~
got this again:
Traceback (most recent call last):
  File "/srv/app/billing/run.py", line 88, in <module>
    «charge_customer(row["iban"])»
  File "/srv/app/billing/core.py", line 12, in «charge_customer»
    raise ValueError(row)
ValueError: «iban of customer 8812 missing»
any idea?
~~~~
it dies with
«TypeError: Cannot read properties of undefined (reading 'iban')»
    at «chargeCustomer (/srv/app/billing.js:88:13)»
    at «processTicksAndRejections» (node:internal/process/task_queues:95:5)
    at async «runAll» (/srv/app/run.js:3:1)
~~~~
/srv/app/«ledger.js:12»
    «throw new Error("acct " + id)»
    ^

Error: «acct 771»
    at «Object.<anonymous> (/srv/app/ledger.js:12:11)»
    at Module._compile (node:internal/modules/cjs/loader:1256:14)

Node.js v20.11.1
~~~~
Exception in thread "main" «java.lang.IllegalStateException: acct 9912»
	at «com.acme.billing.Ledger.post(Ledger.java:44)»
	at «com.acme.billing.Main.main(Main.java:9)»
Caused by: «java.io.IOException: vault sealed»
	at «com.acme.vault.Client.get(Client.java:101)»
	... 2 more
~~~~
kotlin.«UninitializedPropertyAccessException: lateinit property ledger» has not been initialized
	at «com.acme.App.getLedger(App.kt:12)»
	at «com.acme.AppKt.main(App.kt:40)»
~~~~
panic: «runtime error: index out of range [5] with length 3»

goroutine 1 [running]:
«main.settle(0xc000012345, 0x3)»
	«/src/billing/settle.go:42» +0x1d
main.main()
	«/src/billing/main.go:9» +0x2a
exit status 2
~~~~
thread 'main' panicked at «src/ledger.rs:12:5»:
«index out of bounds: the len is 3 but the index is 5»
stack backtrace:
   0: «rust_begin_unwind»
             at /rustc/abc/library/std/src/panicking.rs:597:5
   1: «ledger::settle»
             at ./src/ledger.rs:12:5
note: Some details are omitted
~~~~
«billing.rb:12:in `charge': undefined method `iban' for nil:NilClass (NoMethodError)»
	from «billing.rb:20:in `block in run'»
	from «billing.rb:19:in `each'»
	from billing.rb:30:in `<main>'
~~~~
PHP Fatal error:  Uncaught Exception: «acct 88» in «/var/www/billing.php:12»
Stack trace:
#0 «/var/www/index.php(30): charge(88)»
#1 {main}
  thrown in «/var/www/billing.php» on line 12
~~~~
Unhandled exception. «System.NullReferenceException: Object reference not set» to an instance of an object.
   at «Acme.Billing.Ledger.Post(Int32 id) in /src/Ledger.cs:line 44»
   at «Acme.Program.Main(String[] args)» in /src/Program.cs:line 9
~~~~
** (RuntimeError) «acct 91 closed»
    (billing 0.1.0) «lib/billing/ledger.ex:12: Billing.Ledger.post/2»
    (elixir 1.15.0) lib/enum.ex:984: «Enum."-each/2-lists^foreach/1-0-"/2»
~~~~
=CRASH REPORT==== 11-Jun-2024::10:22:33 ===
  crasher:
    initial call: «ledger:init/1»
    pid: <0.123.0>
    exception error: «no match of right hand side value {error,acct_closed}»
      in function  «ledger:post/2 (src/ledger.erl, line 42)»
~~~~
terminate called after throwing an instance of 'std::runtime_error'
  what():  «acct 12 closed»
#0  0x00007f1 in «raise () from /lib/libc.so.6»
#1  0x00007f2 in «Ledger::post (this=0x0, id=12) at ledger.cpp:44»
#2  0x00007f3 in main () at «main.cpp:9»
~~~~
==1234==ERROR: AddressSanitizer: «heap-use-after-free on address 0x602» at pc 0x1 bp 0x2 sp 0x3
READ of size 4 at 0x602 thread T0
    #0 0x4f2 in «ledger_post /src/ledger.c:44:5»
    #1 0x4f3 in «main /src/main.c:9:3»
~~~~
Fatal error: «Unexpectedly found nil while unwrapping an Optional value»: file «Ledger.swift», line 12
Thread 1 Crashed:
0   libswiftCore.dylib  0x00000001 «_assertionFailure» + 12
1   Billing             0x00000002 «Ledger.post(_:)» + 40
~~~~
Unhandled exception:
«Bad state: acct closed»
#0      «Ledger.post (package:billing/ledger.dart:12:5)»
#1      «main (package:billing/main.dart:4:3)»
~~~~
«acct closed at /srv/ledger.pl line 12.»
	«Ledger::post(HASH(0x1), 12) called at /srv/run.pl line 9»
	main::run() called at «/srv/run.pl line 30»
~~~~
lua: «ledger.lua:12: attempt to index a nil value (local 'acct')»
stack traceback:
	«ledger.lua:12: in function 'post'»
	«run.lua:3: in main chunk»
	[C]: in ?
~~~~
ledger: «Prelude.head: empty list»
CallStack (from HasCallStack):
  error, called at «libraries/base/GHC/List.hs:1646:3» in base:GHC.List
  errorEmptyList, called at «src/Ledger.hs:12:5» in main:Ledger
~~~~
Error in «post(acct, 12)» : «object 'iban' not found»
Calls: «run -> settle -> post»
Execution halted
~~~~
ERROR: «BoundsError: attempt to access 3-element Vector{Int64} at index [5]»
Stacktrace:
 [1] «getindex(A::Vector{Int64}, i1::Int64)»
   @ Base ./essentials.jl:13
 [2] «settle(x::Int64)»
   @ Main «./ledger.jl:12»
~~~~
Exception in thread "main" «scala.MatchError: 9912» (of class java.lang.Integer)
	at «acme.Ledger$.post(Ledger.scala:12)»
	at «acme.Main$.main(Main.scala:4)»
~~~~
Execution error (ArityException) at «billing.ledger/eval1234 (REPL:1)».
«Wrong number of args (1) passed to: billing.ledger/post»
	at «clojure.lang.AFn.throwArity(AFn.java:429)»
	at clojure.lang.AFn.invoke(AFn.java:32)
~~~~
Error: VM Exception while processing transaction: «reverted with reason string 'acct closed'»
    at «Ledger.post (contracts/Ledger.sol:12)»
    at «processTicks (node:internal/process:1:1)»
~~~~
Uncaught Error: «Objects are not valid as a React child»
    at «throwOnInvalidObjectType (react-dom.development.js:14887:9)»
    at «reconcileChildFibers» (react-dom.development.js:15828:7)
    in «CustomerIban (at App.js:12)»
~~~~
«TypeError: acct is undefined»
«post@https://app.acme.com/static/ledger.js:12:5»
«run@https://app.acme.com/static/run.js:3:1»
@https://app.acme.com/:9:1
~~~~
[ 1234.567] BUG: unable to handle kernel NULL pointer dereference at «0000000000000010»
[ 1234.568] RIP: 0010:«ledger_post+0x12/0x40 [ledger]»
[ 1234.569] Call Trace:
[ 1234.570]  «? ledger_run+0x1/0x2»
[ 1234.571]  «do_syscall_64+0x5b/0x1a0»
~~~~
the change is
diff --git a/billing/ledger.py b/billing/ledger.py
index 3f2a9c1..9d1e2b3 100644
--- a/billing/ledger.py
+++ b/billing/ledger.py
@@ -10,3 +10,4 @@ def post(acct):
 «    x = acct.iban»
-«    charge(x)»
+«    charge(x, retry=3)»
+«    audit(x)»
ok?
~~~~
--- ledger.py	2024-06-11 10:00:00
+++ ledger.py	2024-06-11 10:01:00
@@ -1,3 +1,3 @@
 «import vaultlib»
-«KEY_SLOT = 3»
+«KEY_SLOT = 4»
~~~~
*** ledger.c	2024-06-11
--- ledger.c	2024-06-12
***************
*** 1,3 ****
  «int slot;»
! «int retries = 3;»
--- 1,3 ----
  int slot;
! «int retries = 4;»
~~~~
*** Begin Patch
*** Update File: billing/«ledger.py»
@@ def post(acct):
-«    charge(x)»
+«    charge(x, retry=3)»
*** End Patch
~~~~
<<<<<<< HEAD
«slot = load_slot(3)»
=======
«slot = load_slot(4)»
>>>>>>> feature/slots
~~~~
12c12
< «slot = load_slot(3)»
---
> «slot = load_slot(4)»
20a21,22
> «audit(slot)»
> «close(slot)»
~~~~
```diff
- «slot = load_slot(3)»
+ «slot = load_slot(4)»
```
~~~~
SHELL=«/bin/zsh»
USER=«annika»
PATH=«/usr/local/bin:/usr/bin»
LANG=«en_US.UTF-8»
HOME=/home/«annika»
BILLING_MODE=«ledger-dry»
PWD=«/srv/app»
~~~~
declare -x HOME="«/home/annika»"
declare -x LOGNAME="«annika»"
declare -x BILLING_HOST="«ledgerbox»"
declare -x TERM="xterm"
~~~~
printenv:
NODE_ENV=«production»
BILLING_REGION=«ledger-eu»
HOSTNAME=«7f3a2b1c9d0e»
PORT=«8812»
TZ=«Europe/Oslo»
~~~~
# .env
APP_NAME=«ledger»
APP_ENV=«staging-two»
DB_HOST=«ledgerdb»
DB_NAME=«billing_live»
DB_USER=«ledger_rw»
~~~~
process.env dump: {
  "SHELL": "«/bin/zsh»",
  "USER": "«annika»",
  "LOGNAME": "«annika»",
  "BILLING_HOST": "«ledgerbox»",
  "PATH": "«/usr/bin:/bin»"
}
~~~~
<think>«the user wants the ledger key so I should open slot three»
«then call the vault»</think>
Done, opened the PR.
~~~~
<thinking>
«maybe customer 8812 is the one»
</thinking>
~~~~
<reasoning>«slot three looks stale»</reasoning> fixed it
~~~~
ok
<think>
«no closing tag and the ledger slot is three»
~~~~
<thinking>«let me look at the ledger table»</thinking>hello
~~~~
<scratchpad>«acct 8812 -> slot three»</scratchpad>
~~~~
{"type":"thinking","thinking":"«acct 8812 must be slot three»","signature":"«EqoBCkgIARABGAIiQ»"}
~~~~
~~~~
<function_results>
<result>
<tool_name>bash</tool_name>
<stdout>«ledger.db  slot3.bin  customers.csv»</stdout>
</result>
</function_results>
~~~~
<invoke name="Bash"><parameter name="command">«cat /srv/ledger/slot3.bin»</parameter></invoke>
~~~~
{"type":"tool_result","tool_use_id":"toolu_01A","content":"«ledger.db slot3.bin customers.csv»"}
~~~~
{"role":"tool","tool_call_id":"call_abc","content":"«ledger.db slot3.bin»"}
~~~~
● Bash(«cat ledger.csv»)
  ⎿  «8812,NO93 8601 1117 947,closed»
     «8813,NO94 8601 1117 948,open»
~~~~
Tool output:
```
«8812,NO93,closed»
«8813,NO94,open»
```
~~~~
Thought: «I should read the ledger»
Action: «read_file»
Action Input: {"path": "«ledger.csv»"}
Observation: «8812,NO93,closed»
Final Answer: done
~~~~
$ ls -la
total 48
drwxr-xr-x  5 «annika» staff   160 Jun 11 10:00 .
-rw-r--r--  1 «annika» staff  1024 Jun 11 10:00 «ledger.csv»
-rw-------  1 annika staff  1024 Jun 11 10:00 «slot3.bin»
~~~~
$ ps aux
USER   PID %CPU %MEM    VSZ   RSS TTY STAT START   TIME COMMAND
«annika»  123  0.0  0.1  1000   200 ?   S    10:00   0:00 «ledgerd --slot 3»
root   124  0.0  0.1  1000   200 ?   S    10:00   0:00 «vaultd»
~~~~
$ git log -2
commit 3f2a9c1d4e5f60718293a4b5c6d7e8f901234567
Author: Annika <«annika@acme.no»>
Date:   Tue Jun 11 10:00:00 2024 +0200

    «open slot three for 8812»
~~~~
app=# select * from accounts;
  id  |  owner  |  iban
------+---------+--------
 «8812 | annika  | NO93»
 «8813 | lars    | NO94»
(2 rows)
~~~~
2024-06-11 10:00:00,123 ERROR billing.ledger: «acct 8812 closed»
2024-06-11 10:00:00,124 ERROR billing.ledger: «acct 8813 closed»
2024-06-11 10:00:00,125 INFO billing.ledger: «slot three retried»
2024-06-11 10:00:00,126 INFO billing.ledger: done
~~~~
* Connected to api.acme.com (1.2.3.4) port 443
> GET /ledger/«8812» HTTP/2
> Host: api.acme.com
> User-Agent: curl/8
< HTTP/2 200
< x-slot: «three-a»
<
{"iban":"«NO93»"}
~~~~
00000000  7f 45 4c 46 02 01 01 00  00 00 00 00 00 00 00 00  |«.ELF............»|
00000010  «03 00 3e 00 01 00 00 00  60 10 00 00 00 00 00 00»  |..>.....`.......|
~~~~
$ grep -rn slot src
«src/ledger.py:12:slot = open(3)»
«src/ledger.py:13:slot.charge(8812)»
«src/run.py:4:slot.close()»
~~~~
Terraform will perform the following actions:

  # «aws_db_instance.ledger» will be updated in-place
  ~ resource "aws_db_instance" "ledger" {
      ~ «instance_class» = "db.t3.small" -> "db.t3.large"
    }

Plan: 0 to add, 1 to change, 0 to destroy.
~~~~
$ kubectl get pods
NAME                 READY   STATUS    RESTARTS   AGE
«ledger-7f8b9c-abcde»   1/1     Running   0          3d
«vaultd-5d6e7f-fghij»   1/1     Running   0          3d
~~~~
/srv/app/«ledger.py:12»: DeprecationWarning: «old slot api»
  «slot.open(3)»
~~~~
=================== FAILURES ===================
_______ test_slot _______

    def «test_slot():»
>       «assert slot() == 3»
E       «assert 4 == 3»

«tests/test_slot.py:3: AssertionError»
~~~~
Traceback (most recent call last):
  File "a.py", line 1, in «inner»
    «boom()»
KeyError: '«iban»'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "b.py", line 2, in «outer»
    «inner()»
RuntimeError: «wrapped»
thoughts?
~~~~
---------------------------------------------------------------------------
ValueError                                Traceback (most recent call last)
Cell In[3], line 1
----> 1 «post(8812)»

ValueError: «acct closed»
~~~~
error: Uncaught (in promise) Error: «acct closed»
    at «file:///srv/ledger.ts:3:9»
    at «post (file:///srv/run.ts:1:1)»
~~~~
3 | «slot.open(3)»
    ^
TypeError: «slot is undefined»
      at «/srv/ledger.ts:3:1»
      at «post (/srv/run.ts:9:2)»
~~~~
2024-06-11 10:00:00.123 ERROR 1 --- [nio-8080-exec-1] o.a.c.c.C: «Servlet threw»
java.lang.NullPointerException: «acct»
	at «com.acme.L.post(L.java:3)»
	at «com.acme.M.run(M.java:4)»
~~~~
FATAL EXCEPTION: main
Process: «com.acme.ledger», PID: 1234
java.lang.RuntimeException: «slot»
	at «com.acme.L.post(L.kt:3)»
	at android.os.Handler.handleCallback(Handler.java:938)
~~~~
==99== Invalid read of size 4
==99==    at 0x4005: «ledger_post (ledger.c:12)»
==99==    by 0x4006: «main (main.c:3)»
==99==  Address 0x52 is 0 bytes after a block of size 4
~~~~
* thread #1, stop reason = EXC_BAD_ACCESS
  * frame #0: 0x0001 «ledger`post(id=12) at ledger.c:12»
    frame #1: 0x0002 «ledger`main at main.c:3»
~~~~
Fatal error: exception «Not_found»
Raised at «Ledger.post in file "ledger.ml", line 12», characters 4-10
Called from «Dune__exe__Main in file "main.ml"», line 3, characters 2-9
~~~~
thread 1 panic: «index out of bounds»
«/srv/ledger.zig:12:5: 0x1 in post (ledger)»
    «slot[5] = 1;»
    ^
«/srv/main.zig:3:1: 0x2 in main (ledger)»
~~~~
Traceback (most recent call last)
«/srv/ledger.nim(12) post»
«/srv/main.nim(3) main»
Error: unhandled exception: «acct closed» [ValueError]
~~~~
Unhandled exception: «acct closed» (Exception)
  from «src/ledger.cr:12:5 in 'post'»
  from «src/main.cr:3:1 in '__crystal_main'»
~~~~
Caught: «groovy.lang.MissingPropertyException: No such property: iban»
	at «Ledger.post(Ledger.groovy:12)»
	at «Ledger.run(Ledger.groovy:3)»
~~~~
«./deploy.sh: line 12: slotctl: command not found»
«./deploy.sh: line 13: ledgerd: command not found»
~~~~
+ «slotctl open 3»
+ «ledgerd --post 8812»
+ «exit 1»
~~~~
CallStack (from HasCallStack):
  error, called at «app/Ledger.hs:3:5» in main:Ledger
~~~~
commit 3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f
Author: X <«x@acme.no»>

    «slot fix»

diff --git a/l.py b/l.py
@@ -1 +1 @@
-«open(3)»
+«open(4)»
~~~~
1:  abc1234 ! 1:  def5678 ledger: post
    @@ Commit message
    +    «slot four»
     ## «ledger.py» ##
~~~~
```suggestion
«slot.open(4)»
```
~~~~
<<<<<<< SEARCH
«slot.open(3)»
=======
«slot.open(4)»
>>>>>>> REPLACE
~~~~
@@ -12,3 +12,3 @@ def post
 «x = 1»
-«slot.open(3)»
+«slot.open(4)»
~~~~
Index: ledger.py
===================================================================
--- ledger.py	(revision 12)
+++ ledger.py	(working copy)
@@ -1 +1 @@
-«open(3)»
+«open(4)»
~~~~
env:
  LEDGER_HOST: «ledgerbox»
  LEDGER_SLOT: "«three»"
  STAGE: «prod-two»
~~~~
set -gx LEDGER_HOST «ledgerbox»
set -gx LEDGER_SLOT «three»
set -gx STAGE «prod-two»
~~~~
PWD=«/srv/app» OLDPWD=«/srv» SHLVL=1 TERM=xterm HOSTNAME=«ledgerbox» _=/usr/bin/env
~~~~
"Env": [
  "LEDGER_HOST=«ledgerbox»",
  "LEDGER_SLOT=«three»",
  "PATH=«/usr/bin»"
]
~~~~
[]string{"LEDGER_HOST=«ledgerbox»", "LEDGER_SLOT=«three»", "STAGE=«two»"}
~~~~
Environment="LEDGER_HOST=«ledgerbox»"
Environment="LEDGER_SLOT=«three»"
Environment="STAGE=«two»"
~~~~
<thinking>«slot three is stale»</thinking>ok
~~~~
<details><summary>Thinking</summary>
«slot three is stale»
</details>
~~~~
{"thought": true, "text": "«slot three is stale»"}
~~~~
data: {"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"«slot three»"}}
~~~~
{"type":"reasoning","summary":[{"type":"summary_text","text":"«slot three is stale»"}]}
~~~~
"reasoning_content": "«slot three is stale because nobody opened it»"
~~~~
Chain of thought:
«1. open slot three»
«2. post»
~~~~
[INTERNAL REASONING]
«slot three is stale»
[/INTERNAL REASONING]
~~~~
{"jsonrpc":"2.0","id":3,"result":{"content":[{"type":"text","text":"«slot three: 8812»"}]}}
~~~~
<function=bash>«slotctl open 3»</function>
~~~~
{"functionResponse":{"name":"bash","response":{"output":"«slot three: 8812»"}}}
~~~~
• Ran «slotctl open 3»
  └ «slot three: 8812»
~~~~
OBSERVATION:
«slot three: 8812»
«slot four: 8813»
~~~~
[TOOL_CALLS] [{"name": "bash", "arguments": {"command": "«slotctl open 3»"}}]
~~~~
<|python_tag|>«slotctl.call(open=3)»<|eom_id|>
~~~~
make: Entering directory '/srv/«ledger»'
cc -c «ledger.c» -o ledger.o
«ledger.c:12:5»: error: 'slot' undeclared
make: *** [Makefile:3: ledger.o] Error 1
~~~~
> Task :ledger:compileKotlin FAILED
e: «/srv/Ledger.kt: (12, 5): Unresolved reference: slot»

BUILD FAILED in 3s
~~~~
[INFO] Building «ledger 1.0»
[ERROR] «/srv/Ledger.java:[12,5] cannot find symbol»
[INFO] BUILD FAILURE
~~~~
error[E0425]: cannot find value `«slot»` in this scope
 --> «src/ledger.rs:12:5»
  |
12 |     «slot.open(3)»
  |     ^^^^ not found
~~~~
«src/ledger.ts(12,5): error TS2304»: Cannot find name 'slot'.
«src/run.ts(3,1): error TS2552»: Cannot find name 'slott'.
~~~~
/srv/«ledger.ts»
  12:5  error  '«slot»' is not defined  no-undef
  13:5  error  '«slott»' is not defined  no-undef

✖ 2 problems
~~~~
CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS   PORTS   NAMES
7f3a2b1c9d0e   «acme/ledger»   "run"   3d   Up   80   «ledger-1»
8f3a2b1c9d0e   «acme/vault»   "run"   3d   Up   81   vault-1
~~~~
Filesystem      Size  Used Avail Use% Mounted on
/dev/sda1        50G   20G   30G  40% «/srv/ledger»
/dev/sdb1        50G   20G   30G  40% «/srv/vault»
~~~~
Proto Recv-Q Send-Q Local Address           Foreign Address         State
tcp        0      0 «1.2.3.4:8812»            0.0.0.0:*               LISTEN
tcp        0      0 «1.2.3.4:8813»            0.0.0.0:*               LISTEN
~~~~
$ tree
.
├── «ledger»
│   └── «slot3.bin»
└── «vault.db»

2 directories, 2 files
~~~~
$ head customers.csv
«id,name,iban»
«8812,Annika,NO93»
«8813,Lars,NO94»
~~~~
mysql> select * from acct;
+------+--------+
| id   | owner  |
+------+--------+
| «8812» | «annika» |
+------+--------+
1 row in set
~~~~
127.0.0.1:6379> keys *
1) "«slot:3»"
2) "«slot:4»"
~~~~
>>> «slot.open(3)»
«{'acct': 8812}»
>>> «slot.close()»
~~~~
irb(main):001:0> «Slot.open(3)»
=> «#<Slot acct=8812>»
~~~~
PLAY [ledger] ****

TASK [open slot] ****
fatal: [«ledgerbox»]: FAILED! => {"msg": "«slot three»"}

PLAY RECAP ****
~~~~
Jun 11 10:00:00 ledgerbox ledgerd[12]: «acct 8812 closed»
Jun 11 10:00:01 ledgerbox ledgerd[12]: «acct 8813 closed»
Jun 11 10:00:02 ledgerbox ledgerd[12]: «slot three»
~~~~
{"level":"error","msg":"«acct 8812 closed»"}
{"level":"info","msg":"«acct 8813 closed»"}
{"level":"info","msg":"«slot three»"}
~~~~
1.2.3.4 - - [11/Jun/2024:10:00:00 +0000] "GET /«acct/8812» HTTP/1.1" 200 1
1.2.3.4 - - [11/Jun/2024:10:00:01 +0000] "GET /«acct/8813» HTTP/1.1" 200 1
1.2.3.4 - - [11/Jun/2024:10:00:02 +0000] "GET /«slot/3» HTTP/1.1" 200 1
"""

DUMPS = tuple(_DUMPS[1:-1].split(_BETWEEN))
