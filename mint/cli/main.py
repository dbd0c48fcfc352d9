"""The shell: ``mint audit``, ``mint weights``, ``mint lab``."""

from __future__ import annotations

import sys
import warnings
from typing import Annotated, NoReturn, TextIO

import typer

from mint import __version__
from mint.cli.audit.command import audit
from mint.cli.console import err, settle
from mint.cli.folder import folder
from mint.cli.shell import Shell
from mint.errors import AskedOnce, DoubtfulNetwork, MintError, brief

QUICK = (["audit"], ["folder"])  # who asks for these does not wait until all other commands' options are built
app = Shell(
    help="Ask a face-recognition network: was this photo used to train you?",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

weights_app = Shell(help="Networks and bundles: what ships, what the catalog knows, and the Hub.", no_args_is_help=True)

lab_app = Shell(help="Make pools, twins, auditors and figures.", no_args_is_help=True)
app.add_typer(weights_app, name="weights")
app.add_typer(lab_app, name="lab")


def main() -> None:
    """Run the shell; a MintError or OSError becomes one line on stderr and exit code 1."""
    settle()
    _show_doubts()
    try:
        if sys.argv[1:2] not in QUICK:
            _register_others()
        app()
    except MintError as error:
        _give_up(str(error))
    except ImportError as error:
        from mint.doctor.plain import in_place_of_the_shell

        in_place_of_the_shell(error)
    except OSError as error:  # the system refuses something that nobody foresaw: no room, no right, no such place
        _give_up(f"{error.filename or 'The system'}: {brief(error)}. What was finished before is kept.")


def _register_others() -> None:
    """Add the commands that an answer does not need."""
    from mint.cli.doctor import register as register_doctor
    from mint.cli.lab.commands import register as register_lab
    from mint.cli.report import register as register_report
    from mint.cli.serve import register as register_serve
    from mint.cli.weights import register as register_weights

    register_lab(lab_app)
    register_weights(weights_app)
    register_report(app)
    register_doctor(app)
    register_serve(app)


def _show_doubts() -> None:
    """Show a doubt about a network, or about which was asked, on stderr where it cannot be missed; other warnings as ever."""
    others = warnings.showwarning

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if issubclass(category, (AskedOnce, DoubtfulNetwork)):
            err.print(f"mint: WARNING: {message}", style="bold yellow", highlight=False, markup=False, soft_wrap=True)
        else:
            others(message, category, filename, lineno, file, line)

    warnings.showwarning = show


def _give_up(words: str) -> NoReturn:
    err.print(f"mint: {words}", style="red", highlight=False, markup=False, soft_wrap=True)
    sys.exit(1)


@app.callback(invoke_without_command=True)
def version(show: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False) -> None:
    """Ask a face-recognition network: was this photo used to train you?"""
    if show:
        typer.echo(__version__)
        raise typer.Exit


app.command()(audit)
app.command()(folder)
