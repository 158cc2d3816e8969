#!/bin/sh
# PostgreSQL 15.20 (Debian 12, package postgresql-15 15.20-0+deb12u1).
#
# SET tcp_keepalives_idle = 40000 is in the range that pg_settings shows (up to
# 2147483647) and is answered by SET, without warning or notice; the kernel
# refused it (at most 32767), and SHOW in the same session reads what was before.
# Only the server's log says so. The same with tcp_keepalives_interval.
#
# Seen (over TCP):
#   SET tcp_keepalives_idle = 40000 -> SET, SHOW -> 7200
#   SET tcp_keepalives_idle = 300 -> SET, SHOW -> 300
#   SET tcp_keepalives_idle = 40000 -> SET, SHOW -> 300
#   SET tcp_keepalives_interval = 40000 -> SET, SHOW -> 75
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
chmod 755 "$dir"
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download postgresql-15=15.20-0+deb12u1 libpq5=15.20-0+deb12u1 libllvm14=1:14.0.6-12 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
LD_LIBRARY_PATH=$(dirname "$(find "$dir" -name 'libLLVM-14.so.1' | head -n 1)")
export LD_LIBRARY_PATH
python3 - "$dir" <<'PY'
import os, pwd, socket, struct, subprocess, sys, time

dir = sys.argv[1]
bin = f"{dir}/usr/lib/postgresql/15/bin"
# PostgreSQL does not run as root.
who = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
os.mkdir(f"{dir}/run")
if who:
    os.chown(f"{dir}/run", pwd.getpwnam("nobody").pw_uid, -1)
subprocess.run([f"{bin}/initdb", "-D", f"{dir}/run/data", "-A", "trust", "-N", "-U", "postgres"], stdout=subprocess.DEVNULL, cwd=f"{dir}/run", check=True, **who)
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
postgres = subprocess.Popen([f"{bin}/postgres", "-D", f"{dir}/run/data", "-h", "127.0.0.1", "-p", str(port), "-k", f"{dir}/run"], stderr=open(f"{dir}/log", "w"), cwd=f"{dir}/run", **who)

def messages(s):
    """The server's messages up to ReadyForQuery."""
    got = b""
    def exactly(n):
        nonlocal got
        while len(got) < n:
            more = s.recv(65536)
            if not more:
                raise ConnectionError
            got += more
        head, got = got[:n], got[n:]
        return head
    while True:
        kind, length = struct.unpack("!ci", exactly(5))
        body = exactly(length - 4)
        yield kind, body
        if kind == b"Z":
            return

try:
    for _ in range(150):
        try:
            s = socket.create_connection(("127.0.0.1", port), 10)
            start = struct.pack("!i", 196608) + b"user\0postgres\0database\0postgres\0\0"
            s.sendall(struct.pack("!i", len(start) + 4) + start)
            list(messages(s))
            break
        except (OSError, struct.error):
            time.sleep(0.1)
    def query(text):
        s.sendall(b"Q" + struct.pack("!i", len(text) + 5) + text.encode() + b"\0")
        return dict(messages(s))
    same = True
    for name, value, want in (("idle", 40000, "7200"), ("idle", 300, "300"), ("idle", 40000, "300"), ("interval", 40000, "75")):
        told = query(f"SET tcp_keepalives_{name} = {value}")
        tag = told[b"C"].rstrip(b"\0").decode() if set(told) == {b"C", b"Z"} else str(told)
        read = query(f"SHOW tcp_keepalives_{name}")[b"D"][6:].decode()
        print(f"SET tcp_keepalives_{name} = {value} -> {tag}, SHOW -> {read}")
        same = same and tag == "SET" and read == want
    print("as seen before" if same else "CHANGED")
    s.close()
finally:
    postgres.terminate()
    postgres.wait()
sys.exit(0 if same else 1)
PY
