"""The AWS command line, loaded once: whoever calls it gets a fork that has everything imported, in an instant.

Run by the interpreter of the environment that drills.txt is installed in, with the path of the socket to listen at. A
caller sends its arguments, environment and folder as JSON, with its three standard streams; it is sent the exit code.
A caller that goes away takes the fork with it, as a signal would have.
"""

import json
import os
import signal
import socket
import sys
import threading

from awscli.botocore.session import Session
from awscli.clidriver import create_clidriver

LARGEST = 1 << 20
STREAMS = 3
WARM = ("s3", "sts")
"""Services whose descriptions take long to read, and that nearly every call needs."""

MODELS = ("paginators-1", "waiters-2")
"""What a client of S3 reads beside the service's description, but only when it is first asked for a list."""


def main():
    """Callers are answered until nobody listens to standard output any more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    driver = create_clidriver()
    for service in WARM:
        driver.session.get_service_model(service)
    driver.create_help_command()
    read_for_clients(driver.session.get_component("data_loader"))
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen(16)
    while True:
        caller, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            answer(driver, caller)
        caller.close()


def read_for_clients(loader):
    """What clients of S3 read is kept by the loader that all calls share: half of what a call takes.

    The client that reads it is of a session of its own, so that settings of this process become nobody else's.
    """
    session = Session()
    session.register_component("data_loader", loader)
    nobody = {"aws_access_key_id": "nobody", "aws_secret_access_key": "nobody"}  # else it would look for somebody
    session.create_client("s3", region_name="us-east-1", **nobody)
    for model in MODELS:
        loader.load_service_model("s3", model)


def answer(driver, caller):
    """What the command line does with one call, in a process of its own that ends with it."""
    data, streams, _, _ = socket.recv_fds(caller, LARGEST, STREAMS)
    while not data.endswith(b"\n"):
        data += caller.recv(LARGEST)
    call = json.loads(data)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.chdir(call["folder"])
    os.environ.clear()
    os.environ.update(call["environment"])
    threading.Thread(target=leave_with, args=(caller,), daemon=True).start()
    try:
        code = driver.main(call["arguments"])
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException as error:  # noqa: BLE001 - whatever it is, the caller has to learn of it
        sys.stderr.write(f"{error}\n")
        code = 255
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    caller.sendall(b"%d\n" % (code or 0))
    os._exit(code or 0)


def leave_with(caller):
    """The end of the caller is the end of this."""
    caller.recv(1)
    os.kill(os.getpid(), signal.SIGKILL)


main()
