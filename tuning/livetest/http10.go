package livetest

// MeasureHTTP10 asks whether an HTTP/1.0 connection persists.
const (
	MeasureHTTP10 Measurement = "http10"
	RoleHTTP10                = Role(MeasureHTTP10)
)

var http10 = yesNo{
	traits: &traits{name: MeasureHTTP10, stage: short, usual: true, apart: true, yes: EventHTTP10},
	title:  "HTTP/1.0", label: "HTTP/1.0", yesText: "is kept open when asked", no: "is not kept open",
}
