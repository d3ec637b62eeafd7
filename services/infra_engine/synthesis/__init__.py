"""From an environment's document to Terraform's JSON."""

from services.infra_engine.synthesis.child_synthesizer import ChildSynthesizer
from services.infra_engine.synthesis.port import SynthesisFailed, Synthesized, Synthesizer, SynthesizerUnavailable

__all__ = ["ChildSynthesizer", "SynthesisFailed", "Synthesized", "Synthesizer", "SynthesizerUnavailable"]
