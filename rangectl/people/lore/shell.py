"""What people type, a sitting each: at their desks, on servers, and on servers of each kind.

{text} and {table} are documents of theirs, {word} somebody's account, {me} their own, {target} a host
they log in to, {service} what the host is for, {share} their department's share.
"""

from __future__ import annotations

DESK = (
    ("cd Documents", "ls -l", "less {text}", "cd"),
    ("nano Documents/{text}",),
    ("less Documents/{text}", "nano Documents/{text}"),
    ("head -3 Documents/{table}", "grep {word} Documents/{table}", "nano Documents/{table}"),
    (
        "cd Documents",
        "cp {table} {table}.bak",
        "nano {table}",
        "diff {table}.bak {table}",
        "rm {table}.bak",
    ),
    ("cut -d, -f2 Documents/{table} | sort | uniq -c | sort -n",),
    ("wc -l Documents/*.csv",),
    ("grep -c open Documents/{table}", "grep open Documents/{table} | less"),
    ("sort -t, -k3 -n Documents/{table} | tail -5",),
    ("passwd",),
    ("du -sh ~", "ls -la", "rm -r .cache/thumbnails"),
    ("who", "date"),
    ("history | grep nano",),
    ("awk -F, '{{n += $3}} END {{print n}}' Documents/{table}",),
)
WITH_SHARES = (
    ("smbclient //files/{share} -U {me} -c ls",),
    (
        "smbclient //files/{share} -U {me} -c 'get {table}'",
        "diff {table} Documents/{table}",
        "rm {table}",
    ),
    ("cd Documents", "smbclient //files/{share} -U {me} -c 'put {table}'", "cd"),
)
WITH_WIKI = (
    ("w3m http://wiki/house:telephone",),
    ("curl -s http://wiki/it:maintenance | less",),
    ("w3m http://wiki/",),
)
WITH_DIRECTORY = (("ldapsearch -x -LLL uid={word} cn mail telephoneNumber",),)
WITH_DUTY = (
    ("crontab -l", "bin/sum-tables", "tail -4 totals.txt"),
    ("nano bin/sum-tables", "sh -n bin/sum-tables", "crontab -e"),
    ("tail totals.txt",),
)
WITH_KEY = (
    ("ssh jump",),
    ("ssh jump", "exit"),
    ("scp Documents/{table} jump:",),
    ("ssh jump uptime",),
)
ADMIN_DESK = (
    ("ssh {target}",),
    ("ssh {target}", "ssh {target}"),
    ("ssh {target} uptime", "ssh {target} df -h /"),
    ("ssh jump",),
    ("ssh-keygen -lf .ssh/id_ed25519.pub",),
    ("grep -c . .ssh/known_hosts", "ping -c 2 {target}"),
    ("getent hosts {target}", "ssh {target} systemctl --failed"),
    ("nano changes.txt", "ssh {target}"),
    ("scp {target}:/var/log/siteops.log /tmp/", "less /tmp/siteops.log", "rm /tmp/siteops.log"),
)
ADMIN = (
    ("uptime", "df -h"),
    ("journalctl -p warning -S today", "systemctl --failed"),
    (
        "apt list --upgradable",
        "sudo apt upgrade",
        "sudo systemctl restart {service}",
        "systemctl status {service}",
    ),
    ("sudo tail -50 /var/log/auth.log", "last | head", "w"),
    ("df -h", "sudo du -xsh /var/log/* | sort -h | tail -5", "sudo journalctl --vacuum-time=14d"),
    ("cat /opt/siteops/README", "less /etc/cron.d/siteops", "tail -20 /var/log/siteops.log"),
    ("ss -tlnp", "systemctl status {service}", "journalctl -u {service} -n 30"),
    ("ls -la /var/backups/siteops",),
    ("id {word}", "sudo chage -l {word}", "getent group sudo"),
    ("ssh-keygen -lf .ssh/authorized_keys",),
    ("sudo visudo -c", "sudo ls -l /etc/sudoers.d"),
    ("crontab -l", "sudo ls -la /var/spool/cron/crontabs"),
    ("ip -br a", "ip r", "getent hosts {target}"),
    ("systemctl list-timers", "date"),
    ("free -m", "ps aux --sort=-rss | head"),
    ("sudo find /var/log -size +20M",),
    ("sudo reboot",),
)
OF_ROLE = {
    "web": (
        ("sudo nginx -t", "sudo systemctl reload nginx"),
        ("tail -f /var/log/nginx/access.log",),
        ("curl -sI localhost",),
    ),
    "webapp": (
        ("curl -s localhost/health",),
        ("sudo tail /var/log/nginx/error.log", "systemctl status webapp"),
        ("sudo systemctl restart webapp", "curl -s localhost | head -3"),
    ),
    "proxy": (
        ("sudo nginx -t", "sudo systemctl reload nginx"),
        ("sudo tail -20 /var/log/nginx/access.log",),
    ),
    "resolver": (
        ("unbound-checkconf", "sudo systemctl reload unbound"),
        ("getent hosts mail", "journalctl -u unbound -n 20"),
    ),
    "dns": (
        ("sudo nsd-checkconf /etc/nsd/nsd.conf", "sudo systemctl reload nsd"),
        ("ls -l /etc/nsd/zones",),
    ),
    "router": (
        ("sudo nft list ruleset | less",),
        ("sudo nft list ruleset | grep -c accept", "ip -s link"),
        ("sudo nft -c -f /etc/nftables.conf",),
    ),
    "mail": (
        ("mailq", "sudo postqueue -f"),
        ("sudo doveadm who",),
        ("sudo tail -100 /var/log/mail.log | grep reject",),
        ("sudo du -sh /var/vmail/* | sort -h | tail -3",),
    ),
    "webmail": (
        ("sudo tail -20 /var/log/roundcube/userlogins.log",),
        ("sudo tail /var/log/roundcube/errors.log", "systemctl status php8.2-fpm"),
        ("curl -skI https://localhost",),
    ),
    "database": (
        ("sudo -u postgres psql -l",),
        (
            "sudo -u postgres psql app -c '\\dt'",
            "sudo -u postgres psql app -c 'select count(*) from records'",
        ),
        ("sudo tail /var/log/postgresql/postgresql-15-main.log",),
    ),
    "directory": (
        ("ldapsearch -x -LLL -s base",),
        ("ldapsearch -x -LLL uid={word} dn mail",),
        ("sudo tail /var/log/slapd.log",),
    ),
    "fileserver": (
        ("sudo smbstatus -b", "ls /srv/share"),
        ("sudo du -sh /srv/share/* | sort -h",),
        ("testparm -s | head -30",),
    ),
    "wiki": (
        ("ls -lR /var/lib/dokuwiki/data/pages | less",),
        ("sudo grep -r TODO /var/lib/dokuwiki/data/pages",),
        ("systemctl status nginx",),
    ),
    "loghost": (
        ("ls -la /var/log/hosts", "tail -3 /var/log/hosts/*.log"),
        ("sudo du -sh /var/log/hosts",),
    ),
    "backup": (
        ("sudo borg list /var/backups/nightly/repo",),
        ("journalctl -u nightly-backup -n 15",),
    ),
    "monitoring": (
        ("cat /var/lib/sitecheck/last",),
        ("journalctl -t sitecheck -n 20", "less /etc/sitecheck/targets"),
    ),
    "vpn": (
        ("systemctl status openvpn-server@site",),
        ("sudo journalctl -u openvpn-server@site -n 20",),
    ),
    "jump": (("who", "sudo grep Accepted /var/log/auth.log | tail"), ("tmux ls",)),
}
SERVICE = {
    "web": "nginx", "webapp": "webapp", "proxy": "nginx", "resolver": "unbound", "dns": "nsd", "router": "nftables",
    "mail": "postfix", "database": "postgresql", "directory": "slapd", "fileserver": "smbd", "wiki": "nginx", "webmail": "nginx",
    "loghost": "rsyslog", "vpn": "openvpn-server@site",
}  # fmt: skip
THROUGH = (
    ("ssh {target}",),
    ("ping -c 2 {target}", "nc -zv {target} 22"),
    ("curl -sI http://{target}/", "getent hosts {target}"),
    ("ls", "df -h ."),
    ("less {table}", "rm {table}"),
    ("w", "exit"),
)
OUTSIDER = (
    ("ls -la", "df -h", "uptime"),
    ("tail -20 /var/log/syslog",),
    ("who", "date", "exit"),
    ("cat /etc/os-release", "ss -tln"),
)
LEAVER = (
    "ls Documents",
    "cp Documents/* /srv/share/",
    "rm -r Documents",
    "nano before-I-go.txt",
    "exit",
)
NIGHT = ("date", "journalctl -S -1h | tail -40", "sudo systemctl restart cron", "exit")
TYPOS = (
    "sl",
    "grpe -r host /etc/hosts",
    "cd..",
    "systemclt status ssh",
    "exti",
    "nao todo",
    "ks -l",
)
