package livetest

import "example.com/keeptune/model"

// MeasureMidHeader measures the idle timeout inside a request's header.
const (
	MeasureMidHeader Measurement = "mid-header"
	RoleMidHeader                = Role(MeasureMidHeader)
)

var midHeader = silence{
	traits: &traits{name: MeasureMidHeader, stage: silent, usual: true, silence: "inside a header", opening: true},
	title:  "MID-HEADER", samples: 1, roles: []model.Role{model.RoleHeader},
}
