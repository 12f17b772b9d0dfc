"""One attempt, and what is counted of them."""
import collections

# execute(bench) returns the outcome and what is bad. site: where it strikes; None: nowhere, so that it always does.
Attempt = collections.namedtuple("Attempt", "kind what site execute")
