"""Switches the plugin on: suites and tests are ordinary pytest files."""

pytest_plugins = ["plimsoll.plugin"]
