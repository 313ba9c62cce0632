"""Ask the servers how large what is to be fetched is, where the definition does not say."""

from collections.abc import Collection
from dataclasses import replace

from oceanbench.download.artefact import Candidate
from oceanbench.download.plan import Item, Plan
from oceanbench.download.probing import Finding, probe

__all__ = ["with_sizes"]


def with_sizes(plan: Plan, *, accept_certificates_of: Collection[str] = ()) -> Plan:
    """Give the plan with the sizes that servers tell for items of unknown size; nothing is fetched.

    An item that no server tells of stays of unknown size.

    Parameters
    ----------
    plan : Plan
    accept_certificates_of : collection of str, optional
        Hosts whose certificate is not checked.
    """
    unknown = [item for item in plan.missing if item.size is None]
    candidates = list(dict.fromkeys(one for item in unknown for one in item.artefact.candidates))
    if not candidates:
        return plan
    findings = probe(candidates, accept_certificates_of=accept_certificates_of)
    told = {finding.candidate: finding for finding in findings if finding.available}
    return replace(plan, items=tuple(_sized(item, told) for item in plan.items))


def _sized(item: Item, told: dict[Candidate, Finding]) -> Item:
    if item.here or item.size is not None:
        return item
    sizes = [told[one].size for one in item.artefact.candidates if one in told]
    return replace(item, size=next((size for size in sizes if size is not None), None))
