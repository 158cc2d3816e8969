#!/bin/sh
# PgBouncer 1.18.0 in front of PostgreSQL 15.20 (Debian 12, packages pgbouncer
# 1.18.0-1+deb12u1 and postgresql-15 15.20-0+deb12u1).
#
# client_idle_timeout is documented to close client connections that idle longer
# than it. With pool_mode = session, the default, it ends only those that never
# asked anything: after its first query a client holds a server, and no longer
# counts as idle however long it is silent.
#
# Seen (client_idle_timeout = 2):
#   pool_mode=session      without a query  client_idle_timeout after 2.2 s
#   pool_mode=session      after a query    open after 10.0 s
#   pool_mode=transaction  without a query  client_idle_timeout after 2.2 s
#   pool_mode=transaction  after a query    client_idle_timeout after 2.3 s
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
chmod 755 "$dir"
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download postgresql-15=15.20-0+deb12u1 libpq5=15.20-0+deb12u1 libllvm14=1:14.0.6-12 pgbouncer=1.18.0-1+deb12u1 libevent-2.1-7=2.1.12-stable-8+deb12u1 libc-ares2=1.18.1-3 >/dev/null 2>&1
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
with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
    port, front = one.getsockname()[1], two.getsockname()[1]
postgres = subprocess.Popen([f"{bin}/postgres", "-D", f"{dir}/run/data", "-h", "127.0.0.1", "-p", str(port), "-k", f"{dir}/run"], stderr=open(f"{dir}/log", "w"), cwd=f"{dir}/run", **who)
open(f"{dir}/users", "w").write('"postgres" ""\n')

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

def connect():
    for _ in range(150):
        try:
            s = socket.create_connection(("127.0.0.1", front), 20)
            start = struct.pack("!i", 196608) + b"user\0postgres\0database\0postgres\0\0"
            s.sendall(struct.pack("!i", len(start) + 4) + start)
            if b"E" not in dict(messages(s)):
                return s
        except (OSError, struct.error):
            pass
        time.sleep(0.1)

def idle(s, seconds):
    """What comes within the seconds, and when."""
    s.settimeout(seconds)
    began = time.monotonic()
    try:
        got = s.recv(65536)
    except TimeoutError:
        got = None
    took = time.monotonic() - began
    if got is None:
        return False, f"open after {took:.1f} s"
    return True, f"{'client_idle_timeout' if b'client_idle_timeout' in got else got} after {took:.1f} s"

def run(mode):
    open(f"{dir}/pgbouncer.ini", "w").write(f"""
[databases]
postgres = host=127.0.0.1 port={port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {front}
unix_socket_dir =
auth_type = trust
auth_file = {dir}/users
pool_mode = {mode}
client_idle_timeout = 2
""")
    bouncer = subprocess.Popen([f"{dir}/usr/sbin/pgbouncer", "-q", f"{dir}/pgbouncer.ini"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=dir, **who)
    try:
        ended = []
        for queries in (0, 1):
            s = connect()
            if queries:
                s.sendall(b"Q" + struct.pack("!i", 13) + b"SELECT 1\0")
                list(messages(s))
            end, said = idle(s, 10)
            ended.append(end)
            print(f"pool_mode={mode:<12} {'after a query  ' if queries else 'without a query'}  {said}", flush=True)
            s.close()
        return ended
    finally:
        bouncer.terminate()
        bouncer.wait()

try:
    same = run("session") == [True, False] and run("transaction") == [True, True]
    print("as seen before" if same else "CHANGED")
finally:
    postgres.terminate()
    postgres.wait()
sys.exit(0 if same else 1)
PY
