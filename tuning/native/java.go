package native

import (
	"time"

	"example.com/keeptune/model"
)

// javaSpan is a call with a time, such as Duration.ofSeconds(30); minutes are read only.
func javaSpan(class, millis string) []step {
	return []step{{time.Second, class + ".ofSeconds(%s)"}, {time.Minute, class + ".ofMinutes(%s)"}, {time.Millisecond, class + "." + millis + "(%s)"}}
}

var javaDuration = javaSpan("Duration", "ofMillis")

func java() *syntax {
	return codeSyntax(
		syntax{
			id:    "java",
			signs: []string{`import (org\.apache\.h|okhttp3|java\.net\.http|reactor\.netty)|setProperty\("(http\.keepAlive|jdk\.httpclient)`},
			title: "Java: Apache HttpClient, HttpURLConnection, java.net.http, OkHttp, Reactor Netty", comment: slashes,
			checks: []check{{"apache-httpclient-4", "4.5.14", "javac"}, {"okhttp", "3.13", "javac"}, {"httpurlconnection", "17", "javac"}, {"java-http-client", "17", "javac"}},
		},
		javaApache4(), javaApache5(), javaURLConnection(), javaNetHTTP(), javaOkHTTP(), javaReactor(),
	)
}

// javaKnob is a statement that sets a parameter.
func javaKnob(param model.ParamID, line string, steps []step, never string) setter {
	return setter{knob: knob{param: param, line: line, steps: steps, never: never}}
}

const (
	javaEffect = "Only requests of this client have it."
	javaUse    = "Put the class into a package of yours; KeepAliveClient.create() makes a client. Make one and keep it."
)

func javaApache4() layout {
	units := []step{{time.Second, "%s, TimeUnit.SECONDS"}, {time.Millisecond, "%s, TimeUnit.MILLISECONDS"}}
	return layout{
		system: "apache-httpclient-4", name: "KeepAliveClient.java", mark: "org.apache.http.", use: javaUse, effect: javaEffect,
		parts: []part{
			{
				always: true, indent: "        ",
				set: []setter{javaKnob("apache-httpclient-4.connectionTimeToLive", "builder.setConnectionTimeToLive(%s);", units, "-1, TimeUnit.SECONDS")},
				open: []string{
					"import java.util.concurrent.TimeUnit;", "import org.apache.http.client.config.RequestConfig;", "import org.apache.http.config.SocketConfig;",
					"import org.apache.http.impl.client.CloseableHttpClient;", "import org.apache.http.impl.client.DefaultConnectionKeepAliveStrategy;",
					"import org.apache.http.impl.client.HttpClientBuilder;", "", "final class KeepAliveClient {",
					"    static CloseableHttpClient create() {", "        HttpClientBuilder builder = HttpClientBuilder.create();",
				},
			},
			{
				indent: "        ", set: []setter{javaKnob("apache-httpclient-4.keepAliveStrategy", "long idle = %s; // ms, without a hint of the server",
					[]step{{time.Second, "TimeUnit.SECONDS.toMillis(%s)"}, {time.Millisecond, ""}}, "-1")},
				shut: []string{
					"        builder.setKeepAliveStrategy((response, context) -> {",
					"            long hint = DefaultConnectionKeepAliveStrategy.INSTANCE.getKeepAliveDuration(response, context);",
					"            return hint > 0 ? hint : idle;", "        });",
				},
			},
			{
				indent: "        ", set: []setter{javaKnob("apache-httpclient-4.maxPerRoute", "builder.setMaxConnPerRoute(%s);", nil, "")},
				open: []string{"        // All hosts together have 20 connections, unless setMaxConnTotal says otherwise."},
			},
			{indent: "        ", set: []setter{javaKnob("apache-httpclient-4.tcp_keepalive", "builder.setDefaultSocketConfig(SocketConfig.custom().setSoKeepAlive(%s).build());", nil, "")}},
			{indent: "        ", set: []setter{javaKnob("apache-httpclient-4.soTimeout", "builder.setDefaultRequestConfig(RequestConfig.custom().setSocketTimeout(%s).build());", bareMilliseconds, "")}},
			{always: true, open: []string{"        return builder.build();", "    }", "}"}},
		},
	}
}

func javaApache5() layout {
	value, timeout := javaSpan("TimeValue", "ofMilliseconds"), javaSpan("Timeout", "ofMilliseconds")
	lived := model.ParamID("apache-httpclient-5.timeToLive")
	return layout{
		system: "apache-httpclient-5", name: "KeepAliveClient.java", mark: "org.apache.hc.", use: javaUse, effect: javaEffect,
		parts: []part{
			{
				always: true, indent: "        ", set: []setter{
					javaKnob("apache-httpclient-5.connectionKeepAlive", "request.setConnectionKeepAlive(%s);", value, ""),
					javaKnob("apache-httpclient-5.responseTimeout", "request.setResponseTimeout(%s);", timeout, "Timeout.DISABLED"),
				},
				open: []string{
					"import org.apache.hc.client5.http.config.*;", "import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;",
					"import org.apache.hc.client5.http.impl.classic.HttpClients;", "import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;",
					"import org.apache.hc.core5.http.io.SocketConfig;", "import org.apache.hc.core5.util.TimeValue;", "import org.apache.hc.core5.util.Timeout;", "",
					"final class KeepAliveClient {", "    static CloseableHttpClient create() {", "        RequestConfig.Builder request = RequestConfig.custom();",
				},
			},
			{always: true, open: []string{"        PoolingHttpClientConnectionManagerBuilder pool = PoolingHttpClientConnectionManagerBuilder.create();"}},
			{
				indent: "        ", set: []setter{javaKnob("apache-httpclient-5.maxPerRoute", "pool.setMaxConnPerRoute(%s);", nil, "")},
				open: []string{"        // All hosts together have 25 connections, unless setMaxConnTotal says otherwise."},
			},
			{before: "5.2", indent: "        ", set: []setter{javaKnob(lived, "pool.setConnectionTimeToLive(%s);", value, "")}},
			{since: "5.2", indent: "        ", set: []setter{javaKnob(lived, "pool.setDefaultConnectionConfig(ConnectionConfig.custom().setTimeToLive(%s).build());", value, "")}},
			{
				indent: "        ", set: []setter{
					javaKnob("apache-httpclient-5.tcp_keepalive", "socket.setSoKeepAlive(%s);", nil, ""),
					javaKnob("apache-httpclient-5.tcp_keepidle", "socket.setTcpKeepIdle(%s);", bareSeconds, ""),
					javaKnob("apache-httpclient-5.tcp_keepintvl", "socket.setTcpKeepInterval(%s);", bareSeconds, ""),
					javaKnob("apache-httpclient-5.tcp_keepcnt", "socket.setTcpKeepCount(%s);", nil, ""),
				},
				open: []string{"        SocketConfig.Builder socket = SocketConfig.custom();"}, shut: []string{"        pool.setDefaultSocketConfig(socket.build());"},
			},
			{always: true, open: []string{
				"        return HttpClients.custom().setDefaultRequestConfig(request.build()).setConnectionManager(pool.build()).build();", "    }", "}",
			}},
		},
	}
}
