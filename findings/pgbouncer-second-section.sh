#!/bin/sh
# PgBouncer 1.18.0 (Debian 12, package pgbouncer 1.18.0-1+deb12u1).
#
# Of a setting that stands twice in pgbouncer.ini the last one counts, and a file
# may include others with %include. A section [pgbouncer] that is begun again does
# not go on with the first one: every setting that was said before, those that the
# second one does not name, too, has its default again, without a word.
#
# Seen (client_idle_timeout = 5, server_idle_timeout = 77, then the included file
# says client_idle_timeout = 11):
#   included without a section  client_idle_timeout 11, server_idle_timeout 77, port as told
#   included with [pgbouncer]   client_idle_timeout 11, server_idle_timeout 600, port 6432
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
chmod 755 "$dir"
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download pgbouncer=1.18.0-1+deb12u1 libevent-2.1-7=2.1.12-stable-8+deb12u1 libc-ares2=1.18.1-3 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
python3 - "$dir" <<'PY'
import os, pwd, re, socket, struct, subprocess, sys, time

dir = sys.argv[1]
# PgBouncer does not run as root.
who = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
os.environ["LD_LIBRARY_PATH"] = f"{dir}/usr/lib/x86_64-linux-gnu"
os.mkdir(f"{dir}/run")
if who:
    os.chown(f"{dir}/run", pwd.getpwnam("nobody").pw_uid, -1)

def show(port):
    """What SHOW CONFIG says of the two timeouts."""
    s = socket.create_connection(("127.0.0.1", port), 5)
    s.settimeout(5)
    start = struct.pack("!i", 196608) + b"user\0pgbouncer\0database\0pgbouncer\0\0"
    s.sendall(struct.pack("!i", len(start) + 4) + start)
    got = b""
    while not got.endswith(b"Z\0\0\0\x05I"):
        got += s.recv(65536)
    query = b"SHOW CONFIG\0"
    s.sendall(b"Q" + struct.pack("!i", len(query) + 4) + query)
    got, said = b"", {}
    while True:
        while len(got) < 5 or len(got) < 1 + struct.unpack("!i", got[1:5])[0]:
            more = s.recv(65536)
            if not more:
                raise ConnectionError
            got += more
        end = 1 + struct.unpack("!i", got[1:5])[0]
        kind, body, got = got[:1], got[5:end], got[end:]
        if kind == b"Z":
            break
        if kind == b"D":
            at, cells = 2, []
            for _ in range(2):
                n = struct.unpack("!i", body[at:at + 4])[0]
                cells.append(body[at + 4:at + 4 + max(n, 0)].decode())
                at += 4 + max(n, 0)
            said[cells[0]] = cells[1]
    s.close()
    return said["client_idle_timeout"], said["server_idle_timeout"]

def run(head):
    with socket.create_server(("127.0.0.1", 0)) as one:
        port = one.getsockname()[1]
    open(f"{dir}/more.ini", "w").write(head + "client_idle_timeout = 11\n")
    # What keeps the test apart from other servers is said behind the include, too.
    ours = f"listen_addr = 127.0.0.1\nunix_socket_dir = {dir}/run\nauth_type = any\n"
    open(f"{dir}/pgbouncer.ini", "w").write(f"[databases]\n[pgbouncer]\nlisten_port = {port}\nclient_idle_timeout = 5\nserver_idle_timeout = 77\n%include {dir}/more.ini\n{ours}")
    bouncer = subprocess.Popen([f"{dir}/usr/sbin/pgbouncer", f"{dir}/pgbouncer.ini"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=dir, **who)
    try:
        for line in bouncer.stderr:
            if m := re.search(r"listening on 127\.0\.0\.1:(\d+)", line):
                at = int(m[1])
                return (*show(at), "as told" if at == port else str(at))
    finally:
        bouncer.terminate()
        bouncer.wait()

same = True
for name, head, want in (("without a section", "", ("11", "77", "as told")), ("with [pgbouncer]", "[pgbouncer]\n", ("11", "600", "6432"))):
    seen = run(head)
    same &= seen == want
    print(f"included {name:<18} client_idle_timeout, server_idle_timeout, port: {seen}")
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY
