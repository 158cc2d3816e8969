package proof_test

import "example.com/keeptune/model"

// packagedDaemons are the systems of this list that can be installed.
var packagedDaemons []model.SystemID

// daemons lists what daemons_real_test.go runs.
func daemons() []proof { return nil }
