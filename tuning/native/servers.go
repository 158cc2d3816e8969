package native

// serverSyntaxes are the formats of servers and proxies, then those of app servers.
func serverSyntaxes() []*syntax {
	return []*syntax{
		nginx(), apache(), htaccess(), haproxy(), caddy(), lighttpd(), varnish(), squid(), h2o(), trafficserver(), applicationhost(),
		tomcat(), jetty(), gunicorn(), uvicorn(), hypercorn(), puma(), passenger(),
	}
}
