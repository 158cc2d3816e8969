package sockopt_test

import (
	"os"
	"testing"

	"example.com/keeptune/tuning/sockopt"
	"example.com/keeptune/tuning/trial"
)

func TestMain(m *testing.M) {
	if code, inside := trial.Inside(sockopt.Kinds()); inside {
		os.Exit(code)
	}
	os.Exit(m.Run())
}
