"""pytest, taught what a promise is: options, fixtures, one verdict, and "empty is never green"."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from plimsoll import report
from plimsoll.drills.stage.theatre import OURS, Stages
from plimsoll.errors import BadInput, CouldNotTell, Judged, PlimsollError, PromiseBroken, StackFailed
from plimsoll.inspection import Inspection
from plimsoll.looks import PATIENCE, Scene
from plimsoll.model import Deployment, Outcome, Promise
from plimsoll.promises import AREAS
from plimsoll.runs import HELD, Run, stuck, sweep
from plimsoll.selection import AT_REST, DRILLS, LOAD, QUICK, shows, suite_of
from plimsoll.session import REPORTS, open_files, open_session
from plimsoll.stacks import KINDS
from plimsoll.stacks.protocol import Stack
from plimsoll.suite import COULD_NOT_TELL, SuiteRun

MARKDOWN = (".md", ".markdown", ".mdx")

ENDINGS = (signal.SIGINT, signal.SIGTERM)
ROOM = "a run needs some 100 MB where it may write (TMPDIR, XDG_CACHE_HOME), and programs that it may start"
Judge = Callable[[Promise], None]


RUN = pytest.StashKey[SuiteRun]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options that suites understand, beside pytest's own `--strict`: promises out of reach then exit 2."""
    group = parser.getgroup("plimsoll", "which deployment, where, and how strictly")
    group.addoption("--deployment", default="", help="a name under fixtures/deployments/ or a path (default: nestmap)")
    group.addoption("--stack", default="auto", choices=KINDS, help="where it runs (default: auto)")
    group.addoption("--url", default="", help="judge the deployment as it runs live at this URL")
    group.addoption("--ca", default="", help="the PEM file of the authority to trust there")
    group.addoption("--artefacts", default="", help="judge a folder of files that no deployment.toml describes")
    group.addoption("--guide", default="", help="judge the files in a guide in Markdown")
    group.addoption("--waivers", default="", help="a file of [[waiver]] tables, for --artefacts and --guide")
    group.addoption("--baseline", default="", help="a file of known holes: only new ones count")
    group.addoption("--keep", action="store_true", help="leave the stack up and say where it is")
    group.addoption("--patience", type=float, default=PATIENCE, help="seconds to wait at most for promised time-outs")
    group.addoption("--scale", type=float, default=1.0, help="how many times as much data as usual drills put in")
    group.addoption("--destroy", default="", metavar="NAME", help="the deployment that drills may destroy, if not ours")
    group.addoption("--reports", default=str(REPORTS), help="where to write reports")


def pytest_configure(config: pytest.Config) -> None:
    """Suites run quietly: the verdict at the end says everything."""
    suites = [suite_of(Path(argument.split("::")[0])) for argument in config.args]
    if not any(suites):
        return
    resting = all(suite == AT_REST for suite in suites)
    option = config.option
    option.tbstyle, option.reportchars, option.verbose = "no", "", min(option.verbose, 0)
    option.disable_warnings = True
    try:
        if option.artefacts or option.guide:
            waivers = Path(option.waivers) if option.waivers else None
            session = open_files(_alone(option, resting=resting), waivers=waivers)
        else:
            if option.waivers:
                raise BadInput("is for files alone", key="--waivers", hint="a deployment.toml has [[waiver]] tables")
            kind = "files" if resting else option.stack
            session = open_session(deployment=option.deployment, stack=kind, url=option.url, ca=option.ca)
        baseline = report.read_baseline(Path(option.baseline)) if option.baseline else None
        strict = bool(config.getini("strict"))
        run = SuiteRun(session, reports=Path(option.reports), strict=strict, baseline=baseline)
    except PlimsollError as error:
        pytest.exit(str(error), returncode=COULD_NOT_TELL)
    config.stash[RUN] = run
    for number in ENDINGS:
        signal.signal(number, _interrupted)


def _alone(option: argparse.Namespace, *, resting: bool) -> Path:
    """The folder or the guide that is to be judged. Raises BadInput where other options say something else."""
    key, other = ("--artefacts", "--guide") if option.artefacts else ("--guide", "--artefacts")
    if not resting:
        raise BadInput("only suites/policy judges files alone", key=key, hint="tox -e policy")
    if option.deployment or (option.artefacts and option.guide):
        raise BadInput("says what to judge twice", key=key, hint=f"leave out --deployment and {other}")
    path = Path(option.artefacts or option.guide)
    if option.artefacts and path.is_file():
        hint = f"--guide {path}" if path.suffix.lower() in MARKDOWN else f"judge the folder it is in: {path.parent}"
        raise BadInput(f"{path} is a file, and no folder", key=key, hint=hint)
    if option.guide and path.is_dir():
        raise BadInput(f"{path} is a folder, and no guide", key=key, hint=f"--artefacts {path}")
    return path


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes a `promise` runs once for every promise of its file's AREAS, or of all its suite judges."""
    run = metafunc.config.stash.get(RUN, None)
    if "promise" in metafunc.fixturenames and run is not None:
        suite = suite_of(Path(metafunc.module.__file__ or ""))
        areas = getattr(metafunc.module, "AREAS", AREAS)
        promises = [p for p in run.session.deployment.promises if p.area in areas and shows(suite, p)]
        metafunc.parametrize("promise", promises, ids=[p.id for p in promises])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Areas in which this deployment promises nothing leave no trace."""
    if RUN in config.stash:
        items[:] = [item for item in items if _promise_of(item)]


def pytest_collection_finish(session: pytest.Session) -> None:
    """The promises that survived `-k` and the like are those this run must judge."""
    run = session.config.stash.get(RUN, None)
    if run is not None:
        promises = filter(None, map(_promise_of, session.items))
        run.selected = {promise.id: promise for promise in promises}


def _promise_of(item: pytest.Item) -> Promise | None:
    """The promise that a test judges."""
    parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    promise = parameters.get("promise")
    return promise if isinstance(promise, Promise) else None


@pytest.fixture(scope="session")
def deployment(request: pytest.FixtureRequest) -> Deployment:
    """The deployment that this run is about."""
    return request.config.stash[RUN].session.deployment


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Iterator[Stack | None]:
    """The deployment running, until the last test is done; None if it did not come up, with the trouble kept."""
    run, keep = request.config.stash[RUN], request.config.option.keep
    with ExitStack() as closing:
        try:
            with _uncaptured(request.config):
                sweep()
                run.place = closing.enter_context(Run(run.session.id, keep=keep))
                suites = {suite_of(item.path) for item in request.session.items}
                staged = DRILLS in suites or (LOAD in suites and run.session.kind in OURS)
                run.stack = run.stages(request.config.option, _teller(request.config)) if staged else run.made()
                closing.enter_context(_left_up(run.stack) if keep else run.stack)
        except PlimsollError as error:
            run.trouble = error
        except OSError as error:
            run.trouble = StackFailed(f"the stack cannot be set up: {error}", hint=ROOM)
        yield None if run.trouble else run.stack
        run.keep_logs()


@pytest.fixture(scope="session")
def inspection(
    request: pytest.FixtureRequest, deployment: Deployment, stack: Stack | None
) -> Iterator[Inspection | None]:
    """The looks taken at the stack, each once; None without a stack."""
    if stack is None:
        yield None
        return
    deep = any(suite_of(item.path) != QUICK for item in request.session.items)
    run = request.config.stash[RUN]
    patience = request.config.option.patience
    scene = Scene.of(deployment, stack, patience=patience, deep=deep, reports=run.folder.parent)
    looking = Inspection(scene, run.selected.values())
    yield looking
    run.gather(looking)
    if isinstance(stack, Stages):
        stack.close()
    looking.close()


@pytest.fixture
def judge(request: pytest.FixtureRequest, inspection: Inspection | None) -> Judge:
    """Judges a promise, keeps the finding for the verdict, and raises unless it is kept."""
    run = request.config.stash[RUN]

    def judge_one(promise: Promise) -> None:
        finding = run.judge(promise, inspection)
        excused = finding.out_of_reach or finding.known or finding.is_waived(datetime.now(UTC).date())
        if excused or finding.outcome is Outcome.NOT_APPLICABLE:
            pytest.skip(run.redact(finding.message))
        if finding.outcome is Outcome.FAIL:
            raise PromiseBroken(finding)
        if finding.outcome is Outcome.UNKNOWN:
            raise CouldNotTell(finding)

    return judge_one


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A finding is shown as what it says; any other failure is the harness's own, and never passes for green."""
    told = yield
    run = item.config.stash.get(RUN, None)
    if run is not None and told.failed and call.excinfo is not None:
        error = call.excinfo.value
        if not isinstance(error, Judged):
            fact = f"the harness failed at {call.when}: {type(error).__name__}: {error}"
            run.trouble = run.trouble or PlimsollError(fact, hint="this is a defect of its own, not of the deployment")
        told.longrepr = run.redact(str(error))
    return told


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """After the last promise the stack is taken down."""
    if nextitem is None and RUN in item.config.stash:
        _end_undisturbed()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """The verdict decides the exit code, unless pytest itself has something worse to say."""
    run = session.config.stash.get(RUN, None)
    if run is None or not run.selected or session.config.option.collectonly:
        return
    _end_undisturbed()
    code = run.conclude()
    if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        session.exitstatus = code


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The verdict in a screenful, and where its page is."""
    run = config.stash.get(RUN, None)
    if run is None or run.verdict is None:
        return
    terminal = terminalreporter._tw  # noqa: SLF001 - its width and colours have no public name
    page = run.folder / "report.html"
    shown = page.relative_to(Path.cwd()) if page.is_relative_to(Path.cwd()) else page
    terminal.line()
    terminal.line(report.summary(run.verdict, report=shown, redact=run.redact, colour=terminal.hasmarkup))
    if run.trouble:
        terminal.line(run.redact(str(run.trouble)))
    if run.logs.exists():
        terminal.line(f"logs: {shown.parent / run.logs.name}")
    for left in stuck() if run.place else ():
        terminal.line(f"left behind: {left}: {HELD}")
    if run.place and run.place.keep:
        terminal.line(f"kept: {run.place.folder} (python -m plimsoll sweep --kept removes it)")


def _teller(config: pytest.Config) -> Callable[[str], None]:
    """Says at once, to whoever waits, what a drill is about."""
    reporter = config.pluginmanager.getplugin("terminalreporter")

    def tell(text: str) -> None:
        with _uncaptured(config):
            reporter.write_line(text)

    return tell


@contextmanager
def _left_up(stack: Stack) -> Iterator[Stack]:
    """The stack, which nobody takes down afterwards."""
    yield stack.__enter__()


def _uncaptured(config: pytest.Config) -> AbstractContextManager[None]:
    """While inside, what a stack says while it starts reaches the terminal."""
    capture = config.pluginmanager.getplugin("capturemanager")
    return cast(AbstractContextManager[None], capture.global_and_fixture_disabled()) if capture else nullcontext()


def _interrupted(number: int, _: object) -> None:
    """The run ends in good order. One more signal ends it at once: then the reaper tidies up."""
    for ending in ENDINGS:
        signal.signal(ending, signal.SIG_DFL)
    raise KeyboardInterrupt(signal.Signals(number).name)


def _end_undisturbed() -> None:
    """A run that nobody interrupted until now is not cut short any more: what is left to do takes a moment."""
    for ending in ENDINGS:
        if signal.getsignal(ending) is _interrupted:
            signal.signal(ending, signal.SIG_IGN)
