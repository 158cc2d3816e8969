#!/bin/sh
# Apache httpd 2.4.71, nginx 1.22.1 and HAProxy 2.6.12 on Linux (Debian 12, packages
# apache2-bin 2.4.71-1~deb12u1, nginx 1.22.1-9+deb12u11, haproxy 2.6.12-1+deb12u4).
#
# TCP_DEFER_ACCEPT keeps a connection from the server until its client has sent something.
# A client that says nothing costs no worker, but the server's own time for that does not
# begin before the kernel gives up waiting, which comes at a retransmission of SYN-ACK:
# Apache asks for 30 s, without being told to, and gets 31; nginx (listen deferred) and
# HAProxy (defer-accept) ask for one second. RequestReadTimeout header=4 is 35 s so, and
# its default of 20 s is 51. With AcceptFilter http none the time is what it says.
#
# Seen (a client that connects and says nothing, seconds to its end; time of the server 4 s):
#   apache                         35
#   apache, AcceptFilter none       4
#   nginx, deferred                 5
#   haproxy, defer-accept           5
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
chmod 755 "$dir"
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download nginx=1.22.1-9+deb12u11 apache2-bin=2.4.71-1~deb12u1 libapr1=1.7.2-3+deb12u1 libaprutil1=1.6.3-1+deb12u1 \
	haproxy=2.6.12-1+deb12u4 liblua5.3-0 libopentracing-c-wrapper0 libopentracing1 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
LD_LIBRARY_PATH=$(dirname "$(find "$dir" -name 'libapr-1.so.0' | head -n 1)")
export LD_LIBRARY_PATH
python3 - "$dir" <<'PY'
import os, socket, subprocess, sys, threading, time

dir = sys.argv[1]
root = os.geteuid() == 0
temp = "".join(f"{m}_temp_path {dir}/t_{m};" for m in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))

def apache(name, more):
    return [f"{dir}/usr/sbin/apache2", "-DFOREGROUND", "-f"], "\n".join([
        f"ServerRoot {dir}", "ServerName a", "Listen 127.0.0.1:PORT", "RequestReadTimeout header=4", more, f"DocumentRoot {dir}",
        f"PidFile {dir}/pid.{name}", f"ErrorLog {dir}/log.{name}", f"DefaultRuntimeDir {dir}", "User nobody\nGroup nogroup" if root else "",
        *(f"LoadModule {m}_module usr/lib/apache2/modules/mod_{m}.so" for m in ("mpm_event", "authz_core", "reqtimeout"))])

servers = {
    "apache": apache("a", ""),
    "apache, AcceptFilter none": apache("b", "AcceptFilter http none"),
    "nginx, deferred": ([f"{dir}/usr/sbin/nginx", "-c"], f"""
daemon off; pid {dir}/pid; error_log {dir}/log; events {{}} {"user nobody nogroup;" if root else ""}
http {{ access_log off; {temp} client_header_timeout 4s; server {{ listen 127.0.0.1:PORT deferred; return 200 ok; }} }}"""),
    "haproxy, defer-accept": ([f"{dir}/usr/sbin/haproxy", "-db", "-q", "-f"], """
defaults
 mode http
 timeout client 60s
 timeout http-request 4s
 timeout server 60s
 timeout connect 5s
frontend f
 bind 127.0.0.1:PORT defer-accept
 http-request return status 200
"""),
}
seen = {}

def silent(name, command, text):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    file = f"{dir}/{name.replace(', ', '-').replace(' ', '-')}.conf"
    open(file, "w").write(text.replace("PORT", str(port)))
    server = subprocess.Popen([*command, file], stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 20).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.1)
        c = socket.create_connection(("127.0.0.1", port), 60)
        began = time.monotonic()
        try:
            while c.recv(65536):
                pass
        except OSError:
            pass
        seen[name] = time.monotonic() - began
    finally:
        server.terminate()
        server.wait()

threads = [threading.Thread(target=silent, args=(name, *server)) for name, server in servers.items()]
for t in threads:
    t.start()
for t in threads:
    t.join()
for name in servers:
    print(f"{name:<27} {seen.get(name, 99):.1f} s")
first, *others = (seen.get(name, 99) for name in servers)
same = 32 < first < 40 and 3 < others[0] < 6 and all(4.5 < x < 8 for x in others[1:])
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY
