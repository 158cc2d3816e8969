#!/bin/sh
# Caddy 2.6.2 of Debian 12 (2.6.2-5, Go 1.19) and of Debian 13 (2.6.2-12+deb13u1, Go
# 1.24) on Linux (root, Python 3).
#
# The same version with the same keepalive_interval probes otherwise: since Go
# 1.23, net.ListenConfig.KeepAlive and SetKeepAlivePeriod set the time before the
# first probe alone, and the gap between probes stays Go's 15 s.
#
# Seen (keepalive_interval 40s: TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT of the
# accepted connection):
#   Debian 12: 40 40 9
#   Debian 13: 40 15 9
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
changed=0
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1)
for version in 2.6.2-5 2.6.2-12+deb13u1; do
	case $version in *deb13*) suite=trixie want="40 15 9" ;; *) suite=bookworm want="40 40 9" ;; esac
	mkdir -p $suite/lists/partial $suite/cache/archives/partial
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >$suite/sources
	set -- -qq -o Dir::Etc::sourcelist="$dir/$suite/sources" -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists="$dir/$suite/lists" -o Dir::Cache="$dir/$suite/cache"
	apt-get "$@" update >/dev/null 2>&1
	(cd $suite && apt-get "$@" download "caddy=$version" >/dev/null 2>&1 && dpkg-deb -x caddy_*.deb .)
	got=$(HOME=$dir python3 - "$suite/usr/bin/caddy" <<'PY'
import ctypes, json, os, socket, subprocess, sys, time

free = socket.create_server(("127.0.0.1", 0))
port = free.getsockname()[1]
free.close()
server = {"listen": [f"127.0.0.1:{port}"], "keepalive_interval": "40s", "automatic_https": {"disable": True}}
with open("conf.json", "w") as f:
    json.dump({"admin": {"disabled": True}, "apps": {"http": {"servers": {"a": server}}}}, f)
caddy = subprocess.Popen([sys.argv[1], "run", "--config", "conf.json"], stderr=subprocess.DEVNULL)
try:
    for _ in range(200):
        try:
            client = socket.create_connection(("127.0.0.1", port))
            break
        except OSError:
            time.sleep(0.1)
    client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    client.recv(4096)
    libc, held = ctypes.CDLL(None), os.pidfd_open(caddy.pid)
    for fd in os.listdir(f"/proc/{caddy.pid}/fd"):
        copy = libc.syscall(438, held, int(fd), 0)  # pidfd_getfd
        try:
            s = socket.socket(fileno=copy)
            if s.getpeername() == client.getsockname():
                print(*(s.getsockopt(socket.IPPROTO_TCP, o) for o in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)))
        except OSError:
            pass
finally:
    caddy.terminate()
    caddy.wait()
PY
	)
	echo "$suite: $got"
	[ "$got" = "$want" ] || changed=1
done
[ $changed -eq 0 ] && echo "as seen before" || echo CHANGED
exit $changed
