"""Where things are planted, and where what was planted is looked for."""

from __future__ import annotations

from rangectl.model.parts import LookIn

CRON_TABLES = (
    *("/etc/crontab", "/etc/cron.d/*", "/etc/cron.hourly/*", "/etc/cron.daily/*"),
    *("/etc/cron.weekly/*", "/etc/cron.monthly/*", "/var/spool/cron/crontabs/*"),
)
KEY_TABLES = (
    *("/root/.ssh/authorized_keys*", "/home/*/.ssh/authorized_keys*"),
    *("/var/*/.ssh/authorized_keys*", "/var/lib/*/.ssh/authorized_keys*"),
    *("/opt/*/.ssh/authorized_keys*", "/srv/*/.ssh/authorized_keys*", "/etc/ssh/*"),
)
PROGRAM_ROOTS = (
    *("/boot", "/etc", "/home", "/media", "/mnt"),
    *("/opt", "/root", "/srv", "/usr", "/var"),
)
EVERYWHERE = (*PROGRAM_ROOTS, "/dev/shm", "/run", "/tmp")  # noqa: S108 - looked at
"""Roots below which content is looked for."""

PATTERNS: dict[LookIn, tuple[str, ...]] = {
    "cron": CRON_TABLES,
    "keys": KEY_TABLES,
    "accounts": ("/etc/passwd*", "/etc/shadow*", "/etc/group*", "/etc/gshadow*"),
    "audit": ("/etc/audit/*", "/etc/audit/rules.d/*"),
    "hooks": ("/etc/apt/*", "/etc/apt/apt.conf.d/*", "/etc/udev/rules.d/*", "/etc/init.d/*"),
    "logs": ("/var/log/*",),
    "packages": ("/var/lib/dpkg/status", "/var/lib/dpkg/status-old"),
    "pages": (
        *("/srv/www/*", "/srv/www/*/*", "/var/lib/dokuwiki/data/pages/*"),
        "/var/lib/dokuwiki/data/pages/*/*",
    ),
    "pam": ("/etc/pam.d/*",),
    "preload": ("/etc/ld.so.preload*",),
    "python": (
        *("/usr/local/lib/python3*/dist-packages/*", "/usr/lib/python3/dist-packages/*"),
        "/usr/local/lib/python3*/site-packages/*",
    ),
    "settings": ("/etc/*", "/etc/*/*"),
    "shells": (
        *("/etc/profile*", "/etc/profile.d/*", "/etc/bash*", "/root/.*", "/home/*/.*"),
        *("/var/*/.*", "/var/lib/*/.*", "/etc/update-motd.d/*"),
    ),
    "sudoers": ("/etc/sudoers*", "/etc/sudoers.d/*"),
    "trust": ("/usr/local/share/ca-certificates/*", "/etc/ssl/certs/*"),
    "units": (
        *("/etc/systemd/system/*", "/etc/systemd/system/*/*", "/etc/systemd/user/*"),
        *("/etc/systemd/system-generators/*", "/usr/local/lib/systemd/system/*"),
        "/usr/lib/systemd/system/*",
    ),
    "web": ("/srv/www/*", "/srv/www/*/*", "/var/www/*", "/var/www/*/*"),
    "atjobs": ("/var/spool/cron/atjobs/*",),
    "autostart": ("/etc/xdg/autostart/*",),
}
"""Files in which a needle is looked for, by the name that catalogue entries give the set."""

ROOTS: dict[LookIn, tuple[str, ...]] = {"programs": PROGRAM_ROOTS, "everywhere": EVERYWHERE}
"""Folders below which content is looked for."""

REFRESH_ROOTS = (
    *("/dev/shm", "/etc", "/home", "/opt", "/root", "/srv", "/usr/local", "/var/backups"),  # noqa: S108
    *("/var/lib/dpkg/status", "/var/lib/dpkg/status-old", "/var/list", "/var/log"),
    *("/var/lib/dokuwiki/data/pages", "/var/spool/cron", "/var/tmp", "/var/www"),  # noqa: S108
)
"""Where things are planted; ctimes are renewed below these with every planting."""

STARTING_PLACES = (
    *("/etc/systemd/system", "/etc/init.d", "/etc/profile.d", "/etc/update-motd.d"),
    *("/etc/udev/rules.d", "/etc/apt/apt.conf.d", "/etc/sudoers.d", "/etc/pam.d"),
    *("/etc/xdg/autostart", "/etc/audit", "/usr/local", "/srv", "/opt", "/var/www"),
)
"""Folders whose files a host was built with are in the partner's register."""
