"""Traces of errors that nobody handled, as the run times print them."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.clients.traces import find_traces

PYTHON = """\
connecting
Traceback (most recent call last):
  File "/home/me/client.py", line 12, in <module>
    main()
  File "/home/me/client.py", line 9, in main
    return body["data"]
           ~~~~^^^^^^^^
KeyError: 'data'
"""
CHAINED = """\
Traceback (most recent call last):
  File "/home/me/a.py", line 1, in one
    int("x")
ValueError: invalid literal

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/home/me/a.py", line 3, in two
    raise my.ClientError("no")
my.ClientError: no
"""
ASYNCIO = """\
Task exception was never retrieved
future: <Task finished name='Task-2' coro=<work() done> exception=IndexError('x')>
Traceback (most recent call last):
  File "/home/me/a.py", line 4, in work
    return lines[9]
IndexError: list index out of range
"""
THREAD = """\
Exception in thread Thread-1 (work):
Traceback (most recent call last):
  File "/usr/lib/python3.11/threading.py", line 1045, in _bootstrap_inner
    self.run()
  File "/home/me/a.py", line 4, in work
    1 / 0
ZeroDivisionError: division by zero
"""
GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File "/home/me/a.py", line 9, in <module>
  |     asyncio.run(main())
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/home/me/a.py", line 4, in work
    |     1 / 0
    | ZeroDivisionError: division by zero
    +------------------------------------
"""
NODE = """\
/home/me/client.js:3
    throw new TypeError("no data");
    ^

TypeError: no data
    at open (/home/me/client.js:3:11)
    at node:internal/main/run_main_module:23:47

Node.js v20.19.2
"""
NODE_AXIOS = """\
node:internal/process/promises:394
      triggerUncaughtException(err, true /* fromPromise */);
      ^

AxiosError: Request failed with status code 500
    at settle (file:///home/me/node_modules/axios/lib/core/settle.js:19:12)
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5) {
  code: 'ERR_BAD_RESPONSE'
}

Node.js v22.1.0
"""
NODE_REJECTION = """\
node:internal/process/promises:394
      triggerUncaughtException(err, true /* fromPromise */);
      ^

[UnhandledPromiseRejection: This error originated either by throwing inside of an async function
without a catch block. The promise rejected with the reason "undefined".] {
  code: 'ERR_UNHANDLED_REJECTION'
}

Node.js v20.19.2
"""
GO = """\
panic: runtime error: index out of range [3] with length 2

goroutine 1 [running]:
main.lines(...)
\t/home/me/main.go:12
main.main()
\t/home/me/main.go:7 +0x1d
exit status 2
"""
GO_SIGNAL = """\
panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x48f2a5]

goroutine 1 [running]:
main.open(0xc000012345)
\t/home/me/main.go:12 +0x5
"""
RUST = """\
thread 'main' panicked at src/client.rs:41:22:
called `Option::unwrap()` on a `None` value
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
"""
RUST_OLD = """\
thread 'tokio-runtime-worker' panicked at 'no data', src/client.rs:41:22
"""
RUST_NUMBERED = "thread 'main' (4711) panicked at src/client.rs:41:22:\nindex 4 is beyond 0\n"
JAVA = """\
Exception in thread "main" java.lang.NullPointerException: Cannot read field "data"
\tat com.example.Client.open(Client.java:17)
\tat com.example.Client.main(Client.java:9)
"""
GROUPED = """\
import asyncio
async def work(): 1/0
async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(work())
asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("output", "signature"),
    [
        (PYTHON, "KeyError in client.py:main"),
        (CHAINED, "my.ClientError in a.py:two"),
        (ASYNCIO, "IndexError in a.py:work"),
        (THREAD, "ZeroDivisionError in a.py:work"),
        (GROUP, "ZeroDivisionError in a.py:work"),
        (NODE, "TypeError in client.js:open"),
        (NODE_AXIOS, "AxiosError in settle.js:settle"),
        (NODE_REJECTION, "UnhandledPromiseRejection"),
        (GO, "panic: runtime error: index out of range [N] with length N in main.lines"),
        (
            GO_SIGNAL,
            "panic: runtime error: invalid memory address or nil pointer dereference in main.open",
        ),
        (RUST, "panic: called `Option::unwrap()` on a `None` value in client.rs"),
        (RUST_OLD, "panic: no data in client.rs"),
        (RUST_NUMBERED, "panic: index N is beyond N in client.rs"),
        (JAVA, "java.lang.NullPointerException in com.example.Client.open"),
    ],
)
def test_the_last_error_of_each_run_time_is_found(output: str, signature: str) -> None:
    assert [trace.signature for trace in find_traces(output, failed=True)] == [signature]
    coloured = "".join(f"\x1b[31m{line}\x1b[0m\n" for line in output.splitlines())
    assert [trace.signature for trace in find_traces(coloured, failed=True)] == [signature]


@pytest.mark.parametrize("output", [PYTHON, CHAINED, NODE])
def test_a_client_that_goes_on_has_handled_its_error(output: str) -> None:
    assert find_traces(output, failed=False) == ()


@pytest.mark.parametrize("output", [ASYNCIO, THREAD, GO, RUST, JAVA])
def test_an_error_that_the_run_time_calls_unhandled_counts_with_any_status(output: str) -> None:
    assert len(find_traces(output, failed=False)) == 1


def test_of_several_errors_only_the_last_ended_the_program() -> None:
    logged = PYTHON.replace("KeyError", "OSError")
    found = find_traces(logged + "trying again\n" + PYTHON, failed=True)
    assert [trace.signature for trace in found] == ["KeyError in client.py:main"]


def test_one_error_that_comes_often_is_one() -> None:
    assert len(find_traces(ASYNCIO * 50, failed=True)) == 1


def test_a_trace_is_shown_without_its_middle() -> None:
    frames = '  File "/a.py", line 1, in f\n    f()\n' * 300
    output = f"Traceback (most recent call last):\n{frames}RecursionError: too deep\n"
    (trace,) = find_traces(output, failed=True)
    assert trace.signature == "RecursionError in a.py:f"
    assert len(trace.text.splitlines()) == 14
    assert trace.text.endswith("RecursionError: too deep")


@pytest.mark.parametrize(
    "output",
    [
        "",
        "could not open a session: 500 Internal Server Error\n",
        "Traceback (most recent call last):\n  cut off",
        "panic: not a program of Go\n",
        "KeyboardInterrupt\n",
        'Traceback (most recent call last):\n  File "a", line 1, in b\nKeyboardInterrupt\n',
        "Error: told and handled\n    at nowhere\n",
    ],
)
def test_a_message_is_no_trace(output: str) -> None:
    assert find_traces(output, failed=True) == ()


@given(st.text(), st.booleans())
@pytest.mark.parametrize("begin", ["", PYTHON[:80], GROUP[:200], NODE, GO[:70], JAVA[:60]])
def test_any_text_can_be_searched(begin: str, text: str, failed: bool) -> None:
    for trace in find_traces(begin + text, failed=failed):
        assert trace.signature


@pytest.mark.process
@pytest.mark.parametrize(
    ("code", "signature"),
    [
        ("{}['data']", "KeyError in <string>:<module>"),
        (
            GROUPED,
            "ZeroDivisionError in <string>:work",
        ),
        (
            "import threading\ndef work(): 1/0\nthreading.Thread(target=work).start()",
            "ZeroDivisionError in <string>:work",
        ),
    ],
)
def test_what_this_python_prints_is_found(code: str, signature: str) -> None:
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    found = find_traces(ran.stdout + ran.stderr, failed=ran.returncode != 0)
    assert [trace.signature for trace in found] == [signature]
