"""A command is run once, in a group of its own, and nothing of it is left behind."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from contract.clients.command import CommandRunner
from contract.clients.runner import Address, Ended, Why
from contract.unable import UnableError
from tests.contract.clients.scripts import python, runner, unwatched

AT = Address("http://127.0.0.1:9", "test-key")


def run(code: str, *, limit: float = 20.0, **variables: str) -> Ended:
    return runner(*python(code), **variables).run(AT, limit=limit, watch=unwatched)


def gone(process: int, *, within: float = 5.0) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{process}/stat").exists():
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
            if state == "Z":  # nobody is there to bury an orphan
                return True
        time.sleep(0.01)
    return False


def test_a_command_that_is_not_there_is_named() -> None:
    with pytest.raises(UnableError, match="'no-such-client' is not there"):
        CommandRunner(["no-such-client"], environment={"PATH": "/bin"})


def test_a_file_that_cannot_be_run_is_named(tmp_path: Path) -> None:
    file = tmp_path / "client.py"
    file.write_text("print()")
    with pytest.raises(UnableError, match=r"client\.py' cannot be run"):
        CommandRunner([str(file)], environment={})


def test_a_folder_that_is_called_like_a_command_hides_it_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = Path(sys.executable).name
    (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    environment = {**os.environ, "PATH": str(Path(sys.executable).parent)}
    command = CommandRunner([name, "-c", "print('found')"], environment=environment)
    ended = command.run(Address("http://127.0.0.1:9", "key"), limit=20, watch=unwatched)
    assert (ended.status, ended.output) == (0, "found\n")


def test_without_a_command_the_help_is_an_example() -> None:
    with pytest.raises(UnableError, match=r"-- python my_client\.py"):
        CommandRunner([], environment={})


@pytest.mark.process
def test_a_program_without_an_interpreter_is_told(tmp_path: Path) -> None:
    file = tmp_path / "client"
    file.write_text("#!/no/such/interpreter\n")
    file.chmod(0o755)
    with pytest.raises(UnableError, match="No such file"):
        CommandRunner([str(file)], environment={}).run(AT, limit=5, watch=unwatched)


@pytest.mark.process
def test_the_client_gets_the_address_and_no_setting_of_the_fake() -> None:
    ended = run(
        "import os; print(*(f'{n}={v}' for n, v in sorted(os.environ.items()) if 'HEYGEN' in n))",
        HEYGEN_API_KEY="the-real-one", HEYGEN_BASE_URL="https://api.heygen.com",
        HEYGEN_MOCK_PORT="1",
    )  # fmt: skip
    assert ended.output == "HEYGEN_API_KEY=test-key HEYGEN_BASE_URL=http://127.0.0.1:9\n"
    assert (ended.status, ended.signal, ended.stopped) == (0, None, None)


@pytest.mark.process
def test_status_and_both_outputs_are_kept_and_there_is_nothing_to_read() -> None:
    ended = run("import sys; print(repr(sys.stdin.read()), flush=True); sys.exit('no')")
    assert (ended.status, ended.output) == (1, "''\nno\n")


@pytest.mark.process
def test_a_signal_is_told() -> None:
    ended = run("import os; os.kill(os.getpid(), 11)")
    assert (ended.status, ended.signal, ended.stopped) == (None, signal.SIGSEGV, None)


@pytest.mark.process
def test_a_client_that_does_not_end_is_stopped_with_all_its_children() -> None:
    ended = run(
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal, time\\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\\nprint(1, flush=True)\\n"
        "time.sleep(600)'], stdout=subprocess.PIPE)\n"
        "child.stdout.read(1); print(child.pid, flush=True); time.sleep(600)",
        limit=1.5,
    )
    assert (ended.status, ended.signal, ended.stopped) == (None, None, "limit")
    assert 1.5 <= ended.seconds < 10
    assert gone(int(ended.output))


@pytest.mark.process
def test_what_a_client_leaves_running_is_ended() -> None:
    ended = run(
        "import subprocess\n"
        "print(subprocess.Popen(['sleep', '600']).pid, flush=True)"
    )  # fmt: skip
    assert ended.status == 0
    assert gone(int(ended.output))


@pytest.mark.process
def test_a_process_that_left_the_group_does_not_hold_us_up() -> None:
    before = time.monotonic()
    ended = run(
        "import subprocess\n"
        "print(subprocess.Popen(['sleep', '600'], start_new_session=True).pid, flush=True)"
    )
    assert time.monotonic() - before < 15
    os.kill(int(ended.output), signal.SIGKILL)


@pytest.mark.process
def test_of_much_output_the_beginning_and_the_end_are_kept() -> None:
    ended = run("print('first'); print('x' * 1_000_000); print('last')")
    assert ended.output.startswith("first\nxxx")
    assert ended.output.endswith("xxx\nlast\n")
    assert "bytes left out ...]" in ended.output
    assert len(ended.output) < 140_000


@pytest.mark.process
def test_output_that_is_no_text_is_no_trouble() -> None:
    ended = run(r"import sys; sys.stdout.buffer.write(b'\xff\xfe caf\xc3\xa9')")
    assert ended.output == "\ufffd\ufffd café"


@pytest.mark.process
def test_what_it_prints_gives_no_orders_to_a_terminal() -> None:
    ended = run(r"import sys; sys.stdout.buffer.write(b'\x1b[31mred\x1b[0m\x00')")
    assert ended.output == "red\ufffd"


@pytest.mark.process
@pytest.mark.parametrize(
    ("code", "status", "number"),
    [(139, None, 11), (134, None, 6), (130, 130, None), (143, 143, None)],
)
def test_a_shell_whose_command_crashed_tells_of_a_signal(
    code: int, status: int | None, number: int | None
) -> None:
    ended = runner("sh", "-c", f"exit {code}").run(AT, limit=20, watch=unwatched)
    assert (ended.status, ended.signal) == (status, number)


@pytest.mark.process
@pytest.mark.parametrize("why", ["storm", "interrupted"])
def test_a_watch_stops_the_client(why: Why) -> None:
    looks = 0

    def watch() -> Why | None:
        nonlocal looks
        looks += 1
        return why if looks == 2 else None

    client = runner(*python("import time; time.sleep(600)"))
    ended = client.run(AT, limit=100, watch=watch)
    assert (ended.stopped, ended.status) == (why, None)
    assert ended.seconds < 20


@pytest.mark.process
def test_a_watch_that_fails_ends_the_client_too(tmp_path: Path) -> None:
    file = tmp_path / "pid"

    def watch() -> Why | None:
        if file.exists() and file.read_text():
            raise ZeroDivisionError
        return None

    client = runner(
        sys.executable, "-c",
        f"import os, time; open({str(file)!r}, 'w').write(str(os.getpid())); time.sleep(600)",
    )  # fmt: skip
    with pytest.raises(ZeroDivisionError):
        client.run(AT, limit=100, watch=watch)
    assert gone(int(file.read_text()))
