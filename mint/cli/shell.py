"""A shell whose options are each given once, but for those that may be repeated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand


class OnceCommand(TyperCommand):
    """A command that refuses an option of one value that is given twice: the last would win without a word."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what was typed; see ``TyperCommand``. Raises ``typer.BadParameter`` for an option that is given twice."""
        given = self.make_parser(ctx).parse_args(args=list(args))[2] if args else []
        seen = set()
        for param in given:
            if param.is_eager:  # --help answers whatever stands beside it
                break
            if param.name in seen and _has_one_value(param):
                raise typer.BadParameter(
                    f"{' / '.join((*param.opts, *param.secondary_opts))} is given twice. Give it once.", ctx=ctx
                )
            seen.add(param.name)
        return super().parse_args(ctx, args)


class Shell(typer.Typer):
    """A ``typer.Typer`` of which every command is an ``OnceCommand``."""

    def command(self, name: str | None = None, **how: Any) -> Callable[[Any], Any]:
        """Register a command, as ``typer.Typer.command`` does."""
        return super().command(name, **{"cls": OnceCommand} | how)


def _has_one_value(param: Any) -> bool:
    """Return whether a second value would replace the first: not of lists, and a flag without a counterpart says no more."""
    if param.param_type_name != "option" or param.multiple or getattr(param, "count", False):
        return False
    return not param.is_flag or bool(param.secondary_opts)
