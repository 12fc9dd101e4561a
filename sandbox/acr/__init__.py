"""A stand-in for Azure Container Registry and for the identity endpoint of a managed identity.

It is strict: what the service would refuse, it refuses. ``sandbox/acr/README.md`` says what it does and how to seed it.
"""

from sandbox.acr.faults import Fault
from sandbox.acr.model import LOCKED, Locks
from sandbox.acr.options import AcrOptions
from sandbox.acr.principals import ADMIN, APP_IDENTITY, Principal
from sandbox.acr.registry import Registry
from sandbox.acr.scenario import DEMO, ScenarioError, load_scenario
from sandbox.acr.server import AcrSandbox

__all__ = [
    "ADMIN",
    "APP_IDENTITY",
    "DEMO",
    "LOCKED",
    "AcrOptions",
    "AcrSandbox",
    "Fault",
    "Locks",
    "Principal",
    "Registry",
    "ScenarioError",
    "load_scenario",
]
