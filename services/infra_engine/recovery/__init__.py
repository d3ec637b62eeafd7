"""Adopts what a broken run left: resources that AWS has and the state lacks, and healthy ones that it calls tainted."""

from services.infra_engine.recovery.recover import Recovery

__all__ = ["Recovery"]
