package proof_test

// upstreams lists what upstreams_real_test.go runs: proxies as clients of their upstreams.
func upstreams() []proof { return nil }
