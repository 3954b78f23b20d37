# Takes out of a filesystem whatever says how, where and when it was built.
set -eu
rm -f /usr/sbin/policy-rc.d /.dockerenv
: >/etc/machine-id
rm -f /var/lib/dbus/machine-id /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub
rm -rf /root/.ansible /root/.ssh /root/.cache /root/.bash_history /root/.python_history
rm -rf /home/*/.bash_history.new /home/*/.ansible
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/lib/dpkg/*-old
rm -rf /var/cache/ldconfig/aux-cache /var/lib/systemd/random-seed
mkdir -p /var/lib/apt/lists/partial /var/cache/apt/archives/partial
rm -rf /var/log/journal/* /var/log/apt/eipp.log.xz /var/log/bootstrap.log
rm -rf /var/log/fontconfig.log /var/tmp/* /var/tmp/.[!.]*
find /var/log -xdev -type f -exec truncate -s 0 {} +
rm -f /etc/apt/sources.list.d/* /etc/apt/apt.conf.d/99mmdebstrap /etc/apt/apt.conf.d/docker-*
rm -f /etc/dpkg/dpkg.cfg.d/docker-*
cat >/etc/apt/sources.list <<'SOURCES'
deb http://deb.debian.org/debian bookworm main
deb http://deb.debian.org/debian bookworm-updates main
deb http://deb.debian.org/debian-security bookworm-security main
SOURCES
