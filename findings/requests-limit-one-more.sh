#!/bin/sh
# nginx 1.22.1, Apache httpd 2.4.71 and lighttpd 1.4.69 (Debian 12, packages nginx
# 1.22.1-9+deb12u11, apache2-bin 2.4.71-1~deb12u1 and lighttpd 1.4.69-1).
#
# How many requests one connection may carry is a number in each of them, and three is
# not three: Apache's MaxKeepAliveRequests and lighttpd's max-keep-alive-requests count
# the requests after the first one, nginx's keepalive_requests all of them. And where
# nginx's 0 and lighttpd's close after the first answer, Apache's is without end.
#
# Seen (answers on one connection, of twelve requests; the last says Connection: close):
#              limit 3   limit 0
#   nginx         3         1
#   apache        4        12, not closed
#   lighttpd      4         1
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
chmod 755 "$dir"
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download nginx=1.22.1-9+deb12u11 apache2-bin=2.4.71-1~deb12u1 libapr1=1.7.2-3+deb12u1 libaprutil1=1.6.3-1+deb12u1 \
	lighttpd=1.4.69-1 libxxhash0 libnettle8 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
LD_LIBRARY_PATH=$(dirname "$(find "$dir" -name 'libapr-1.so.0' | head -n 1)")
export LD_LIBRARY_PATH
python3 - "$dir" <<'PY'
import os, socket, subprocess, sys, time

dir = sys.argv[1]
open(f"{dir}/index.html", "w").write("ok")

def answers(name, limit, command, text):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    open(f"{dir}/{name}.conf", "w").write(text.replace("PORT", str(port)).replace("LIMIT", str(limit)))
    server = subprocess.Popen([*command, f"{dir}/{name}.conf"], stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        for _ in range(200):
            try:
                c = socket.create_connection(("127.0.0.1", port), 20)
                break
            except ConnectionRefusedError:
                time.sleep(0.1)
        n, said = 0, False
        while n < 12 and not said:
            c.sendall(b"GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n")
            answer = b""
            while not answer.endswith(b"\r\n\r\nok"):
                more = c.recv(65536)
                if not more:
                    return n, False
                answer += more
            n, said = n + 1, b"\r\nconnection: close\r\n" in answer.lower()
        return n, said
    finally:
        server.terminate()
        server.wait()

root = os.geteuid() == 0
temp = "".join(f"{m}_temp_path {dir}/t_{m};" for m in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
servers = {
    "nginx": ([f"{dir}/usr/sbin/nginx", "-c"], f"""
daemon off; pid {dir}/pid; error_log {dir}/log; events {{}} {"user nobody nogroup;" if root else ""}
http {{ access_log off; {temp} keepalive_requests LIMIT; server {{ listen 127.0.0.1:PORT; root {dir}; }} }}"""),
    "apache": ([f"{dir}/usr/sbin/apache2", "-DFOREGROUND", "-f"], "\n".join([
        f"ServerRoot {dir}", "ServerName a", "Listen 127.0.0.1:PORT", "MaxKeepAliveRequests LIMIT", f"DocumentRoot {dir}",
        f"PidFile {dir}/pid.apache", f"ErrorLog {dir}/log.apache", f"DefaultRuntimeDir {dir}", "User nobody\nGroup nogroup" if root else "",
        *(f"LoadModule {m}_module usr/lib/apache2/modules/mod_{m}.so" for m in ("mpm_event", "authz_core"))])),
    "lighttpd": ([f"{dir}/usr/sbin/lighttpd", "-D", "-m", f"{dir}/usr/lib/lighttpd", "-f"], f"""
server.document-root = "{dir}"
server.bind = "127.0.0.1"
server.port = PORT
server.max-keep-alive-requests = LIMIT
mimetype.assign = ( "" => "text/plain" )
"""),
}
seen = {}
for name, (command, text) in servers.items():
    seen[name] = [answers(name, limit, command, text) for limit in (3, 0)]
    print(f"{name:<9}", *(f"{n} answers, {'closed' if said else 'not closed'};" for n, said in seen[name]), flush=True)
same = seen == {"nginx": [(3, True), (1, True)], "apache": [(4, True), (12, False)], "lighttpd": [(4, True), (1, True)]}
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY
