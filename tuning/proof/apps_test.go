package proof_test

import "example.com/keeptune/model"

// packagedApps are the systems of this list that can be installed.
var packagedApps []model.SystemID

// apps lists what apps_real_test.go runs.
func apps() []proof { return nil }
