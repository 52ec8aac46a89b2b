"""``mllint check``: checks files and notebooks, and fixes them where asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mllint.cli.console import complain, shows_color, terminal_width, warn, write, write_file
from mllint.cli.errors import CommandError, config_errors
from mllint.cli.parameters import (
    Command,
    Decorated,
    Option,
    Output,
    OutputType,
    PerFile,
    PerFileIgnore,
    Words,
    color_option,
    configuration_options,
)
from mllint.report import formats
from mllint.report.formats import FORMATS, ReportOptions

if TYPE_CHECKING:
    from mllint.config.loading import SettingsResolver
    from mllint.config.settings import Settings
    from mllint.engine.result import RunResult
    from mllint.engine.run import RunRequest

#: Flags that set the option of the same name for every file, whatever configuration files say.
_OVERRIDES = (
    *("fix", "unsafe_fixes", "show_fixes", "respect_gitignore", "force_exclude"),
    *("cache_dir", "output_format", "min_confidence"),
)
_WORD_OVERRIDES = (
    *("select", "extend_select", "ignore", "fixable", "extend_fixable", "unfixable", "exclude", "extend_exclude"),
)


def _words(name: str, section: str, text: str, metavar: str = "RULE,...") -> Callable[[Decorated], Decorated]:
    return click.option(name, cls=Option, section=section, multiple=True, type=Words(), metavar=metavar, help=text)


def _flag(name: str, section: str, text: str) -> Callable[[Decorated], Decorated]:
    """Make an option that a configuration file can set too, so that a third state means that it was not given."""
    return click.option(name, cls=Option, section=section, default=None, help=text)


def _switch(*names: str, section: str, text: str) -> Callable[[Decorated], Decorated]:
    return click.option(*names, cls=Option, section=section, is_flag=True, help=text)


@click.command(
    cls=Command,
    epilog="Each option can be set by the environment too: MLLINT_OUTPUT_FORMAT=concise. Exit codes: 0 nothing found, "
    "1 something found, 2 a configuration, a rule, a file or mllint itself failed.",
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@_flag("--fix/--no-fix", "Fixes", "Apply safe fixes to the files.")
@_flag("--unsafe-fixes/--no-unsafe-fixes", "Fixes", "Let unsafe fixes be applied as well.")
@_switch("--diff", section="Fixes", text="Write nothing; print what fixes would change. Exit code 1 if anything.")
@_flag("--show-fixes/--no-show-fixes", "Fixes", "List what was fixed.")
@_words("--fixable", "Fixes", "The rules whose fixes may be applied.")
@_words("--extend-fixable", "Fixes", "More rules whose fixes may be applied.")
@_words("--unfixable", "Fixes", "The rules whose fixes are never applied.")
@_words("--select", "Rule selection", "The rules to run: names, categories, tiers, or ALL.")
@_words("--extend-select", "Rule selection", "Rules to run beside those that are selected.")
@_words("--ignore", "Rule selection", "Rules not to run.")
@click.option(
    "--per-file-ignores",
    cls=Option,
    section="Rule selection",
    multiple=True,
    type=PerFileIgnore(),
    metavar="GLOB:RULE,...",
    help="Rules not to run in the files that a glob matches.",
)
@click.option(
    "--extend-per-file-ignores",
    cls=Option,
    section="Rule selection",
    multiple=True,
    type=PerFileIgnore(),
    metavar="GLOB:RULE,...",
    help="More rules not to run in some files.",
)
@click.option(
    "--min-confidence",
    cls=Option,
    section="Rule selection",
    type=click.Choice(["low", "medium", "high"]),
    help="How sure mllint must be to report something.",
)
@_switch("--ignore-suppressions", section="Rule selection", text="Report what suppression comments silence too.")
@_words("--exclude", "File selection", "Files and directories to pass over.", "GLOB,...")
@_words("--extend-exclude", "File selection", "More files and directories to pass over.", "GLOB,...")
@_flag("--force-exclude/--no-force-exclude", "File selection", "Pass over excluded files even when they are named.")
@_flag("--respect-gitignore/--no-respect-gitignore", "File selection", "Pass over what git ignores.")
@click.option(
    "--stdin-filename",
    cls=Option,
    section="File selection",
    metavar="PATH",
    help="Read standard input as the file of this name; also what `-` as a path is called.",
)
@click.option(
    "--output-format",
    cls=Option,
    section="Output",
    type=click.Choice(FORMATS),
    help="How to print diagnostics; `full` if nothing else is configured.",
)
@click.option(
    "-o",
    "--output",
    "outputs",
    cls=Option,
    section="Output",
    multiple=True,
    type=OutputType(),
    metavar="[FORMAT:]FILE",
    help="Write the report to a file instead; can be repeated, and `-` is standard output.",
)
@_switch("--statistics", section="Output", text="Count the diagnostics of each rule instead of printing them.")
@_switch("--timing", section="Output", text="Say where the time went: by phase, and the slowest rules.")
@_switch("-q", "--quiet", section="Output", text="Print diagnostics and nothing else.")
@_switch("-v", "--verbose", section="Output", text="Name all that was not analysed; show tracebacks.")
@color_option
@_switch("-e", "--exit-zero", section="Output", text="Leave with exit code 0 although something was found.")
@configuration_options
@_switch("--show-settings", section="Configuration", text="Print the settings of each path, and check nothing.")
@_switch("--show-files", section="Configuration", text="Print the files that would be checked, and check nothing.")
@click.option(
    "-j",
    "--jobs",
    cls=Option,
    section="Performance",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Number of processes; 0 chooses by the amount of work.",
)
@_switch("-n", "--no-cache", section="Performance", text="Neither read nor write cached results.")
@click.option("--cache-dir", cls=Option, section="Performance", metavar="DIR", help="Where results are cached.")
@click.pass_context
def check(ctx: click.Context, /, paths: tuple[Path, ...], **given: Any) -> None:
    """Check the files and notebooks in PATHS, by default the working directory; `-` is standard input."""
    from mllint.config.loading import SettingsResolver
    from mllint.engine.run import find_files, run

    cwd = Path.cwd()
    with config_errors():
        resolver = SettingsResolver(cwd, _overrides(given), given["config"], given["isolated"])
        request = _request(cwd, paths, given)
        place = Path(request.stdin_filename) if request.stdin_filename else cwd
        settings = resolver.for_path(place)
        if given["show_settings"]:
            _show_settings(request.paths or [place], resolver)
            return
        if given["show_files"]:
            files = find_files(request.paths or [cwd], resolver, cwd).files
            write(f"{file.path}\n" for file in files)
            return
        outputs = _outputs(given, settings)
        result = run(request, resolver)
    _report(result, outputs, settings, given)
    ctx.exit(_exit_code(result, given))


def _overrides(given: dict[str, Any]) -> dict[str, object]:
    overrides: dict[str, object] = {name: given[name] for name in _OVERRIDES}
    for name in _WORD_OVERRIDES:
        overrides[name] = [word for words in given[name] for word in words] or None
    for name in ("per_file_ignores", "extend_per_file_ignores"):
        entries: tuple[PerFile, ...] = given[name]
        table: dict[str, list[str]] = {}
        for entry in entries:
            table.setdefault(entry.pattern, []).extend(entry.selectors)
        overrides[name] = table or None
    return overrides


def _request(cwd: Path, paths: tuple[Path, ...], given: dict[str, Any]) -> RunRequest:
    from mllint.engine.run import RunRequest

    reads_stdin = Path("-") in paths
    filename = given["stdin_filename"]
    if reads_stdin and len(paths) > 1:
        raise click.UsageError("`-` cannot be given together with other paths")
    if filename is not None and paths and not reads_stdin:
        raise click.UsageError("`--stdin-filename` cannot be given together with paths")
    reads_stdin = reads_stdin or filename is not None
    is_checked = not (given["show_files"] or given["show_settings"])
    return RunRequest(
        cwd=cwd,
        paths=[] if reads_stdin else paths,
        stdin=sys.stdin.buffer.read() if reads_stdin and is_checked else None,
        stdin_filename=filename,
        fix=given["fix"],
        diff=given["diff"],
        jobs=given["jobs"],
        use_cache=not given["no_cache"],
        honour_suppressions=not given["ignore_suppressions"],
        times_rules=given["timing"],
        python_rules=tuple((cwd / Path(path).expanduser()) for path in given["python_rules"]),
    )


def _outputs(given: dict[str, Any], settings: Settings) -> list[Output]:
    """Return where reports go, each with its format; what cannot be is found before files are checked."""
    outputs = [
        output._replace(format=output.format or settings.output_format)
        for output in given["outputs"] or [Output(None, "-")]
    ]
    for output in outputs:
        folder = Path(output.path).parent
        if not output.is_stdout and not folder.is_dir():
            raise CommandError(f"cannot write {output.path}: {folder} is not a directory")
    if given["statistics"]:
        from mllint.report import statistics

        for output in outputs:
            if output.format not in statistics.FORMATS:
                raise click.UsageError(f"`--statistics` cannot be written as {output.format}")
    return outputs


def _report(result: RunResult, outputs: list[Output], settings: Settings, given: dict[str, Any]) -> None:
    err_color = shows_color(given["color"], sys.stderr)
    if not given["quiet"]:
        for warning in result.warnings:
            warn(warning, color=err_color)
    for error in result.errors:
        complain(error, color=err_color)
    options = ReportOptions(
        unsafe_fixes=settings.unsafe_fixes,
        show_fixes=settings.show_fixes,
        verbose=given["verbose"],
        quiet=given["quiet"],
    )
    on_terminal = options._replace(color=shows_color(given["color"], sys.stdout), width=terminal_width(sys.stdout))
    if given["diff"]:
        _print_diff(result, on_terminal)
    elif result.output is not None:
        # As in ruff, the fixed text of standard input goes to standard output and the report to standard error.
        sys.stdout.buffer.write(result.output)
        sys.stdout.buffer.flush()
        click.echo("".join(formats.render("concise", result, options)), nl=False, err=True)
    else:
        for output in outputs:
            _write_report(result, output, on_terminal if output.is_stdout else options, given["statistics"])
        _close(result, outputs, on_terminal)
    if given["timing"]:
        _print_timing(result)
    elif given["verbose"]:
        click.echo(_checked(result), err=True)


def _write_report(result: RunResult, output: Output, options: ReportOptions, only_counts: bool) -> None:
    assert output.format is not None
    if only_counts:
        from mllint.report import statistics

        pieces = statistics.render(output.format, result, options)
    else:
        pieces = formats.render(output.format, result, options)
    if output.is_stdout:
        write(pieces, color=options.color, utf8=output.format not in formats.FOR_PEOPLE)
    else:
        write_file(Path(output.path), pieces)


def _close(result: RunResult, outputs: list[Output], options: ReportOptions) -> None:
    """Say what a report for programs does not say to the person who waits for it."""
    if options.quiet or any(output.is_stdout and output.format in formats.FOR_PEOPLE for output in outputs):
        return
    from mllint.report import summary

    if any(output.is_stdout for output in outputs):
        for line in summary.not_analysed(result, verbose=options.verbose):
            click.echo(line, nl=False, err=True)
    else:
        write(summary.render(result, options), color=options.color)


def _print_diff(result: RunResult, options: ReportOptions) -> None:
    from mllint.report import diff, summary

    write(diff.render(result, options), color=options.color)
    if not options.quiet:
        closing: Iterable[str] = (diff.closing(result, options), *summary.not_analysed(result, verbose=options.verbose))
        click.echo("".join(closing), nl=False, err=True)


#: Phases of a run in their order. ``rules`` is what rules take that no rule is booked for, ``places`` finds where nodes
#: stand in the text.
_PHASES = ("project", "read", "parse", "model", "calls", "flow", "places", "rules", "locate")
#: So many rules are named by ``--timing``.
_SLOWEST = 10


def _print_timing(result: RunResult) -> None:
    """Print the CPU time of the phases, in the order in which they run, and that of the rules that took most."""
    rules = result.summary.rule_timing
    slowest = dict(sorted(rules.items(), key=lambda item: -item[1])[:_SLOWEST])
    phases = {name: result.summary.timing[name] for name in _PHASES if name in result.summary.timing}
    total = sum(phases.values()) + sum(rules.values())
    width = max(map(len, (*phases, *slowest)), default=0)
    for title, timing in (("CPU time by phase", phases), (f"Slowest of {len(rules)} rules", slowest)):
        if timing:
            click.echo(f"{title}:", err=True)
        for name, seconds in timing.items():
            click.echo(f"  {name:<{width}}  {seconds:8.3f} s  {seconds / (total or 1):6.1%}", err=True)
    click.echo(_checked(result), err=True)


def _checked(result: RunResult) -> str:
    from mllint.report.wording import counted

    summary = result.summary
    cached = f", {summary.cached} from the cache" if summary.cached else ""
    amount = f"{counted(summary.files, 'file')} ({counted(summary.cells, 'cell')}, {counted(summary.lines, 'line')})"
    return f"Checked {amount} in {summary.seconds:.2f} s{cached}."


def _show_settings(paths: Iterable[Path], resolver: SettingsResolver) -> None:
    from mllint.report.settings import settings_toml

    write(piece for path in paths for piece in settings_toml(path, resolver.for_path(path)))


def _exit_code(result: RunResult, given: dict[str, Any]) -> int:
    code = result.exit_code
    if given["diff"] and code < 2:
        code = 1 if result.diffs else 0
    return 0 if given["exit_zero"] and code == 1 else code
