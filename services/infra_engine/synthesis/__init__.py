"""From an environment's document to Terraform's JSON."""

from services.infra_engine.synthesis.child_synthesizer import ChildSynthesizer
from services.infra_engine.synthesis.port import SynthesisFailed, Synthesized, Synthesizer, SynthesizerUnavailable
from services.infra_engine.synthesis.remembered import RememberingSynthesizer

__all__ = [
    "ChildSynthesizer",
    "RememberingSynthesizer",
    "SynthesisFailed",
    "Synthesized",
    "Synthesizer",
    "SynthesizerUnavailable",
]
