package livetest

// MeasureHead asks whether a connection persists after HEAD.
const (
	MeasureHead Measurement = "head"
	RoleHead                = Role(MeasureHead)
)

var head = yesNo{
	traits: &traits{name: MeasureHead, stage: short, usual: true, apart: true, yes: EventHead},
	title:  "HEAD", label: "HEAD", yesText: "the connection is kept open", no: "the connection is not kept open",
}
