package pane

import (
	"slices"

	"example.com/keeptune/model"
)

// seldom are those that only some rules look at: they are shown where they are
// given, and to whoever looks for them.
var seldom = []question{
	{model.QuantityPeriod, " of requests", "The time between two requests on one connection, where they come regularly: polling, health checks. With it: whether they meet the moment of a close again and again."},
	{model.QuantityPosts, " among them", "Whether requests are among them that must not be sent twice, such as POST. With it: what a client or proxy does not repeat is an error rather than a warning."},
	{model.QuantitySlowest, " answer", "The longest time that the server works on a request without sending a byte. With it: whether a box on the way forgets the connection meanwhile."},
	{model.QuantityNotice, " within", "A dead peer is to be noticed within this time. With it: which end takes longer, on a quiet connection and with data in flight."},
	{model.QuantityBudget, ", packets/s", "What TCP probes may cost, in packets per second. It needs arrivals or connections, too."},
	{model.QuantityGrace, " to end", "How long a server has to end when it is told to, before it is killed. With it: whether its idle connections take longer."},
	{model.QuantityReloads, " while serving", "Whether the server is reloaded or restarted while it serves. With it: what becomes of idle connections then."},
	{model.QuantityTLS, "", "Whether connections speak TLS, so that each new one costs a handshake."},
	{model.QuantityHTTP2, "", "Whether connections speak HTTP/2, which knows neither Keep-Alive nor a number of requests."},
	{model.QuantityLossy, " network", "Whether packets get lost, or transfers are large and fast."},
	{model.QuantityContainer, " of its own", "Whether the server runs in a network namespace of its own: a container, a pod. The sysctls of the machine do not hold there."},
	{model.QuantityInstances, " of the client", "How many processes of the client there are, each with a pool of its own."},
	{model.QuantityCapacity, " of the server", "How many connections the server can have at once: worker_connections times workers, max_connections."},
	{model.QuantityRaced, " seen", "How many requests were seen to meet a close of the server and got no answer, in a capture. With it: a race is no possibility, but what happens."},
	{model.QuantityDescriptors, " of the server", "How many files a process of the server may have open (ulimit -n)."},
}

// questions are all of them.
var questions = slices.Concat(asked, seldom)
