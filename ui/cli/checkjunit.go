package cli

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"example.com/keeptune/tuning"
)

// checkJUnit is a check for a build server: one test case for each problem,
// failed where it is an error and skipped otherwise or where it is suppressed, and one
// that passes for each leg without any.
func checkJUnit(w io.Writer, c checked) error {
	type note struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
	type testCase struct {
		Class   string `xml:"classname,attr"`
		Name    string `xml:"name,attr"`
		Failure *note  `xml:"failure"`
		Skipped *note  `xml:"skipped"`
	}
	type suite struct {
		XMLName  xml.Name   `xml:"testsuite"`
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Skipped  int        `xml:"skipped,attr"`
		Cases    []testCase `xml:"testcase"`
	}
	s := suite{Name: "keeptune check " + c.document.Path.String()}
	found := problems(c.report)
	for i := range c.report.Legs {
		leg := &c.report.Legs[i]
		name := fmt.Sprintf("leg %d: %s to %s", i+1, leg.Client.Endpoint.ID, leg.Server.Endpoint.ID)
		clean := true
		for _, p := range found {
			if p.leg != i {
				continue
			}
			clean = false
			one := testCase{Class: "keeptune." + p.rule.ID, Name: name}
			switch {
			case p.accepted != "":
				one.Skipped = &note{Message: "suppressed: " + p.accepted, Text: p.severity.String() + ": " + p.told()}
				s.Skipped++
			case p.severity == tuning.Error:
				one.Failure = &note{Message: p.text, Type: p.rule.ID, Text: strings.Join(p.because, "\n")}
				s.Failures++
			default:
				one.Skipped = &note{Message: p.severity.String() + ": " + p.told()}
				s.Skipped++
			}
			s.Cases = append(s.Cases, one)
		}
		if clean {
			s.Cases = append(s.Cases, testCase{Class: "keeptune.leg", Name: name})
		}
	}
	s.Tests = len(s.Cases)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(s); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
