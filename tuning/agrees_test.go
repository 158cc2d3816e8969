package tuning

import (
	"testing"
	"time"

	"example.com/keeptune/model"
)

// A close agrees with a timer's spread from 50 ms before it to a tenth and a second after it,
// as a busy host comes late; a candidate has 50 ms and a hundredth of its time on either side.
func TestWhatAgreesWithATimer(t *testing.T) {
	t.Parallel()
	const milli, sec = time.Millisecond, time.Second
	for _, x := range []struct {
		from, to, low, high time.Duration
		agrees, fits        bool
	}{
		{100 * sec, 130 * sec, 100*sec - 50*milli, 130*sec + 50*milli, true, true},
		{100 * sec, 130 * sec, 100*sec - 50*milli - 1, 130 * sec, false, true},
		{100 * sec, 130 * sec, 100 * sec, 144 * sec, true, false},
		{100 * sec, 130 * sec, 100 * sec, 144*sec + 1, false, false},
		{100 * sec, 130 * sec, 99*sec - 50*milli, 131*sec + 50*milli, false, true},
		{100 * sec, 130 * sec, 99*sec - 50*milli - 1, 130 * sec, false, false},
		{100 * sec, 130 * sec, 100 * sec, 131*sec + 50*milli + 1, true, false},
		// What is exact may be off by a tenth and a second.
		{100 * sec, 100 * sec, 110 * sec, 112 * sec, true, false},
		{100 * sec, 100 * sec, 110 * sec, 112*sec + 2, false, false},
		{100 * sec, 100 * sec, 88 * sec, 90 * sec, true, false},
		{100 * sec, 100 * sec, 88*sec - 2, 90 * sec, false, false},
	} {
		if got := Agrees(x.from, x.to, x.low, x.high); got != x.agrees {
			t.Errorf("%v to %v, closes from %v to %v: agrees %v", x.from, x.to, x.low, x.high, got)
		}
		if got := fits(x.from, x.to, x.low, x.high); got != x.fits {
			t.Errorf("%v to %v, closes from %v to %v: fits %v", x.from, x.to, x.low, x.high, got)
		}
	}
}

// First comes what the target calls itself, then what is closest, be it shorter or longer;
// products that are not on the path count where it has none that the words allow.
func TestTheOrderOfCandidates(t *testing.T) {
	t.Parallel()
	const sec = time.Second
	all := []Candidate{
		{Value: 60 * sec, fit: fitSilent},
		{Value: 45 * sec, fit: fitSilent},
		{Value: 52 * sec, fit: fitSilent},
		{Value: 50 * sec, fit: fitAgainst},
		{Value: 90 * sec, fit: fitNamed},
	}
	nearest(all, 50*sec)
	for i, want := range []time.Duration{90, 52, 45, 60, 50} {
		if all[i].Value != want*sec {
			t.Errorf("place %d has %v, want %d s", i+1, all[i].Value, want)
		}
	}
	on, off, against := Candidate{Name: "on"}, Candidate{Name: "off"}, Candidate{Name: "against", fit: fitAgainst}
	for _, x := range []struct {
		path []Candidate
		want string
	}{{nil, "off"}, {[]Candidate{on}, "on"}, {[]Candidate{against}, "off against"}, {[]Candidate{on, against}, "on against"}} {
		got := ""
		for _, c := range Explaining(x.path, []Candidate{off}) {
			got += " " + c.Name
		}
		if got != " "+x.want {
			t.Errorf("%v: %s, want %s", x.path, got, x.want)
		}
	}
	// A box between has a timer, too.
	c := model.Embedded()
	p, err := model.ParsePath("chrome > firewall > nginx", c)
	if err != nil {
		t.Fatal(err)
	}
	d, err := model.Document{Path: p}.Assign(c, "firewall:idle_timeout=30s")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Analyze(d, NewEnv(c, 0))
	if err != nil {
		t.Fatal(err)
	}
	if got := Candidates(r, 30*sec, 30*sec, ParamRef{}, Called{}); len(got) != 1 || got[0].Ref.Endpoint != "firewall" {
		t.Errorf("30 s are %+v", got)
	}
}
