package proof_test

import "example.com/keeptune/model"

// packagedServers are the systems of this list that can be installed.
var packagedServers []model.SystemID

// servers lists what servers_real_test.go runs.
func servers() []proof { return nil }
