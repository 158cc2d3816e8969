#!/bin/sh
# Apache httpd 2.4.71 (Debian 12, package apache2-bin 2.4.71-1~deb12u1).
#
# 1. KeepAliveTimeout knows units (ms, s, mi, h). Timeout,
#    ProxyTimeout, ttl= and timeout= take the digits and drop the rest without a
#    word: "ProxyTimeout 1min" is one second, "timeout=2500ms" is 2,500 seconds.
# 2. A ProxyPass of the server config comes before one of the same path in the
#    virtual host, not after it.
# 3. A virtual host without a KeepAliveTimeout closes after that of the first
#    virtual host of its address, and advertises that of the server config.
#
# Seen:
#   units    502 after 1.0 s with ProxyTimeout 1min; no answer in 3 s with timeout=2500ms
#   order    answered by the server config's backend
#   hint     Keep-Alive: timeout=4, closed after 1.0 s
#
# Exits with 1 where one of the three is otherwise.
set -eu
dir=$(mktemp -d)
chmod 755 "$dir"

trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download apache2-bin=2.4.71-1~deb12u1 libapr1=1.7.2-3+deb12u1 libaprutil1=1.6.3-1+deb12u1 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
LD_LIBRARY_PATH=$(dirname "$(find "$dir" -name 'libapr-1.so.0' | head -n 1)")
export LD_LIBRARY_PATH
python3 - "$dir" <<'PY'
import http.server, os, socket, subprocess, sys, threading, time

dir = sys.argv[1]

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.server.name.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

def backend(name):
    s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    s.name = name
    threading.Thread(target=s.serve_forever, daemon=True).start()
    return s.server_address[1]

silent = socket.create_server(("127.0.0.1", 0))
silent_port = silent.getsockname()[1]
main, host = backend("server config"), backend("virtual host")
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
modules = "\n".join(f"LoadModule {m}_module {dir}/usr/lib/apache2/modules/mod_{m}.so" for m in ("mpm_event", "authz_core", "proxy", "proxy_http"))
user = "User nobody\nGroup nogroup\n" if os.geteuid() == 0 else ""
open(f"{dir}/httpd.conf", "w").write(f"""
ServerRoot {dir}
ServerName localhost
PidFile {dir}/pid
DefaultRuntimeDir {dir}
ErrorLog {dir}/error.log
{user}{modules}
Listen 127.0.0.1:{port}
KeepAliveTimeout 4
ProxyTimeout 1min
ProxyPass /minute http://127.0.0.1:{silent_port}/minute
ProxyPass /millis http://127.0.0.1:{silent_port}/millis timeout=2500ms
ProxyPass /both http://127.0.0.1:{main}/
<VirtualHost *:{port}>
ServerName first
KeepAliveTimeout 1
</VirtualHost>
<VirtualHost *:{port}>
ServerName second
ProxyPass /both http://127.0.0.1:{host}/
</VirtualHost>
""")
httpd = subprocess.Popen([f"{dir}/usr/sbin/apache2", "-d", dir, "-f", f"{dir}/httpd.conf", "-DFOREGROUND"])
try:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.1)
    def ask(path, wait):
        s = socket.create_connection(("127.0.0.1", port))
        s.settimeout(wait)
        s.sendall(f"GET {path} HTTP/1.1\r\nHost: second\r\nConnection: keep-alive\r\n\r\n".encode())
        begin = time.monotonic()
        try:
            got = s.recv(65536).decode()
            if path == "/both":
                while "\r\n\r\n" not in got or got.endswith("\r\n\r\n"):
                    got += s.recv(65536).decode()
        except TimeoutError:
            got = ""
        return s, got, time.monotonic() - begin
    _, minute, took = ask("/minute", 10)
    print(f"units    ProxyTimeout 1min: {minute[9:12] or 'nothing'} after {took:.1f} s")
    _, millis, waited = ask("/millis", 3.5)
    print(f"units    timeout=2500ms: {millis[9:12] or 'nothing'} after {waited:.1f} s")
    _, both, _ = ask("/both", 10)
    print(f"order    answered by: {both[both.find(chr(13) + chr(10) * 1 + chr(13)) + 4:].strip()}")
    s, hint, _ = ask("/none", 10)
    while not hint.rstrip().endswith("</html>"):
        hint += s.recv(65536).decode()
    begin = time.monotonic()
    s.recv(1)
    closed = time.monotonic() - begin
    told = [l for l in hint.splitlines() if l.startswith("Keep-Alive")]
    print(f"hint     {told}, closed after {closed:.1f} s")
    same = minute.startswith("HTTP/1.1 502") and took < 5 and not millis and both.endswith("server config") and "timeout=4" in told[0] and closed < 3
    print("as seen before" if same else "CHANGED")
finally:
    httpd.terminate()
    httpd.wait()
sys.exit(0 if same else 1)
PY
