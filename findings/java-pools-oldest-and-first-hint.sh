#!/bin/sh
# OpenJDK 17.0.21 (Debian 12, packages openjdk-17-jre-headless and
# openjdk-17-jdk-headless 17.0.21.1+2-1~deb12u1).
#
# 1. java.net.http.HttpClient takes from its pool the connection that has been
#    idle longest. One request at a time then goes round all connections that a
#    rush has opened: none of them gets old enough to leave, and each next request
#    meets the one that a server is about to close.
# 2. HttpURLConnection keeps the first Keep-Alive time that a host names for as
#    long as it has a connection to it: told 20 s once and 2 s since, it sends a
#    request after 4 s of silence on the old connection.
#
# Seen (connections are numbered as the server accepts them):
#   HttpClient, three at once, then six one by one: 1 2 3 1 2 3
#   HttpURLConnection, told 20 s, told 2 s, 4 s later: connections 1 1 1
#   HttpURLConnection, told 2 s, 4 s later:            connections 1 2
#
# Exits with 1 where one of the two is otherwise.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
apt-get -qq download openjdk-17-jre-headless=17.0.21.1+2-1~deb12u1 openjdk-17-jdk-headless=17.0.21.1+2-1~deb12u1 >/dev/null 2>&1
for deb in *.deb; do dpkg-deb -x "$deb" .; done
find usr/lib/jvm -type l | while read -r link; do
	case $(readlink "$link") in /etc/*) ln -sfn "$dir$(readlink "$link")" "$link" ;; esac
done
cat >Pools.java <<'JAVA'
import java.io.*;
import java.net.*;
import java.net.http.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.stream.*;

public class Pools {
	/** A server that notes on which connection each request came, and names the time it is told to. */
	static class Server {
		final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
		final List<Integer> requests = Collections.synchronizedList(new ArrayList<>());
		final CyclicBarrier rush = new CyclicBarrier(3);
		volatile String hint = "timeout=20";

		Server() throws IOException {
			daemon(() -> {
				for (int id = 1;; id++) {
					Socket c = socket.accept();
					int connection = id;
					daemon(() -> serve(c, connection));
				}
			});
		}

		Object serve(Socket c, int connection) throws Exception {
			BufferedReader in = new BufferedReader(new InputStreamReader(c.getInputStream()));
			for (String request; (request = in.readLine()) != null;) {
				while (!in.readLine().isEmpty()) { }
				requests.add(connection);
				if (request.contains("/rush")) rush.await();
				c.getOutputStream().write(("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: " + hint
					+ "\r\nContent-Length: 2\r\n\r\nok").getBytes());
			}
			return null;
		}

		URI uri(String path) {
			return URI.create("http://127.0.0.1:" + socket.getLocalPort() + path);
		}
	}

	static void daemon(Callable<?> what) {
		Thread t = new Thread(() -> { try { what.call(); } catch (Exception e) { } });
		t.setDaemon(true);
		t.start();
	}

	static void get(Server s, String hint) throws Exception {
		s.hint = hint;
		s.uri("/").toURL().openConnection().getInputStream().readAllBytes();
	}

	static String text(List<Integer> l) {
		return l.stream().map(String::valueOf).collect(Collectors.joining(" "));
	}

	public static void main(String[] args) throws Exception {
		Server one = new Server();
		HttpClient client = HttpClient.newHttpClient();
		HttpResponse.BodyHandler<String> body = HttpResponse.BodyHandlers.ofString();
		HttpRequest rush = HttpRequest.newBuilder(one.uri("/rush")).build();
		List<CompletableFuture<?>> all = new ArrayList<>();
		for (int i = 0; i < 3; i++) all.add(client.sendAsync(rush, body));
		for (CompletableFuture<?> f : all) f.get();
		one.requests.clear();
		for (int i = 0; i < 6; i++) client.send(HttpRequest.newBuilder(one.uri("/")).build(), body);
		System.out.println("HttpClient, three at once, then six one by one: " + text(one.requests));

		Server two = new Server();
		get(two, "timeout=20");
		get(two, "timeout=2");
		Server three = new Server();
		get(three, "timeout=2");
		Thread.sleep(4000);
		get(two, "timeout=2");
		get(three, "timeout=2");
		System.out.println("HttpURLConnection, told 20 s, told 2 s, 4 s later: connections " + text(two.requests));
		System.out.println("HttpURLConnection, told 2 s, 4 s later:            connections " + text(three.requests));

		List<Integer> r = one.requests;
		boolean round = r.size() == 6 && new HashSet<>(r.subList(0, 3)).size() == 3 && r.subList(0, 3).equals(r.subList(3, 6));
		boolean same = round && text(two.requests).equals("1 1 1") && text(three.requests).equals("1 2");
		System.out.println(same ? "as seen before" : "CHANGED");
		System.exit(same ? 0 : 1);
	}
}
JAVA
timeout 90 usr/lib/jvm/java-17-openjdk-amd64/bin/java Pools.java
