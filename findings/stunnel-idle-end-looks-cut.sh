#!/bin/sh
# stunnel 5.68 (Debian 12, package stunnel4 3:5.68-2+deb12u1; openssl).
#
# When TIMEOUTidle runs out, nobody is told that the session ended in order: the
# TLS client gets a FIN without close_notify, which libraries report as a cut
# stream (SSLEOFError in Python), and the server behind gets a reset. Nothing is
# written at the usual level of the log but "Connection reset".
#
# Seen (TIMEOUTidle 3, one answer, then silence):
#   client  SSLEOFError after 3.0 s
#   server  ConnectionResetError after 3.0 s
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download stunnel4=3:5.68-2+deb12u1 libwrap0=7.6.q-32 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 3 -subj /CN=a 2>/dev/null
LD_LIBRARY_PATH=$(dirname "$(find "$dir" -name 'libwrap.so.0' | head -n 1)")
export LD_LIBRARY_PATH
python3 - "$dir" <<'PY'
import socket, ssl, subprocess, sys, threading, time

dir = sys.argv[1]
back = socket.create_server(("127.0.0.1", 0))
with socket.create_server(("127.0.0.1", 0)) as s:
    port = s.getsockname()[1]
open(f"{dir}/stunnel.conf", "w").write(f"""
foreground = yes
pid =
[finding]
accept = 127.0.0.1:{port}
connect = 127.0.0.1:{back.getsockname()[1]}
cert = {dir}/cert.pem
key = {dir}/key.pem
TIMEOUTidle = 3
""")
seen = {}

def end(name, s, began):
    s.settimeout(20)
    try:
        how = "data" if s.recv(1) else "orderly end"
    except OSError as e:
        how = type(e).__name__
    seen[name] = how, time.monotonic() - began

def server():
    c, _ = back.accept()
    c.recv(100)
    c.sendall(b"ok")
    end("server", c, time.monotonic())

stunnel = subprocess.Popen([f"{dir}/usr/bin/stunnel4", f"{dir}/stunnel.conf"], stderr=subprocess.DEVNULL)
try:
    behind = threading.Thread(target=server, daemon=True)
    behind.start()
    for _ in range(100):
        try:
            s = socket.create_connection(("127.0.0.1", port), 10)
            break
        except ConnectionRefusedError:
            time.sleep(0.1)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    client = context.wrap_socket(s, suppress_ragged_eofs=False)
    client.sendall(b"x")
    client.recv(10)
    end("client", client, time.monotonic())
    behind.join(20)
finally:
    stunnel.terminate()
    stunnel.wait()
for name in ("client", "server"):
    print(f"{name}  {seen[name][0]} after {seen[name][1]:.1f} s")
same = seen["client"][0] == "SSLEOFError" and seen["server"][0] == "ConnectionResetError" and all(2.5 < t < 5 for _, t in seen.values())
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY
