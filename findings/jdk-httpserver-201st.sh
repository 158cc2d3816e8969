#!/bin/sh
# JDK 17.0.21's own HTTP server, com.sun.net.httpserver (Debian 12, packages
# openjdk-17-jre-headless and openjdk-17-jdk-headless 17.0.21.1+2-1~deb12u1), which
# jwebserver and many metrics exporters serve with.
#
# It keeps 200 idle connections: from the 201st on each is closed right after its
# answer, which does not say so, and a client that reuses it loses its request. The
# others end 30 to 40 s after their answers; one that never asked anything never.
#
# Seen (one request on each of 204 connections, then silence):
#   connections 1 to 200    open after 3 s
#   connections 201 to 204  closed after 0.0 s, no Connection header
#   after one of the first 200 has gone, the next one stays
#
# Exits with 1 where it is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download openjdk-17-jre-headless=17.0.21.1+2-1~deb12u1 openjdk-17-jdk-headless=17.0.21.1+2-1~deb12u1 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
jdk=$(echo "$dir"/usr/lib/jvm/java-17-openjdk-*)
# Links into /etc, which lies beside it here.
find "$jdk" -xtype l | while read -r link; do ln -sfn "$dir$(readlink "$link")" "$link"; done
cat >Serve.java <<'JAVA'
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;

public class Serve {
    public static void main(String[] args) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write("ok".getBytes());
            exchange.close();
        });
        server.start();
        System.out.println(server.getAddress().getPort());
    }
}
JAVA
python3 - "$jdk" <<'PY'
import select, socket, subprocess, sys, time

java = subprocess.Popen([sys.argv[1] + "/bin/java", "-Xshare:off", "Serve.java"], stdout=subprocess.PIPE)
try:
    port = int(java.stdout.readline())

    def ask():
        s = socket.create_connection(("127.0.0.1", port), 20)
        s.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        got = b""
        while not got.endswith(b"ok"):
            got += s.recv(4096)
        time.sleep(0.005)  # the server books an exchange after its answer
        return s, b"connection:" in got.lower()

    def ended(sockets, seconds):
        time.sleep(seconds)
        return [s in select.select(sockets, [], [], 0)[0] for s in sockets]

    asked = [ask() for _ in range(204)]
    sockets = [s for s, _ in asked]
    closed = ended(sockets, 3)
    print(f"1 to 200: {closed[:200].count(True)} closed after 3 s; 201 to 204: {closed[200:].count(True)} closed, "
          f"{sum(said for _, said in asked)} answers with a Connection header", flush=True)
    sockets[0].close()
    time.sleep(1)
    after = ended([ask()[0]], 1)
    print(f"one of the 200 gone, the next: {'closed' if after[0] else 'open'}")
    same = closed == [False] * 200 + [True] * 4 and not any(said for _, said in asked) and after == [False]
finally:
    java.terminate()
    java.wait()
print("as seen before" if same else "CHANGED")
sys.exit(0 if same else 1)
PY
