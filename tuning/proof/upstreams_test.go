package proof_test

import "example.com/keeptune/model"

// packagedUpstreams are the proxies whose client face can be run.
var packagedUpstreams []model.SystemID

// upstreams lists what upstreams_real_test.go runs: proxies as clients of their upstreams.
func upstreams() []proof { return nil }
