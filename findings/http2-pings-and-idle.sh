#!/bin/sh
# Apache httpd 2.4.71, Varnish 7.1.1, nginx 1.22.1 and HAProxy 2.6.12 (Debian 12,
# packages apache2-bin 2.4.71-1~deb12u1, varnish 7.1.1-2+deb12u1, nginx
# 1.22.1-9+deb12u11, haproxy 2.6.12-1+deb12u4). Varnish compiles with gcc.
#
# Whether an HTTP/2 client's PINGs hold a connection without streams open is
# each server's own choice: Apache and Varnish count them as life, so the idle
# time never comes; nginx and HAProxy close all the same. Varnish closes without
# GOAWAY, so that a request on its way is lost instead of repeated.
#
# Seen (idle time 4 s; one request, then nothing, or a PING every 1.5 s):
#   apache   quiet: GOAWAY, closed after 4.0 s   with PINGs: open after 12 s
#   varnish  quiet: closed after 4.0 s           with PINGs: open after 12 s
#   nginx    quiet: GOAWAY, closed after 4.0 s   with PINGs: GOAWAY, closed after 4.0 s
#   haproxy  quiet: GOAWAY, closed after 4.0 s   with PINGs: GOAWAY, closed after 4.0 s
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
chmod 755 "$dir"
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download apache2-bin=2.4.71-1~deb12u1 libapr1=1.7.2-3+deb12u1 libaprutil1=1.6.3-1+deb12u1 libnghttp2-14=1.52.0-1+deb12u3 nginx=1.22.1-9+deb12u11 haproxy=2.6.12-1+deb12u4 liblua5.3-0=5.3.6-2 libopentracing1=1.6.0-4 libopentracing-c-wrapper0=1.1.3-3+b1 varnish=7.1.1-2+deb12u1 libvarnishapi3=7.1.1-2+deb12u1 libjemalloc2=5.3.0-1 libedit2=3.1-20221030-2 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
lib=$(dirname "$(find "$dir" -name 'libapr-1.so.0' | head -n 1)")
export LD_LIBRARY_PATH="$lib:$lib/varnish"
python3 - "$dir" <<'PY'
import os, socket, subprocess, sys, threading, time

dir = sys.argv[1]
root = os.geteuid() == 0
temp = "".join(f"{m}_temp_path {dir}/t_{m};" for m in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
SERVERS = {
    "apache": (["usr/sbin/apache2", "-DFOREGROUND", "-f", f"{dir}/apache.conf"], f"""
ServerRoot {dir}\nServerName a\nListen 127.0.0.1:PORT\nPidFile {dir}/pid.a\nErrorLog {dir}/log\nDefaultRuntimeDir {dir}
{"User nobody" if root else ""}\n{"Group nogroup" if root else ""}\nProtocols h2c\nKeepAliveTimeout 4\nTimeout 20
""" + "\n".join(f"LoadModule {m}_module usr/lib/apache2/modules/mod_{m}.so" for m in ("mpm_event", "authz_core", "http2"))),
    "varnish": (["usr/sbin/varnishd", "-F", "-j", "none", "-n", f"{dir}/v", "-a", "127.0.0.1:PORT", "-f", f"{dir}/varnish.conf", "-p", "feature=+http2", "-p", "timeout_idle=4",
                 "-p", f"vcl_path={dir}/etc/varnish", "-p", f"vmod_path={lib}/varnish/vmods" if (lib := os.environ["LD_LIBRARY_PATH"].split(":")[0]) else ""],
                "vcl 4.1; backend default none; sub vcl_recv { return (synth(200)); }"),
    "nginx": (["usr/sbin/nginx", "-c", f"{dir}/nginx.conf"], f"""
daemon off; pid {dir}/pid.n; error_log {dir}/log; events {{}} {"user nobody nogroup;" if root else ""}
http {{ access_log off; {temp} keepalive_timeout 4; server {{ listen 127.0.0.1:PORT http2; return 200 ok; }} }}"""),
    "haproxy": (["usr/sbin/haproxy", "-db", "-f", f"{dir}/haproxy.conf"], """
defaults\n mode http\n timeout client 20s\n timeout http-keep-alive 4s
frontend f\n bind 127.0.0.1:PORT proto h2\n http-request return status 200
"""),
}

def watch(port, pings):
    """What ends a connection after one request, by the server's frames."""
    c = socket.create_connection(("127.0.0.1", port), 5)
    c.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]) + bytes([0, 0, 6, 1, 5, 0, 0, 0, 1]) + b"\x82\x84\x86\x41\x01a")
    began, pinged, got, said = time.monotonic(), time.monotonic(), b"", ""
    c.settimeout(0.1)
    while time.monotonic() - began < 12:
        if pings and time.monotonic() - pinged > 1.5:
            pinged = time.monotonic()
            c.sendall(bytes([0, 0, 8, 6, 0, 0, 0, 0, 0]) + b"keeptime")
        try:
            more = c.recv(65536)
        except TimeoutError:
            continue
        if not more:
            return f"{said}closed after {time.monotonic() - began:.1f} s"
        got += more
        while len(got) >= 9 and len(got) >= 9 + (n := int.from_bytes(got[:3], "big")):
            if got[3] == 4 and not got[4]:
                c.sendall(bytes([0, 0, 0, 4, 1, 0, 0, 0, 0]))
            said = "GOAWAY, " if got[3] == 7 else said
            got = got[9 + n:]
    return "open after 12 s"

started, seen = [], {}
try:
    for name, (command, text) in SERVERS.items():
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        open(f"{dir}/{name}.conf", "w").write(text.replace("PORT", str(port)))
        started.append(subprocess.Popen([a.replace("PORT", str(port)) for a in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True))
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.1)
        both = [threading.Thread(target=lambda p=p: seen.update({(name, p): watch(port, p)})) for p in (False, True)]
        [t.start() for t in both], [t.join() for t in both]
        print(f"{name:<8} quiet: {seen[name, False]:<30} with PINGs: {seen[name, True]}", flush=True)
finally:
    for p in started:
        p.terminate()
        p.wait()
quiet = {n: seen[n, False] for n in SERVERS}
same = all("closed after 4" in q for q in quiet.values()) and [n for n in quiet if "GOAWAY" not in quiet[n]] == ["varnish"]
same = same and [n for n in SERVERS if seen[n, True].startswith("open")] == ["apache", "varnish"]
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY
