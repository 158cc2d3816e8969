package cli

import (
	"fmt"
	"io"

	"example.com/keeptune/tuning"
	"example.com/keeptune/ui/cli/wire"
)

// checkSARIF is a check for code scanning: SARIF 2.1.0, one result for each
// problem.
func checkSARIF(w io.Writer, c checked) error {
	type text struct {
		Text string `json:"text"`
	}
	type logical struct {
		Name string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
	type location struct {
		Logical []logical `json:"logicalLocations"`
	}
	type suppression struct {
		Kind          string `json:"kind"`
		Status        string `json:"status"`
		Justification string `json:"justification"`
	}
	type result struct {
		Rule         string        `json:"ruleId"`
		Level        string        `json:"level"`
		Message      text          `json:"message"`
		Locations    []location    `json:"locations"`
		Suppressions []suppression `json:"suppressions,omitempty"`
	}
	type rule struct {
		ID    string `json:"id"`
		Short text   `json:"shortDescription"`
		Full  text   `json:"fullDescription"`
		Help  text   `json:"help"`
	}
	type driver struct {
		Name    string `json:"name"`
		Version string `json:"version"`
		Rules   []rule `json:"rules"`
	}
	type tool struct {
		Driver driver `json:"driver"`
	}
	type run struct {
		Tool    tool     `json:"tool"`
		Results []result `json:"results"`
	}
	levels := map[tuning.Severity]string{tuning.Info: "note", tuning.Warning: "warning", tuning.Error: "error"}
	r := run{Tool: tool{driver{Name: "keeptune", Version: versionText(), Rules: []rule{}}}, Results: []result{}}
	seen := map[string]bool{}
	for _, p := range problems(c.report) {
		if !seen[p.rule.ID] {
			seen[p.rule.ID] = true
			r.Tool.Driver.Rules = append(r.Tool.Driver.Rules, rule{
				p.rule.ID,
				text{p.rule.Title},
				text{p.rule.Why},
				text{helpOf(p.rule)},
			})
		}
		places := []logical{}
		for _, at := range p.at {
			places = append(places, logical{Name: fmt.Sprintf("leg%d/%s:%s", p.leg+1, at.Endpoint, at.Param), Kind: "parameter"})
		}
		one := result{Rule: p.rule.ID, Level: levels[p.severity], Message: text{p.told()}, Locations: []location{{places}}}
		if p.accepted != "" {
			one.Suppressions = []suppression{{Kind: "external", Status: "accepted", Justification: p.accepted}}
		}
		r.Results = append(r.Results, one)
	}
	return wire.Print(w, struct {
		Schema  string `json:"$schema"`
		Version string `json:"version"`
		Runs    []run  `json:"runs"`
	}{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []run{r}})
}

// helpOf says when a rule's advice is wrong, and where it is from.
func helpOf(r *tuning.Rule) string {
	source := "Source: " + r.Source
	if r.WrongIf == "" || r.WrongIf == "never" {
		return source
	}
	return "Does not apply if " + r.WrongIf + ". " + source
}
