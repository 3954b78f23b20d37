"""The partner's people, and all that they leave on his hosts.

`of(site)` gives a `People`: the staff and who has an account where. Everything follows from the
topology's `people:` block, the range's hosts and when it began; the same three give the same bytes
in every process. `rangectl.plan.partner.people(spec)` calls it for a range, and is what most
readers want; keys come in there, for they are drawn from a range's secret.
"""

from rangectl.people.site import Host, Site
from rangectl.people.staff import People, Person, of

__all__ = ["Host", "People", "Person", "Site", "of"]
