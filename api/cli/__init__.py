"""`flask …` commands, one file per group."""

from flask import Flask

from api.cli.api_keys import api_keys
from api.cli.database import database
from api.cli.demo import demo
from api.cli.epcis import epcis
from api.cli.labels import labels
from api.cli.links import links
from api.cli.names import names
from api.cli.rebuild import rebuild
from api.cli.rules import rules
from api.cli.season import season
from api.cli.serial_keys import serial_keys
from api.cli.serve import serve_command, worker_command

_COMMANDS = (
    *(database, serve_command, worker_command, demo, season, api_keys, rebuild, labels),
    *(links, epcis, serial_keys, rules, names),
)


def add_commands(app: Flask) -> None:
    """Register every command."""
    for command in _COMMANDS:
        app.cli.add_command(command)
