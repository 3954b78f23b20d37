"""What people type: at their desks, on servers, and on servers of each kind."""

from __future__ import annotations

ADMIN = (
    ("uptime", "free -m", "df -h"),
    ("journalctl -p warning -S today", "journalctl -u cron -S yesterday | tail"),
    ("systemctl --failed", "systemctl status ssh", "systemctl list-timers"),
    ("sudo tail -50 /var/log/auth.log", "sudo tail -f /var/log/syslog"),
    ("last | head", "who", "w"),
    ("ss -tlnp", "ip -br a", "ip r"),
    ("ls -la /var/backups/siteops", "cat /var/log/siteops.log | tail -20"),
    ("sudo apt list --upgradable", "apt policy openssh-server"),
    ("cat /opt/siteops/README", "less /etc/cron.d/siteops"),
    ("sudo visudo -c", "id", "getent group sudo"),
    ("du -xsh /var/log/* | sort -h | tail", "sudo du -sh /home/*"),
)
OF_ROLE = {
    "web": ("sudo nginx -t", "sudo systemctl reload nginx", "tail /var/log/nginx/access.log", "curl -sI localhost"),
    "webapp": ("sudo systemctl status nginx", "curl -s localhost | head", "sudo tail /var/log/nginx/error.log"),
    "resolver": ("unbound-control stats_noreset | head", "sudo unbound-checkconf", "dig @127.0.0.1 mail +short", "sudo systemctl restart unbound"),
    "router": ("sudo nft list ruleset | less", "sudo tail /var/log/ulog/syslogemu.log", "ip -s link"),
    "mail": ("mailq", "sudo postqueue -p | tail -1", "sudo doveadm who", "sudo tail -100 /var/log/mail.log"),
    "database": ("sudo -u postgres psql -l", "sudo -u postgres psql -c 'select now()'", "sudo systemctl status postgresql"),
    "directory": ("ldapsearch -x -LLL -b '' -s base namingContexts", "sudo slapcat | head", "sudo systemctl status slapd"),
    "fileserver": ("sudo smbstatus -b", "ls /srv/share", "sudo du -sh /srv/share/*", "testparm -s | head -30"),
    "wiki": ("ls /var/lib/dokuwiki/data/pages", "sudo systemctl status nginx", "sudo grep -r TODO /var/lib/dokuwiki/data/pages | head"),
    "loghost": ("ls -la /var/log/remote", "sudo du -sh /var/log", "sudo logrotate -d /etc/logrotate.conf | tail"),
}  # fmt: skip
DESK = (
    ("ls", "ls -l Documents", "cd Documents", "cd", "pwd"),
    ("less {text}", "cat {text}", "nano {text}"),
    ("head {table}", "wc -l {table}", "sort -t, -k2 {table} | less", "cut -d, -f2 {table} | sort | uniq -c"),
    ("grep -c open {table}", "grep {word} {table}", "nano {table}"),
    ("cp {table} {table}.bak", "rm {table}.bak", "mkdir old", "mv {text} old/"),
    ("date", "cal", "history | tail", "clear", "whoami"),
)  # fmt: skip
TYPOS = ("sl", "grpe -r host /etc/hosts", "cd..", "systemclt status ssh", "exti", "sudo !!")
