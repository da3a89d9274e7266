"""Checkov without its command: only the runners that are needed, imported once, in a process without a network.

Run by checkov's own interpreter: `python checkov_driver.py FOLDER CHECKS FRAMEWORK...`; prints JSON on standard output.
"""

import gc
import importlib
import json
import logging
import os
import sys
import tempfile
import types
from pathlib import Path

REFUSED = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
"""What a process does that talks to a network (Python's table of audit events)."""

ONLINE = ("aiohttp", "boto3", "botocore", "botocore.config", "botocore.exceptions", "git")
"""Libraries that checkov imports to talk to others, which it does not here: a quarter of all that it imports."""

OPTIONAL = ("numpy",)
"""What an evaluator of expressions uses where there is one, and importing it takes long."""

TELLS = ("check_id", "check_name", "file_path", "repo_file_path", "file_line_range", "resource", "guideline")


def refuse(event, _):
    """No word leaves this process."""
    if event in REFUSED:
        raise PermissionError(f"no network here: {event}")


def keep_grammars():
    """Parsers that libraries make of grammars are kept beside them: making Terraform's anew takes half of the time."""
    kept = Path(sys.prefix) / "grammars"
    try:
        kept.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return  # an environment that is not ours to write to
    tempfile.tempdir = str(kept)


class Absent(types.ModuleType):
    """A library that nothing here needs: whatever it is asked for is an exception that nobody raises."""

    __path__ = ()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (Exception,), {})


def main(folder, checks, *frameworks):
    """What each framework's runner finds under the folder."""
    gc.disable()  # what is imported stays: looking for garbage among it takes a fifth of the time
    sys.addaudithook(refuse)
    sys.modules.update({name: Absent(name) for name in ONLINE}, **dict.fromkeys(OPTIONAL))
    os.environ.update(LOG_LEVEL="CRITICAL", CHECKOV_PARALLELIZATION_TYPE="none")  # other scanners have the other cores
    logging.disable(logging.CRITICAL)
    out, sys.stdout = sys.stdout, sys.stderr
    keep_grammars()
    from checkov.runner_filter import RunnerFilter  # noqa: PLC0415 - after the network is gone

    own = [checks] if checks else None
    runners = {framework: importlib.import_module(f"checkov.{framework}.runner").Runner() for framework in frameworks}
    tempfile.tempdir = None
    gc.freeze()
    gc.enable()
    found = {}
    for framework, runner in runners.items():
        chosen = RunnerFilter(
            framework=[framework],
            show_progress_bar=False,
            download_external_modules=False,
            enable_secret_scan_all_files=True,
        )
        reports = runner.run(root_folder=folder, external_checks_dir=own, runner_filter=chosen)
        for report in reports if isinstance(reports, list) else [reports]:
            found[framework] = {
                "passed": len(report.passed_checks),
                "failed": [{name: getattr(each, name) for name in TELLS} for each in report.failed_checks],
                "unread": [str(path) for path in report.parsing_errors],
            }
    json.dump(found, out)
    out.flush()  # a library may end the process in its own way


if __name__ == "__main__":
    main(*sys.argv[1:])
