package explain_test

import (
	"strings"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning/explain"
)

// Lines after the shapes that people post, with the shape of each.
var lines = []struct{ id, line string }{
	{"nginx-upstream-closed", `2026/11/20 10:01:02 [error] 31#31: *4711 upstream prematurely closed connection while reading response header from upstream, client: 192.0.2.7, server: shop.example, request: "POST /cart?token=s3cret HTTP/1.1", upstream: "http://10.1.0.5:3000/cart?token=s3cret", host: "shop.example"`},
	{"nginx-upstream-closed", `[error] 7#7: *88 upstream prematurely closed connection while reading response header from upstream, client: 10.0.0.1`},
	{"nginx-upstream-reset", `2026/11/20 10:01:02 [error] 31#31: *9 recv() failed (104: Connection reset by peer) while reading response header from upstream, client: 192.0.2.7`},
	{"nginx-upstream-reset", `*1 recv() failed (104: Unknown error) while reading upstream, client: 192.0.2.7`},
	{"nginx-upstream-timeout", `2026/11/20 10:01:02 [error] 31#31: *12 upstream timed out (110: Connection timed out) while reading response header from upstream, client: 192.0.2.7`},
	{"nginx-upstream-timeout", `*12 upstream timed out (110: Operation timed out) while sending request to upstream`},
	{"nginx-connect-timeout", `*13 upstream timed out (110: Connection timed out) while connecting to upstream, client: 192.0.2.7`},
	{"nginx-send-broken", `*14 writev() failed (32: Broken pipe) while sending request to upstream`},
	{"nginx-refused", `*15 connect() failed (111: Connection refused) while connecting to upstream`},
	{"nginx-backlog-full", `2026/11/29 17:09:55 [error] 28971#28971: *5 connect() to unix:/run/php/php8.2-fpm.sock failed (11: Resource temporarily unavailable) while connecting to upstream, client: 192.0.2.7, server: , request: "GET / HTTP/1.1", upstream: "fastcgi://unix:/run/php/php8.2-fpm.sock:"`},
	{"php-fpm-idle-killed", `[29-Nov-2026 17:06:07] WARNING: [pool www] child 5278, script '' (request: " ") execution timed out (2.569036 sec), terminating`},
	{"php-fpm-terminated", `[29-Nov-2026 17:09:56] WARNING: [pool www] child 28972, script '/srv/www/a.php' (request: "GET /a.php") execution timed out (1.190792 sec), terminating`},
	{"php-fpm-max-children", `[29-Nov-2026 17:09:56] WARNING: [pool www] server reached pm.max_children setting (2), consider raising it`},
	{"nginx-no-live", `*16 no live upstreams while connecting to upstream, client: 192.0.2.7`},
	{"nginx-client-gone", `*17 epoll_wait() reported that client prematurely closed connection, so upstream connection is closed too while sending request to upstream`},
	{"nginx-keepalive-closed", `2026/11/20 10:01:02 [info] 31#31: *18 client 192.0.2.7 closed keepalive connection`},
	{"nginx-499", `192.0.2.7 - - [20/Nov/2026:10:01:02 +0000] "GET /report HTTP/1.1" 499 0 "-" "curl/8.5"`},
	{"haproxy-SH", `haproxy[812]: 192.0.2.7:51234 [20/Nov/2026:10:01:02.003] web app/node1 0/0/0/-1/2 502 209 - - SH-- 12/11/3/1/0 0/0 "POST /cart HTTP/1.1"`},
	{"haproxy-sH", `haproxy[812]: 192.0.2.7:51234 [20/Nov/2026:10:01:02.003] web app/node1 0/0/1/-1/50001 504 194 - - sH-- 12/11/3/1/0 0/0 "GET /slow HTTP/1.1"`},
	{"haproxy-SD", `haproxy[812]: 192.0.2.7:51234 [20/Nov/2026:10:01:02.003] web app/node1 0/0/1/4/120 200 8123 - - SD-- 12/11/3/1/0 0/0 "GET / HTTP/1.1"`},
	{"haproxy-sD", `haproxy[812]: 192.0.2.7:51234 [20/Nov/2026:10:01:02.003] db db/pg1 1/0/60004 4455 sD 2/1/1/1/0 0/0`},
	{"haproxy-cD", `haproxy[812]: 192.0.2.7:51234 [20/Nov/2026:10:01:02.003] db db/pg1 1/0/50005 4455 cD 2/1/1/1/0 0/0`},
	{"haproxy-CD", `haproxy[812]: 192.0.2.7:51234 [20/Nov/2026:10:01:02.003] web app/node1 0/0/1/4/+120 200 +8123 - - CD-- 12/11/3/1/+0 0/0 "GET / HTTP/1.1"`},
	{"haproxy-sC", `haproxy[812]: 192.0.2.7:51234 [20/Nov/2026:10:01:02.003] web app/node1 0/0/-1/-1/5003 503 212 - - sC-- 12/11/3/1/3 0/0 "GET / HTTP/1.1"`},
	{"haproxy-SC", `haproxy[812]: 192.0.2.7:51234 [20/Nov/2026:10:01:02.003] web app/node1 0/0/-1/-1/3003 503 212 - - SC-- 12/11/3/1/3 0/0 "GET / HTTP/1.1"`},
	{"haproxy-CH", `haproxy[812]: 192.0.2.7:51234 [20/Nov/2026:10:01:02.003] web app/node1 0/0/1/-1/3003 -1 0 - - CH-- 12/11/3/1/0 0/0 "GET / HTTP/1.1"`},
	{"haproxy-cR", `haproxy[812]: 192.0.2.7:51234 [20/Nov/2026:10:01:02.003] web web/<NOSRV> -1/-1/-1/-1/10001 408 212 - - cR-- 2/2/0/0/0 0/0 "<BADREQ>"`},
	{"haproxy-sQ", `haproxy[812]: 192.0.2.7:51234 [20/Nov/2026:10:01:02.003] web app/<NOSRV> 0/30001/-1/-1/30001 503 212 - - sQ-- 99/99/64/64/0 0/12 "GET / HTTP/1.1"`},
	{"envoy-UC", `[2026-11-20T10:01:02.003Z] "POST /cart HTTP/1.1" 503 UC 120 95 1 - "192.0.2.7" "curl/8.5" "6f2c" "shop" "10.1.0.5:3000"`},
	{"envoy-UC", `[2026-11-20T10:01:02.003Z] "GET / HTTP/1.1" 503 UC upstream_reset_before_response_started{connection_termination} - "-" 0 95 11 - "-" "Go-http-client/1.1"`},
	{"envoy-UC", `{"response_code":503,"response_flags":"UC","duration":2}`},
	{"envoy-UF", `[2026-11-20T10:01:02.003Z] "GET / HTTP/1.1" 503 UF,URX 0 91 30 - "-" "-"`},
	{"envoy-UT", `[2026-11-20T10:01:02.003Z] "GET /slow HTTP/1.1" 504 UT 0 24 15000 - "-" "-"`},
	{"envoy-UR", `[2026-11-20T10:01:02.003Z] "GET / HTTP/2" 503 UR 0 95 4 - "-" "-"`},
	{"envoy-SI", `[2026-11-20T10:01:02.003Z] "GET /events HTTP/2" 200 SI 0 4096 300012 5 "-" "-"`},
	{"envoy-DC", `[2026-11-20T10:01:02.003Z] "GET / HTTP/1.1" 0 DC 0 0 3000 - "-" "-"`},
	{"envoy-reset-details", `Sending local reply with details upstream_reset_before_response_started{connection_termination}`},
	{"envoy-reset-details", `response_code_details: upstream_reset_before_response_started{connection termination}`},
	{"haproxy-SD", `{"haproxy_timestamp":"29/May/2022:17:43:23 +0000","http_status":-1,"bytes_read":0,"session_duration":"273","termination_state":"SD"}`},
	{"haproxy-sH", `{"status":504,"termination_state": "sH--"}`},
	{"envoy-reset-text", `503 Service Unavailable: upstream connect error or disconnect/reset before headers. reset reason: connection termination`},
	{"alb-502", `http 2026-11-20T10:01:02.186641Z app/web/50dc6c495c0c9188 192.0.2.7:2817 10.0.0.1:80 0.000 -1 -1 502 - 34 366 "GET http://shop.example:80/ HTTP/1.1" "curl/8.5" - -`},
	{"alb-504", `h2 2026-11-20T10:01:02.186641Z app/web/50dc6c495c0c9188 192.0.2.7:2817 10.0.0.1:80 0.000 -1 -1 504 - 34 366 "GET https://shop.example:443/ HTTP/2.0" "curl/8.5"`},
	{"alb-460", `https 2026-11-20T10:01:02.186641Z app/web/50dc6c495c0c9188 192.0.2.7:2817 10.0.0.1:80 0.001 3.002 -1 460 - 34 0 "GET https://shop.example:443/ HTTP/1.1"`},
	{"gcp-closed", `"statusDetails": "backend_connection_closed_before_data_sent_to_client"`},
	{"apache-status-line", `[proxy_http:error] [pid 7] (104)Connection reset by peer: [client 192.0.2.7:5] AH01102: error reading status line from remote server 10.1.0.5:8080`},
	{"apache-proxy-timeout", `[Fri Jan 28 14:18:33.838658 2022] [proxy_http:error] [pid 119] (70007)The timeout specified has expired: [client 192.0.2.7:52924] AH01102: error reading status line from remote server localhost:8000, referer: https://192.0.2.8:8080/containers`},
	{"apache-status-line", `[Wed Jun 17 13:08:52.089713 2020] [proxy_http:error] [pid 12181:tid 140023206749952] (20014)Internal error (specific information not available): [client 192.0.2.7:39416] AH01102: error reading status line from remote server 127.0.0.1:9001`},
	{"apache-proxy-read", `[proxy:error] [pid 7] [client 192.0.2.7:5] AH00898: Error reading from remote server returned by /app`},
	{"apache-workers", `[mpm_prefork:error] [pid 7] AH00484: server reached MaxRequestWorkers setting, consider raising the MaxRequestWorkers setting`},
	{"iis-idle", `2026-11-20 10:01:02 192.0.2.7 54697 198.51.100.4 80 - - - - - Timer_ConnectionIdle -`},
	{"varnish-first-byte", `-   FetchError     first byte timeout (reused connection)`},
	{"varnish-eof", `-   FetchError     HTC eof (-1)`},
	{"varnish-rx-timeout", `-   SessClose      RX_TIMEOUT 5.004`},
	{"node-hang-up", `Error: socket hang up { code: 'ECONNRESET' }`},
	{"undici-other-side", `TypeError: fetch failed [cause]: SocketError: other side closed { code: 'UND_ERR_SOCKET' }`},
	{"node-etimedout", `[ioredis] Unhandled error event: Error: read ETIMEDOUT`},
	{"node-redis-closed", `SocketClosedUnexpectedlyError: Socket closed unexpectedly`},
	{"node-redis-closed", `Redis sub client error: Error: Socket closed unexpectedly`},
	{"node-econnreset", `Error: read ECONNRESET at TCP.onStreamRead (node:internal/stream_base_commons:216:20)`},
	{"node-epipe", `Error: write EPIPE`},
	{"go-closed-idle", `Post "https://api.example/v1/pay?key=abc": http: server closed idle connection`},
	{"go-eof", `Post "https://api.example/v1/pay?key=abc": EOF`},
	{"go-reset", `Get "http://10.1.0.5/": read tcp 10.0.0.2:51234->10.1.0.5:80: read: connection reset by peer`},
	{"go-timed-out", `read tcp 10.0.0.2:51234->10.1.0.5:5432: read: connection timed out`},
	{"go-awaiting-headers", `Get "http://10.1.0.5/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`},
	{"grpc-too-many-pings", `rpc error: code = Unavailable desc = closing transport due to: connection error: desc = "error reading from server: EOF", received prior goaway: code: ENHANCE_YOUR_CALM, debug data: "too_many_pings"`},
	{"grpc-keepalive-ack", `rpc error: code = Unavailable desc = keepalive ping failed to receive ACK within timeout`},
	{"grpc-closing", `rpc error: code = Unavailable desc = transport is closing`},
	{"java-no-response", `org.apache.http.NoHttpResponseException: api.example:443 failed to respond`},
	{"java-reset", `Caused by: java.net.SocketException: Connection reset`},
	{"java-read-timeout", `java.net.SocketTimeoutException: Read timed out`},
	{"reactor-premature", `reactor.netty.http.client.PrematureCloseException: Connection prematurely closed BEFORE response`},
	{"jdk-no-bytes", `java.io.IOException: HTTP/1.1 header parser received no bytes`},
	{"mysql-link-failure", `The last packet successfully received from the server was 28,801,234 milliseconds ago. The last packet sent successfully to the server was 28,801,236 milliseconds ago.`},
	{"hikari-validate", `HikariPool-1 - Failed to validate connection org.postgresql.jdbc.PgConnection@4f2 (This connection has been closed.). Possibly consider using a shorter maxLifetime value.`},
	{"python-remote-disconnected", `requests.exceptions.ConnectionError: ('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))`},
	{"python-aborted-reset", `requests.exceptions.ConnectionError: ('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))`},
	{"python-read-timeout", `HTTPConnectionPool(host='10.1.0.5', port=80): Read timed out. (read timeout=60)`},
	{"httpx-disconnected", `httpx.RemoteProtocolError: Server disconnected without sending a response.`},
	{"aiohttp-disconnected", `aiohttp.client_exceptions.ServerDisconnectedError: Server disconnected`},
	{"dotnet-kept-alive", `System.Net.WebException: The underlying connection was closed: A connection that was expected to be kept alive was closed by the server.`},
	{"dotnet-premature", `System.Net.Http.HttpIOException: The response ended prematurely. (ResponseEnded)`},
	{"windows-forcibly", `An existing connection was forcibly closed by the remote host`},
	{"pg-idle-transaction", `FATAL:  terminating connection due to idle-in-transaction timeout`},
	{"libpq-closed", `psycopg2.OperationalError: server closed the connection unexpectedly`},
	{"libpq-ssl-eof", `psycopg2.OperationalError: SSL SYSCALL error: EOF detected`},
	{"libpq-ssl-timed-out", `psycopg2.DatabaseError: SSL SYSCALL error: Operation timed out`},
	{"libpq-ssl-timed-out", `SSL SYSCALL error: Connection timed out`},
	{"libpq-timed-out", `could not receive data from server: Connection timed out`},
	{"pg-client-lost", `LOG:  could not receive data from client: Connection reset by peer`},
	{"mysql-got-timeout", `[Note] Aborted connection 3 to db: 'shop' user: 'app' host: '172.18.0.1' (Got timeout reading communication packets)`},
	{"mysql-got-error", `2016-01-21T16:44:56.300678Z 3 [Note] Aborted connection 3 to db: 'unconnected' user: 'root' host: 'localhost' (Got an error reading communication packets)`},
	{"mysql-gone-away", `ERROR 2006 (HY000): MySQL server has gone away`},
	{"rabbitmq-heartbeat", `missed heartbeats from client, timeout: 60s`},
	{"curl-empty", `curl: (52) Empty reply from server`},
	{"curl-recv-reset", `curl: (56) Recv failure: Connection reset by peer`},
	{"curl-timeout", `curl: (28) Operation timed out after 30001 milliseconds with 0 bytes received`},
	{"ssh-server-alive", `Timeout, server gate.example not responding.`},
	{"sshd-client-alive", `sshd[912]: Timeout, client not responding from user app 192.0.2.7 port 50022`},
	{"ssh-broken-pipe", `client_loop: send disconnect: Broken pipe`},
	{"ssh-broken-pipe", `packet_write_wait: Connection to 192.0.2.7 port 22: Broken pipe`},
	{"putty-abort", `Network error: Software caused connection abort`},
	{"putty-unexpected", `FATAL ERROR: Remote side unexpectedly closed network connection`},
	{"go-connect-timeout", `Get "http://10.0.0.1/": dial tcp 10.0.0.1:80: i/o timeout`},
	{"go-io-timeout", `read tcp 10.0.0.1:5000->10.0.0.2:80: i/o timeout`},
	{"go-tls-timeout", `net/http: TLS handshake timeout`},
	{"node-connect-timeout", `Error: connect ETIMEDOUT 10.0.0.1:443`},
	{"undici-connect-timeout", `ConnectTimeoutError: Connect Timeout Error (attempted address: x.example:443, timeout: 10000ms)`},
	{"undici-connect-code", `cause: { code: 'UND_ERR_CONNECT_TIMEOUT' }`},
	{"python-connect-timeout", `requests.exceptions.ConnectTimeout: HTTPConnectionPool(host='x', port=80): Max retries exceeded with url: / (Caused by ConnectTimeoutError(...))`},
	{"aiohttp-timeout", `aiohttp.client_exceptions.ServerTimeoutError: Timeout on reading data from socket`},
	{"java-connect-timeout", `java.net.SocketTimeoutException: connect timed out`},
	{"java-connect-timeout", `Caused by: java.net.ConnectException: Connection timed out (Connection timed out)`},
	{"curl-connect-timeout", `curl: (28) Failed to connect to x.example port 443 after 130000 ms: Connection timed out`},
	{"curl-connect-refused", `curl: (7) Failed to connect to 127.0.0.1 port 1 after 0 ms: Couldn't connect to server`},
	{"ruby-open-timeout", `Net::OpenTimeout: execution expired`},
	{"ruby-read-timeout", `Net::ReadTimeout with #<TCPSocket:(closed)>`},
	{"ruby-reset", `Errno::ECONNRESET: Connection reset by peer`},
	{"ruby-eof", `EOFError: end of file reached`},
	{"php-connect-timeout", `PHP Warning:  fsockopen(): Unable to connect to db.example:80 (Connection timed out) in /srv/a.php on line 3`},
	{"dotnet-client-timeout", `System.Threading.Tasks.TaskCanceledException: The request was canceled due to the configured HttpClient.Timeout of 100 seconds elapsing.`},
	{"windows-connect-timeout", `A connection attempt failed because the connected party did not properly respond after a period of time`},
	{"apache-connect-failed", `(111)Connection refused: AH00957: http: attempt to connect to 10.0.0.1:80 (10.0.0.1:80) failed`},
	{"apache-worker-off", `AH00959: ap_proxy_connect_backend disabling worker for (10.0.0.1:80) for 60s`},
	{"apache-backend-failed", `AH01114: HTTP: failed to make connection to backend: 10.0.0.1`},
	{"apache-scoreboard", `AH00485: scoreboard is full, not at MaxRequestWorkers`},
	{"envoy-text-UF", `response_flags: UF`},
	{"envoy-text-UH", `response_flags: UH`},
	{"envoy-text-NR", `response_flags: NR`},
	{"refused", `dial tcp 10.0.0.1:80: connect: connection refused`},
	{"refused", `java.net.ConnectException: Connection refused`},
	{"refused", `requests.exceptions.ConnectionError: HTTPConnectionPool(host='x', port=80): Max retries exceeded with url: / (Caused by NewConnectionError('<urllib3.connection.HTTPConnection object>: Failed to establish a new connection: [Errno 111] Connection refused'))`},
	{"refused-code", `Error: connect ECONNREFUSED 127.0.0.1:3000`},
	{"name-go", `dial tcp: lookup x.example: no such host`},
	{"name-node", `Error: getaddrinfo ENOTFOUND x.example`},
	{"name-node-again", `getaddrinfo EAI_AGAIN x.example`},
	{"name-python", `socket.gaierror: [Errno -2] Name or service not known`},
	{"name-curl", `curl: (6) Could not resolve host: x.example`},
	{"name-java", `java.net.UnknownHostException: x.example`},
	{"certificate-go", `x509: certificate signed by unknown authority`},
	{"certificate-java", `javax.net.ssl.SSLHandshakeException: PKIX path building failed`},
	{"certificate-openssl", `ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed`},
	{"certificate-curl", `curl: (60) SSL certificate problem: self-signed certificate`},
}

// Lines that tell of something else, or of what no shape is sure about.
var strangers = []string{
	`192.0.2.7 - - [20/Nov/2026:10:01:02 +0000] "GET /a?b=499 HTTP/1.1" 200 499 "-" "curl/8.5"`,
	`haproxy[812]: 192.0.2.7:51234 [20/Nov/2026:10:01:02.003] web app/node1 0/0/1/4/6 200 8123 - - ---- 12/11/3/1/0 0/0 "GET / HTTP/1.1"`,
	`haproxy[812]: 192.0.2.7:51234 [20/Nov/2026:10:01:02.003] web app/node1 0/0/1/4/6 200 8123 - - ---- 12/11/3/1/0 0/0 "GET /SH-- HTTP/1.1"`,
	`[2026-11-20T10:01:02.003Z] "GET / HTTP/1.1" 200 - 0 95 11 10 "-" "-"`,
	`[2026-11-20T10:01:02.003Z] "GET /UC HTTP/1.1" 200 - 0 95 11 10 "UC browser" "-"`,
	`http 2026-11-20T10:01:02.186641Z app/web/50dc 192.0.2.7:2817 10.0.0.1:80 0.000 0.001 0.000 502 502 34 366 "GET / HTTP/1.1"`,
	`http 2026-11-20T10:01:02.186641Z app/web/50dc 192.0.2.7:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET / HTTP/1.1"`,
	`WebSocket closed unexpectedly: 1006`,
	`{"status":200,"termination_state":"----"}`,
	`upstream_reset_before_response_started{overflow}`,
	`SSL SYSCALL error: Bad file descriptor`,
	`panic: runtime error: index out of range [3] with length 3`,
	`unexpected EOF`,
	`Broken pipe`,
	`SELECT * FROM t; -- backend_timeouts`,
	`INFO started in 5 s`,
	`the quick brown fox`,
	`Timeout, please respond.`,
	`java.net.SocketException: Too many open files`,
}

func TestLinesAreKnown(t *testing.T) {
	if len(lines) < 60 {
		t.Fatalf("%d lines, want 60", len(lines))
	}
	seen := map[string]bool{}
	for _, c := range lines {
		found, ok := explain.ReadLine(c.line)
		switch {
		case !ok:
			t.Errorf("%s is not known: %s", c.id, c.line)
			continue
		case found.Shape.ID != c.id:
			t.Errorf("%s, want %s: %s", found.Shape.ID, c.id, c.line)
		}
		seen[found.Shape.ID] = true
		for _, secret := range []string{"s3cret", "key=abc", "\x1b"} {
			if strings.Contains(found.Excerpt, secret) {
				t.Errorf("%s repeats a secret: %s", c.id, found.Excerpt)
			}
		}
	}
	t.Logf("%d lines of %d shapes, of %d that are known", len(lines), len(seen), len(explain.Shapes()))
}

func TestStrangersAreNot(t *testing.T) {
	for _, line := range strangers {
		if found, ok := explain.ReadLine(line); ok {
			t.Errorf("%s: %s", found.Shape.ID, line)
		}
	}
}

// Every shape is whole: words, a source, systems of the catalog, a path that there
// is, and a symptom where it has a path that is not harmless.
func TestShapes(t *testing.T) {
	ids := map[string]bool{}
	for _, s := range explain.Shapes() {
		if s.ID == "" || ids[s.ID] || s.Program == "" || s.Means == "" || s.Closed == "" || len(s.Look) == 0 || s.Source == "" || len(s.Systems) == 0 || s.Has == "" {
			t.Errorf("%s is not whole, or twice there", s.ID)
		}
		ids[s.ID] = true
		for _, text := range append([]string{s.Means, s.Closed}, s.Look...) {
			if strings.HasSuffix(text, ".") {
				t.Errorf("%s ends with a full stop: %s", s.ID, text)
			}
		}
		for _, id := range s.Systems {
			if _, err := model.Embedded().System(id); err != nil {
				t.Errorf("%s: %v", s.ID, err)
			}
		}
		if s.Path != "" {
			if _, err := model.ParsePath(s.Path, model.Embedded()); err != nil {
				t.Errorf("%s: %v", s.ID, err)
			}
		}
	}
	if len(ids) < 40 {
		t.Errorf("%d shapes, want 40", len(ids))
	}
}

// The time in a line is explained by the settings of the system that wrote it.
func TestTheTimeOfALine(t *testing.T) {
	for _, c := range []struct {
		id    string
		want  time.Duration
		leads string // to one of the first three settings
	}{
		{"envoy-SI", 300012 * time.Millisecond, "stream_idle_timeout"},
		{"mysql-link-failure", 28801234 * time.Millisecond, "wait_timeout"},
		{"varnish-rx-timeout", 5004 * time.Millisecond, "timeout_idle"},
		{"rabbitmq-heartbeat", time.Minute, ""},
		{"nginx-upstream-closed", 0, ""},
	} {
		for _, l := range lines {
			if l.id != c.id {
				continue
			}
			found, _ := explain.ReadLine(l.line)
			if c.want == 0 != (found.Seen == nil) || found.Seen != nil && found.Seen.Low != c.want {
				t.Errorf("%s: the time is %+v, want %v", c.id, found.Seen, c.want)
				break
			}
			may, err := found.MayBe(table)
			if err != nil {
				t.Fatal(err)
			}
			ok := c.leads == ""
			for i := range may[:min(len(may), 3)] {
				ok = ok || strings.Contains(may[i].Sign.Setting, c.leads)
			}
			if !ok {
				t.Errorf("%s: %v does not lead to %s: %+v", c.id, c.want, c.leads, may)
			}
			break
		}
	}
}

func TestReadLog(t *testing.T) {
	text := lines[0].line + "\r\n\n" + strangers[0] + "\n" + lines[1].line + "\n\x1b[31m" + lines[13].line
	log := explain.ReadLog(text)
	if log.Read != 4 || log.Unknown != 1 || len(log.Lines) != 2 {
		t.Fatalf("%d read, %d unknown, %d shapes; want 4, 1, 2", log.Read, log.Unknown, len(log.Lines))
	}
	if l := log.Lines[0]; l.Number != 1 || l.Count != 2 || l.String() != "line 1 and 1 more" {
		t.Errorf("the first shape is at %s", l.String())
	}
	if l := log.Lines[1]; l.Number != 5 || l.Count != 1 {
		t.Errorf("the second shape is at %s", l.String())
	}
}

// Whether sessions drop in quiet times or in outages is asked where it is not said.
func TestAsks(t *testing.T) {
	for text, want := range map[string]bool{
		"PuTTY sessions drop":                             true,
		"windows: my ssh session dies":                    true,
		"PuTTY drops when idle":                           false,
		"PuTTY drops in a short outage":                   false,
		"18.9 s":                                          true,
		"putty drops after 18.9 s in an outage":           false,
		"dies after exactly 350 s":                        false,
		"hangs for 7875 s":                                false,
		"Network error: Software caused connection abort": true,
		"upstream prematurely closed connection":          false,
		"client_loop: send disconnect: Broken pipe":       true,
		"the browser drops":                               false,
	} {
		e, err := table.Text(text, nil)
		if err != nil {
			t.Fatal(err)
		}
		if e.Asks != want {
			t.Errorf("%q asks: %v, want %v", text, e.Asks, want)
		}
	}
	if c := explain.Choices(); len(c) != 2 || c[0].Do == c[1].Do {
		t.Error("there are not two choices with different remedies")
	}
}

func TestUnlike(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "nothing was given",
		"the quick brown fox":    `no known line in "the quick brown fox"`,
		"password: hunter2 oops": "password: …",
		"a\nb":                   "these lines (a)",
	} {
		if got := explain.Unlike(text); !strings.Contains(got, want) || strings.Contains(got, "hunter2") {
			t.Errorf("%q: %s", text, got)
		}
	}
}
