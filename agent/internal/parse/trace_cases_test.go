package parse

// Traces of other runtimes than Python's. The programs that printed those of
// JavaScript, Java, Go, PHP, Ruby and Rust were run for this; paths were shortened.
var traceCases = []struct {
	name, record, kind, message string
}{
	{"node cause", `/srv/app/a.js:1
function f(){ throw new Error('outer', {cause: new TypeError('inner')}); }
              ^

Error: outer
    at f (/srv/app/a.js:1:21)
    at Object.<anonymous> (/srv/app/a.js:2:1)
    ... 5 lines matching cause stack trace ...
    at node:internal/main/run_main_module:28:49 {
  [cause]: TypeError: inner
      at f (/srv/app/a.js:1:48)
      at node:internal/main/run_main_module:28:49
}

Node.js v20.20.2`, "Error", "outer"},
	{"node thrown value", "/srv/app/b.js:1\nthrow 'foo'\n^\nfoo\n(Use `node --trace-uncaught ...` to show where the exception was thrown)\n\nNode.js v20.20.2", "", "foo"},
	{"node rejection", `node:internal/process/promises:389
      new UnhandledPromiseRejection(reason);
      ^

UnhandledPromiseRejection: This error originated either by throwing inside of an async function. The promise rejected with the reason "why".
    at throwUnhandledRejectionsMode (node:internal/process/promises:389:7)
    at process.processTicksAndRejections (node:internal/process/task_queues:96:32) {
  code: 'ERR_UNHANDLED_REJECTION'
}

Node.js v20.20.2`, "UnhandledPromiseRejection", `This error originated either by throwing inside of an async function. The promise rejected with the reason "why".`},
	{"node aggregate", `AggregateError: many
    at Object.<anonymous> (/srv/app/e.js:1:9)
    at node:internal/main/run_main_module:28:49 {
  code: 'E_X',
  [errors]: [
    Error: one
        at Object.<anonymous> (/srv/app/e.js:1:29)
        at node:internal/main/run_main_module:28:49,
    TypeError: two
    lines
        at Object.<anonymous> (/srv/app/e.js:1:47)
  ]
}`, "AggregateError", "many"},
	{"node logged", "failed: TypeError: Cannot read properties of null (reading 'x')\n    at Object.<anonymous> (/srv/app/e.js:3:12)\n    at async Promise.all (index 0)\n    at node:internal/main/run_main_module:28:49", "TypeError", "Cannot read properties of null (reading 'x')"},
	{"node class of its own", "MyProblem: first\nsecond\n    at new Foo (/srv/app/e.js:5:15)\n    at Module._compile (node:internal/modules/cjs/loader:1521:14)", "MyProblem", "first\nsecond"},
	{"node code", "TypeError [ERR_INVALID_ARG_TYPE]: The \"path\" argument must be of type string. Received undefined\n    at Object.openSync (node:fs:573:18)", "TypeError", "The \"path\" argument must be of type string. Received undefined"},
	{"node bare error", "Error\n    at bls (<anonymous>:3:9)\n    at <anonymous>:6:4\n    at Object.evaluate (<anonymous>)", "Error", ""},
	{"node trace", "Trace: here\n    at f (/srv/app/e.js:5:15)\n    at node:internal/main/run_main_module:28:49", "Trace", "here"},
	{"java cause", `java.lang.RuntimeException: wrapped
	at T.main(T.java:5)
	at java.base/jdk.internal.reflect.NativeMethodAccessorImpl.invoke0(Native Method)
	at jdk.compiler/com.sun.tools.javac.launcher.Main.execute(Main.java:419)
Caused by: java.io.IOException: disk
full
	at T.f(T.java:3)
	... 8 more
	Suppressed: java.lang.IllegalStateException: close failed
		at T$R.close(T.java:2)
		... 9 more`, "java.lang.RuntimeException", "wrapped"},
	{"java thread", "Exception in thread \"worker-1\" java.lang.UnsupportedOperationException\n\tat T.lambda$main$0(T.java:6)\n\tat java.base/java.lang.Thread.run(Thread.java:840)", "java.lang.UnsupportedOperationException", ""},
	{"java logger", "Nov 25, 2026 7:43:23 PM T main\nSEVERE: it failed\njava.lang.RuntimeException: logged\n\tat T.main(T.java:8)", "java.lang.RuntimeException", "logged"},
	{"kotlin", "Exception in thread \"main\" kotlin.UninitializedPropertyAccessException: lateinit property x has not been initialized\n\tat com.example.Shop.total(Shop.kt:12)\n\tat com.example.ShopKt$main$1.invokeSuspend(Shop.kt:31)\n\t(Coroutine boundary)\n\tat com.example.ShopKt.main(Shop.kt)", "kotlin.UninitializedPropertyAccessException", "lateinit property x has not been initialized"},
	{"scala", "scala.MatchError: 3 (of class java.lang.Integer)\n\tat Main$.$anonfun$main$1(Main.scala:7)\n\tat scala.collection.immutable.List.foreach(List.scala:333)", "scala.MatchError", "3 (of class java.lang.Integer)"},
	{"spring", "2026-05-01T12:00:00.123+02:00 ERROR 1 --- [shop] [nio-8080-exec-1] o.a.c.c.C.[.[.[/].[dispatcherServlet]    : Servlet.service() for servlet [dispatcherServlet] threw exception [Request processing failed: java.lang.IllegalStateException: boom] with root cause\n\njava.lang.IllegalStateException: boom\n\tat com.example.shop.Cart.add(Cart.java:12) ~[classes!/:0.0.1]\n\tat java.base/java.lang.Thread.run(Thread.java:840)", "java.lang.IllegalStateException", "boom"},
	{"logback", "2026-05-01 12:00:00.123 [main] ERROR c.e.Shop - cannot start\njava.sql.SQLException: no route\n\tat c.e.Shop.open(Shop.java:3)\nCaused by: java.net.ConnectException: refused\n\t... 3 common frames omitted", "java.sql.SQLException", "no route"},
	{"android", "FATAL EXCEPTION: main\nProcess: com.example.app, PID: 1234\njava.lang.NullPointerException: Attempt to invoke virtual method\n\tat com.example.app.MainActivity.onCreate(MainActivity.kt:12)", "java.lang.NullPointerException", "Attempt to invoke virtual method"},
	{"dotnet", "Unhandled exception. System.AggregateException: One or more errors occurred. (bad)\n ---> System.Exception: bad\n   at P.F() in /src/p.cs:line 3\n   --- End of inner exception stack trace ---\n   at System.Threading.Tasks.Task.Wait()\n--- End of stack trace from previous location ---\n   at P.<Main>b__0_1() in /src/p.cs:line 9", "System.AggregateException", "One or more errors occurred. (bad)"},
	{"dotnet console", `fail: Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware[1]
      An unhandled exception has occurred while executing the request.
      System.InvalidOperationException: outer
       ---> System.ArgumentNullException: Value cannot be null. (Parameter 'x')
         at Shop.Cart.Add(String x) in /src/Cart.cs:line 12
         --- End of inner exception stack trace ---
         at Shop.Program.<>c.<<Main>b__0_1>d.MoveNext() in /src/Program.cs:line 9
      --- End of stack trace from previous location ---
         at Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddlewareImpl.<Invoke>g__Awaited|10_0(HttpContext context)`, "System.InvalidOperationException", "outer"},
	{"dotnet german", "System.FormatException: Die Eingabezeichenfolge hat das falsche Format.\n   bei System.Number.StringToNumber(String str)\n   bei Shop.Cart.Parse(String s) in C:\\src\\Cart.cs:Zeile 12.", "System.FormatException", "Die Eingabezeichenfolge hat das falsche Format."},
	{"mono", "Unhandled Exception:\nSystem.NullReferenceException: Object reference not set to an instance of an object\n  at Shop.Cart.Add (System.String x) [0x00007] in /src/Cart.cs:9 \n  at Shop.Main () [0x00000] in <filename unknown>:0", "System.NullReferenceException", "Object reference not set to an instance of an object"},
	{"go panic", "panic: runtime error: invalid memory address or nil pointer dereference\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x4a1fec]\n\ngoroutine 4 [running]:\nmain.main.func2()\n\t/srv/a.go:13 +0xc\ncreated by main.main in goroutine 1\n\t/srv/a.go:13 +0x1b6\nexit status 2", "panic", "runtime error: invalid memory address or nil pointer dereference"},
	{"go lines", "panic: wrap\n\tsecond: in\n\ngoroutine 1 [running]:\nmain.main()\n\t/srv/a.go:9 +0x21b", "panic", "wrap\n\tsecond: in"},
	{"go recovered", "panic: first [recovered]\n\tpanic: again first\n\ngoroutine 1 [running]:\nmain.main.func1()\n\t/srv/a.go:10 +0x5b\npanic({0x4ad6e0?, 0x4d3b90?})\n\t/usr/local/go/src/runtime/panic.go:860 +0x13a\nmain.main()\n\t/srv/a.go:10 +0x26a", "panic", "again first"},
	{"go deadlock", "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [sync.WaitGroup.Wait]:\nsync.(*WaitGroup).Wait(0x2b5f7fe88020)\n\t/usr/local/go/src/sync/waitgroup.go:206 +0x85\nmain.main()\n\t/srv/a.go:11 +0xa5\n\ngoroutine 5 [select (no cases)]:\nmain.f(...)\n\t/srv/a.go:12", "fatal error", "all goroutines are asleep - deadlock!"},
	{"go overflow", "runtime: goroutine stack exceeds 1000000000-byte limit\nruntime: sp=0x29ff16ce0398 stack=[0x29ff16ce0000, 0x29ff36ce0000]\nfatal error: stack overflow\n\nruntime stack:\nruntime.throw({0x4ca830?, 0x41a725?})\n\t/usr/local/go/src/runtime/panic.go:1229 +0x48 fp=0x7fffeae28888 sp=0x7fffeae28858 pc=0x479ae8\n\ngoroutine 1 gp=0x29fef6bda1e0 m=0 mp=0x58cfc0 [running]:\nmain.f(0x2aaaa45?)\n\t/srv/a.go:5 +0x2b fp=0x29ff16ce03a8 sp=0x29ff16ce03a0 pc=0x4a1bcb\n...additional frames elided...\ncreated by main.main\n\t/srv/a.go:9 +0x1", "fatal error", "stack overflow"},
	{"go cgo", "fatal error: unexpected signal during runtime execution\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x7fd34f]\n\nruntime stack:\nruntime.sigpanic()\n\t/usr/local/go/src/runtime/signal_unix.go:351 +0x2b8\n\ngoroutine 1 [syscall]:\nnon-Go function\n\tpc=0x7f1a\nmain._Cfunc_x()\n\tshop/_obj/_cgo_gotypes.go:41 +0x45", "fatal error", "unexpected signal during runtime execution"},
	{"go quit", "SIGQUIT: quit\nPC=0x40816e m=0 sigcode=0\n\ngoroutine 0 gp=0x5471c0 m=0 mp=0x547f80 [idle]:\nruntime.mcall()\n\t/usr/local/go/src/runtime/asm_amd64.s:496 +0x55 fp=0x7ffca98ed388 sp=0x7ffca98ed370 pc=0x47a9d5\n\nrax    0xfffffffffffffffc\nrip    0x40816e\nrflags 0x246\ncs     0x33", "SIGQUIT", "quit"},
	{"go http", "2026/05/01 12:00:00 http: panic serving [::1]:54143: test panic\ngoroutine 24 [running]:\nnet/http.(*conn).serve.func1(0xc00007eaa0)\n\t/usr/local/go/src/net/http/server.go:1746 +0xd0\npanic(0x12472a0, 0x12ece10)\n\t/usr/local/go/src/runtime/panic.go:513 +0x1b9", "panic", "test panic"},
	{"zap", "2026-05-01T12:00:00.123Z\tERROR\tshop/cart.go:12\tcannot add\t{\"id\": 3}\nmain.(*Cart).Add\n\t/srv/shop/cart.go:12\nnet/http.HandlerFunc.ServeHTTP\n\t/usr/local/go/src/net/http/server.go:2294", "", ""},
	{"php chain", "PHP Fatal error:  Uncaught InvalidArgumentException: bad value\nsecond in /srv/t.php:2\nStack trace:\n#0 /srv/t.php(3): f()\n#1 /srv/t.php(4): K::g()\n#2 {main}\n\nNext RuntimeException: outer in /srv/t.php:3\nStack trace:\n#0 /srv/t.php(4): K::g()\n#1 {main}\n  thrown in /srv/t.php on line 3", "RuntimeException", "outer"},
	{"php displayed", "Fatal error: Uncaught Shop\\Cart\\NotFound: no cart in /srv/t.php:2\nStack trace:\n#0 [internal function]: f()\n#1 {main}\n  thrown in /srv/t.php on line 2", "Shop\\Cart\\NotFound", "no cart"},
	{"php 5 uncaught", "PHP Fatal error:  Uncaught exception 'Exception' with message 'no cart' in /srv/t.php:19\nStack trace:\n#0 /srv/t.php(19): func1()\n#1 {main}\n  thrown in /srv/t.php on line 19", "Exception", "no cart"},
	{"php log", "[01-May-2026 12:00:00 UTC] PHP Fatal error:  Uncaught Error: Call to undefined function g() in /srv/t.php:2\nStack trace:\n#0 {main}\n  thrown in /srv/t.php on line 2", "Error", "Call to undefined function g()"},
	{"php 5", "exception 'Exception' with message 'Custom exception' in /srv/t.php:5\nStack trace:\n#0 /srv/t.php(9): func1()\n#1 {main}", "Exception", "Custom exception"},
	{"laravel", "[2026-05-01 12:00:00] production.ERROR: Undefined variable $x {\"userId\":3,\"exception\":\"[object] (ErrorException(code: 0): Undefined variable $x at /srv/app/Http/C.php:33)\n[stacktrace]\n#0 /srv/vendor/laravel/framework/src/Bootstrap/HandleExceptions.php(255): handleError()\n#1 {main}\n\"} ", "ErrorException", "Undefined variable $x"},
	{"ruby chain", "t.rb:2:in `rescue in g': outer (RuntimeError)\nsecond\n\tfrom t.rb:2:in `g'\n\tfrom t.rb:3:in `<main>'\nt.rb:1:in `f': inner (ArgumentError)\n\tfrom t.rb:2:in `g'\n\tfrom t.rb:3:in `<main>'", "RuntimeError", "outer\nsecond"},
	{"ruby highlight", "t.rb:7:in `<main>': undefined method `foo' for nil:NilClass (NoMethodError)\n\nnil.foo\n   ^^^^", "NoMethodError", "undefined method `foo' for nil:NilClass"},
	{"ruby line", "t.rb:6:in `<main>': MyErr (MyErr)", "MyErr", "MyErr"},
	{"ruby 3.4", "t.rb:1:in 'Integer#/': divided by 0 (ZeroDivisionError)\n\tfrom t.rb:1:in 'Object#f'\n\tfrom t.rb:2:in '<main>'", "ZeroDivisionError", "divided by 0"},
	{"ruby logger", "E, [2026-05-01T12:00:00.745832 #8718] ERROR -- : inner (ArgumentError)\nt.rb:1:in `f'\nt.rb:4:in `<main>'", "ArgumentError", "inner"},
	{"rails", "NoMethodError (undefined method `x' for nil:NilClass):\n  \napp/controllers/books_controller.rb:69:in `load'\nlib/tag.rb:2:in `block in call'", "NoMethodError", "undefined method `x' for nil:NilClass"},
	{"rust", "thread 'worker' (8744) panicked at t.rs:2:81:\nin thread\nsecond line\nstack backtrace:\n   0: std::panicking::begin_panic::<&str>\n             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/std/src/panicking.rs:761:5\n   1: t::main::{{closure}}\n             at ./t.rs:2:81\nnote: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.", "panic", "in thread\nsecond line"},
	{"rust note", "thread 'main' panicked at src/main.rs:2:5:\nindex out of bounds\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace", "panic", "index out of bounds"},
	{"rust bare", "thread 'main' panicked at src/main.rs:2:5:\nindex out of bounds", "panic", "index out of bounds"},
	{"rust old", "thread 'main' panicked at 'index out of bounds: the len is 1', src/main.rs:2:5\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace", "panic", "index out of bounds: the len is 1"},
	{"anyhow", "Error: cannot load\n\nCaused by:\n    0: read config\n    1: No such file or directory (os error 2)\n\nStack backtrace:\n   0: anyhow::error::new\n             at /home/u/anyhow.rs:10\n   1: main", "Error", "cannot load"},
	{"dart", "Unhandled exception:\nFormatException: Invalid radix-10 number (at character 1)\nxyz\n^\n\n#0      int._handleFormatError (dart:core-patch/integers_patch.dart:129:5)\n#1      main (file:///srv/a.dart:2:7)\n<asynchronous suspension>", "FormatException", "Invalid radix-10 number (at character 1)\nxyz\n^"},
	{"dart words", "Unhandled exception:\nBad state: No element\n#0      List.first (dart:core-patch/growable_array.dart:344:5)\n#1      main (file:///srv/a.dart:3:6)", "StateError", "Bad state: No element"},
}
