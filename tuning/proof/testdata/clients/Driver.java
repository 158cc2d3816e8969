import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import okhttp3.OkHttpClient;
import okhttp3.RequestBody;
import org.apache.http.client.methods.RequestBuilder;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.entity.StringEntity;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClients;
import org.apache.http.util.EntityUtils;

/** One command per line: CLIENT METHOD URL. One answer per line: the status, or "error" and why. */
public class Driver {
    static final String BODY = "x=1";
    static final HttpClient JDK = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    static final CloseableHttpClient APACHE = HttpClients.createDefault();
    static final OkHttpClient OK = new OkHttpClient.Builder().proxy(Proxy.NO_PROXY)
            .connectionPool(pool()).build();

    /** The default pool, or one with another time and room for every seat. */
    static okhttp3.ConnectionPool pool() {
        Long seconds = Long.getLong("okhttp.seconds");
        return seconds == null ? new okhttp3.ConnectionPool()
                : new okhttp3.ConnectionPool(64, seconds, java.util.concurrent.TimeUnit.SECONDS);
    }

    static int urlConnection(String method, String url) throws Exception {
        HttpURLConnection c = (HttpURLConnection) new URL(url).openConnection(Proxy.NO_PROXY);
        c.setRequestMethod(method);
        if (!method.equals("GET")) {
            c.setDoOutput(true);
            c.getOutputStream().write(BODY.getBytes());
        }
        int status = c.getResponseCode();
        try (InputStream in = c.getInputStream()) {
            in.readAllBytes();
        }
        return status;
    }

    static int jdk(String method, String url) throws Exception {
        HttpRequest.BodyPublisher body = method.equals("GET")
                ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(BODY);
        HttpRequest request = HttpRequest.newBuilder(URI.create(url)).method(method, body).build();
        return JDK.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
    }

    static int apache(String method, String url) throws Exception {
        RequestBuilder request = RequestBuilder.create(method).setUri(url);
        if (!method.equals("GET")) {
            request.setEntity(new StringEntity(BODY));
        }
        try (CloseableHttpResponse response = APACHE.execute(request.build())) {
            EntityUtils.consume(response.getEntity());
            return response.getStatusLine().getStatusCode();
        }
    }

    static int okhttp(String method, String url) throws Exception {
        RequestBody body = method.equals("GET") ? null : RequestBody.create(null, BODY);
        okhttp3.Request request = new okhttp3.Request.Builder().url(url).method(method, body).build();
        try (okhttp3.Response response = OK.newCall(request).execute()) {
            response.body().bytes();
            return response.code();
        }
    }

    static int run(String client, String method, String url) throws Exception {
        switch (client) {
            case "httpurlconnection": return urlConnection(method, url);
            case "java-http-client": return jdk(method, url);
            case "apache-httpclient-4": return apache(method, url);
            default: return okhttp(method, url);
        }
    }

    public static void main(String[] args) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        System.out.println("ready");
        for (String line; (line = lines.readLine()) != null; ) {
            String[] word = line.split(" ");
            try {
                System.out.println(run(word[0], word[1], word[2]));
            } catch (Exception e) {
                System.out.println("error " + e.getClass().getSimpleName());
            }
        }
        System.exit(0);
    }
}
