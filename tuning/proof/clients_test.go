package proof_test

import "example.com/keeptune/model"

// packagedClients are the systems of this list that can be installed.
var packagedClients []model.SystemID

// clients lists what clients_real_test.go runs.
func clients() []proof { return nil }
