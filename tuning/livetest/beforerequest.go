package livetest

import "example.com/keeptune/model"

// MeasureBeforeRequest measures the idle timeout of a connection that sent nothing.
const (
	MeasureBeforeRequest Measurement = "before-request"
	RoleBeforeRequest                = Role(MeasureBeforeRequest)
)

var beforeRequest = silence{
	traits: &traits{name: MeasureBeforeRequest, stage: silent, usual: true, plain: true, silence: "before a request", opening: true},
	title:  "BEFORE REQUEST", samples: 2, roles: []model.Role{model.RoleFirstByte, model.RoleHeader},
}
