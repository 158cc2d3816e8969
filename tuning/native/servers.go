package native

// serverSyntaxes are the formats of servers and proxies, of app servers, of
// frameworks with a server of their own, and of proxies in clusters.
func serverSyntaxes() []*syntax {
	return []*syntax{
		nginx(), apache(), htaccess(), haproxy(), caddy(), lighttpd(), varnish(), squid(), h2o(), trafficserver(),
		applicationhost(), iisAppcmd(), netsh(),
		tomcat(), jetty(), gunicorn(), uvicorn(), hypercorn(), puma(), passenger(),
		spring(), undertow(), kestrel(), envoy(), traefik(),
	}
}
