"""Examples of what is handed in."""

from __future__ import annotations

TEMPLATE = """\
# One finding: what you believe the adversary left on one host, and what proves it.
# Hand it in with: hunt submit THIS-FILE
# Without a file, and with the evidence taken from the host:
#   hunt submit --host {host} --path /etc/cron.d/example --technique T1053.003
host: {host}
technique: T1053.003        # an ATT&CK technique or tactic; may be left out
malicious: true             # false: you looked, and it belongs here
confidence: 80              # 0 to 100
note: not in the register, no package owns it
# fingerprint: SHA256:...   # of a key, as ssh-keygen -lf shows it
evidence:                   # one to ten pieces; all of them on this host
  - {kind: file, path: /etc/cron.d/example, sha256: 0000}        # sha256sum PATH
  - {kind: line, path: /etc/cron.d/example, line: "* * * * * root /bin/true"}
  - {kind: process, pid: 4711, start: 123456}    # start: field 22 of /proc/PID/stat
  - {kind: flow, address: 198.51.100.7, port: 80}
"""
"""A finding to start from; `{host}` stands for a host of the partner's."""
EXAMPLES = """\
a finding in a file:
  hunt template >finding.yaml      then fill it in
  hunt submit finding.yaml
a finding without a file; digests, whole lines and start times are taken from the host:
  hunt submit --host HOST --path /etc/cron.d/NAME --line 'PART OF IT' --technique T1053.003
  hunt submit --host HOST --pid 4711 --flow 198.51.100.7:443 --technique T1071.001
"""
"""How a finding is handed in, both ways."""
