package native

import (
	"strings"

	"example.com/keeptune/model"
)

const javaPropertiesUse = "Call KeepAlive.apply() before the first request, which reads the values once; or start java with the flags at the end."

// javaProperty sets a system property.
func javaProperty(param model.ParamID, name string, steps []step, never string) setter {
	return setter{knob: knob{param: param, line: `System.setProperty("` + name + `", "%s");`, steps: steps, never: never}}
}

// javaProperties is the method that sets system properties.
func javaProperties(imports []string, set ...setter) []part {
	return []part{
		{always: true, open: append(imports, "final class KeepAlive {", "    static void apply() {")},
		{always: true, indent: "        ", set: set, shut: []string{"    }"}},
	}
}

// javaFlags are the same properties as flags of the command, in a comment.
func javaFlags() part {
	return part{always: true, body: func(p *page, _ *part) error {
		var flags []string
		for _, l := range p.lines {
			if rest, ok := strings.CutPrefix(strings.TrimSpace(l), `System.setProperty("`); ok {
				flags = append(flags, "-D"+strings.Replace(strings.TrimSuffix(rest, `");`), `", "`, "=", 1))
			}
		}
		p.add("}")
		if len(flags) > 0 {
			p.add("")
			p.say("", "The same as flags:")
			p.add(p.comment("java " + strings.Join(flags, " ")))
		}
		return nil
	}, read: func(*reader, *part, string) {}}
}

func javaURLConnection() layout {
	return layout{
		system: "httpurlconnection", name: "KeepAlive.java", mark: "System.", use: javaPropertiesUse, effect: "All of the JVM has it.",
		parts: append(
			javaProperties(nil,
				setter{knob: knob{param: "httpurlconnection.http.keepAlive", line: `System.setProperty("http.keepAlive", "%s");`, on: "true", off: "false"}},
				javaProperty("httpurlconnection.http.keepAlive.time.server", "http.keepAlive.time.server", bareSeconds, ""),
				javaProperty("httpurlconnection.http.maxConnections", "http.maxConnections", nil, ""),
				javaProperty("httpurlconnection.readTimeout", "sun.net.client.defaultReadTimeout", bareMilliseconds, ""),
			),
			part{
				before: "18", with: []model.ParamID{"httpurlconnection.http.keepAlive.time.server"},
				open: []string{"    // JDK 8, 11 and 17 know http.keepAlive.time.server in later updates only."},
			},
			javaFlags(),
		),
	}
}

func javaNetHTTP() layout {
	return layout{
		system: "java-http-client", name: "KeepAlive.java", mark: "java.net.http", use: javaPropertiesUse, effect: "All of the JVM has it.",
		parts: append(
			javaProperties([]string{"import java.net.URI;", "import java.net.http.HttpRequest;", "import java.time.Duration;", ""},
				javaProperty("java-http-client.jdk.httpclient.keepalive.timeout", "jdk.httpclient.keepalive.timeout", bareSeconds, ""),
				javaProperty("java-http-client.jdk.httpclient.connectionPoolSize", "jdk.httpclient.connectionPoolSize", nil, ""),
			),
			part{
				kept: true, indent: "        ", set: []setter{javaKnob("java-http-client.HttpRequest.timeout", "request.timeout(%s);", javaDuration, "")},
				open: []string{"", "    static HttpRequest.Builder request(URI uri) {", "        HttpRequest.Builder request = HttpRequest.newBuilder(uri);"},
				shut: []string{"        return request;", "    }"},
			},
			javaFlags(),
		),
	}
}

func javaReactor() layout {
	pool := func(name string, steps []step) setter {
		return javaProperty(model.ParamID("reactor-netty.reactor.netty.pool."+name), "reactor.netty.pool."+name, steps, "-1")
	}
	option := func(name, option string, steps []step) setter {
		return javaKnob(model.ParamID("reactor-netty."+name), "client = client.option("+option+", %s);", steps, "")
	}
	return layout{
		system: "reactor-netty", name: "KeepAlive.java", mark: "reactor.netty", use: javaPropertiesUse,
		effect: "Connection pools that are made before keep what they have; KeepAlive.create() is a client with the rest.",
		parts: append(
			javaProperties([]string{
				"import io.netty.channel.ChannelOption;", "import io.netty.channel.epoll.EpollChannelOption;", "import java.time.Duration;",
				"import reactor.netty.http.client.HttpClient;", "",
			}, pool("maxIdleTime", bareMilliseconds), pool("maxLifeTime", bareMilliseconds), pool("maxConnections", nil)),
			part{
				always: true, indent: "        ", set: []setter{
					javaKnob("reactor-netty.responseTimeout", "client = client.responseTimeout(%s);", javaDuration, ""),
					option("tcp_keepalive", "ChannelOption.SO_KEEPALIVE", nil),
				},
				open: []string{"", "    static HttpClient create() {", "        HttpClient client = HttpClient.create();"},
			},
			part{
				indent: "        ", open: []string{"        // These need the native epoll transport of Netty."}, set: []setter{
					option("tcp_keepidle", "EpollChannelOption.TCP_KEEPIDLE", bareSeconds),
					option("tcp_keepintvl", "EpollChannelOption.TCP_KEEPINTVL", bareSeconds),
					option("tcp_keepcnt", "EpollChannelOption.TCP_KEEPCNT", nil),
				},
			},
			part{always: true, open: []string{"        return client;", "    }"}},
			javaFlags(),
		),
	}
}

func javaOkHTTP() layout {
	idle, most := model.ParamID("okhttp.keepAliveDuration"), model.ParamID("okhttp.maxIdleConnections")
	return layout{
		system: "okhttp", name: "KeepAliveClient.java", mark: "okhttp3", use: javaUse, effect: javaEffect,
		parts: []part{
			{
				always: true, indent: "        ", set: []setter{
					javaKnob("okhttp.readTimeout", "builder.readTimeout(%s);", javaDuration, ""),
					javaKnob("okhttp.writeTimeout", "builder.writeTimeout(%s);", javaDuration, ""),
				},
				open: []string{
					"import java.io.IOException;", "import java.net.InetAddress;", "import java.net.Socket;", "import java.time.Duration;",
					"import java.util.concurrent.TimeUnit;", "import javax.net.SocketFactory;", "import okhttp3.ConnectionPool;", "import okhttp3.OkHttpClient;", "",
					"final class KeepAliveClient {", "    static OkHttpClient create() {", "        OkHttpClient.Builder builder = new OkHttpClient.Builder();",
				},
			},
			{
				indent: "        ", set: []setter{
					{knob: knob{param: most, line: "int maxIdleConnections = %s;"}, whole: true},
					{knob: knob{param: idle, line: "Duration keepAliveDuration = %s;", steps: javaDuration}, whole: true},
				},
				shut: []string{"        builder.connectionPool(new ConnectionPool(maxIdleConnections, keepAliveDuration.toMillis(), TimeUnit.MILLISECONDS));"},
			},
			{with: []model.ParamID{"okhttp.tcp_keepalive"}, open: []string{"        builder.socketFactory(new Probing());"}},
			{always: true, open: []string{"        return builder.build();", "    }"}},
			{
				indent: "            ", set: []setter{javaKnob("okhttp.tcp_keepalive", "socket.setKeepAlive(%s);", nil, "")},
				open: []string{
					"", "    private static final class Probing extends SocketFactory {", "        private final SocketFactory plain = SocketFactory.getDefault();", "",
					"        private Socket set(Socket socket) throws IOException {",
				},
				shut: []string{
					"            return socket;", "        }", "",
					"        @Override public Socket createSocket() throws IOException { return set(plain.createSocket()); }", "",
					"        @Override public Socket createSocket(String host, int port) throws IOException { return set(plain.createSocket(host, port)); }", "",
					"        @Override public Socket createSocket(InetAddress host, int port) throws IOException { return set(plain.createSocket(host, port)); }", "",
					"        @Override public Socket createSocket(String host, int port, InetAddress from, int fromPort) throws IOException {",
					"            return set(plain.createSocket(host, port, from, fromPort));", "        }", "",
					"        @Override public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) throws IOException {",
					"            return set(plain.createSocket(host, port, from, fromPort));", "        }", "    }",
				},
			},
			{always: true, open: []string{"}"}},
		},
	}
}
