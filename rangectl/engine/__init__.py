"""Docker Engine and its node agent."""

from rangectl.engine import sdk

sdk.load()
