package wire

import _ "embed" // the schemas

//go:generate go test -run TestSchemas -update .

var (
	//go:embed check.schema.json
	checkSchema []byte
	//go:embed calc.schema.json
	calcSchema []byte
	//go:embed probe.schema.json
	probeSchema []byte
	//go:embed systems.schema.json
	systemsSchema []byte
	//go:embed lab.schema.json
	labSchema []byte
	//go:embed import.schema.json
	importSchema []byte
	//go:embed explain.schema.json
	explainSchema []byte
	//go:embed presets.schema.json
	presetsSchema []byte
	//go:embed census.schema.json
	censusSchema []byte
	//go:embed namespaces.schema.json
	namespacesSchema []byte
	//go:embed trial.schema.json
	trialSchema []byte
	//go:embed tracked.schema.json
	trackedSchema []byte
	//go:embed pcap.schema.json
	pcapSchema []byte
	//go:embed solve.schema.json
	solveSchema []byte
	//go:embed verify.schema.json
	verifySchema []byte
	//go:embed status.schema.json
	statusSchema []byte
	//go:embed host.schema.json
	hostSchema []byte
)

// Schemas are the JSON Schemas of the outputs, by the command that prints them.
func Schemas() map[string][]byte {
	return map[string][]byte{
		"check":      checkSchema,
		"calc":       calcSchema,
		"probe":      probeSchema,
		"systems":    systemsSchema,
		"lab":        labSchema,
		"import":     importSchema,
		"explain":    explainSchema,
		"solve":      solveSchema,
		"presets":    presetsSchema,
		"census":     censusSchema,
		"trial":      trialSchema,
		"tracked":    trackedSchema,
		"namespaces": namespacesSchema,
		"pcap":       pcapSchema,
		"status":     statusSchema,
		"host":       hostSchema,
		"verify":     verifySchema,
	}
}
