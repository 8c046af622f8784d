"""`dlex server status` and `dlex server stop`: the warm server that makes checks fast."""

from __future__ import annotations

import time

import typer

from dlex.cli.frame.help_screen import add_command, app_options
from dlex.cli.frame.options import examples
from dlex.cli.frame.session import session_of
from dlex.feedback.language import gettext as _
from dlex.feedback.language import ngettext


def add(app: typer.Typer, name: str) -> None:
    """Add the group to the app."""
    group = typer.Typer(**app_options(help=_("See or stop the warm server."), epilog=_examples()))
    add_command(group, "status", status, text=_("Say whether the server runs, and what it did."), examples=_examples())
    add_command(group, "stop", stop, text=_("Stop it; the next check starts it again."), examples=_examples())
    app.add_typer(group, name=name)


def status(ctx: typer.Context) -> None:
    """What the server says of itself."""
    from dlex.server import client

    said = client.status()
    session_of(ctx).screen().say(describe(said))


def describe(said: dict[str, object] | None) -> str:
    """The server's state in one sentence."""
    if said is None:
        return _("No server is running; the next check starts one.")
    started = said.get("started")
    minutes = (time.time() - started) / 60 if isinstance(started, (int, float)) else 0.0
    return _(
        "The server runs as process {pid} for {minutes} min and has graded {graded}; {grading} at work now."
    ).format(
        pid=said.get("pid"), minutes=f"{max(minutes, 0.0):.0f}", graded=said.get("graded"), grading=said.get("grading")
    )


def stop(ctx: typer.Context) -> None:
    """Stop every server of this user."""
    from dlex.server import client

    count = client.stop()
    text = ngettext("{count} server stopped.", "{count} servers stopped.", count).format(count=count)
    session_of(ctx).screen().say(text if count else _("No server was running."))


def _examples() -> str:
    return examples(
        ("dlex server status", _("is it running?")),
        ("dlex server stop", _("free its memory")),
    )
