//go:build real

package proof_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/livetest/run/realserver"
	"example.com/keeptune/tuning/native"
)

// A product is a server that the suite runs twice: at its defaults, and with what is
// exported for some settings.
type product struct {
	system   model.SystemID
	variant  string // tells the products of one system apart
	version  func(testing.TB) string
	path     string             // what is requested; empty is /
	defaults []string           // settings that start makes of its own accord: what has no default
	sets     []string           // settings of the second run
	format   string             // what exports them; empty: config says them
	config   string             // what the second run is started with, where nothing exports it
	before   livetest.CloseKind // the end of a connection that never asked; empty: as of an idle one
	start    func(t testing.TB, exported string) *realserver.Server
	turns    chan struct{} // products that share one run no more than it holds at a time; nil: all at once
}

// A prediction is what the catalog says of a server at a version with some settings.
type prediction struct {
	document       model.Document
	report         tuning.Report
	idle, before   span
	requests       int  // 0: no limit
	announces      bool // the last reply says close
	asked, unasked string
	socket         realserver.SocketTimes
	close          livetest.CloseKind
	beforeClose    livetest.CloseKind
}

// predict asks the catalog; every interval of the tests comes from here.
func (p *product) predict(t testing.TB, sets []string) prediction {
	t.Helper()
	x := prediction{beforeClose: p.before}
	x.document, x.report, x.idle, x.before = limitsOf(t, string(p.system)+"@"+p.version(t), sets)
	leg := &x.report.Legs[0]
	if n := leg.Limit.Requests; n != nil && n.Ref.Endpoint == leg.Server.Endpoint.ID {
		x.requests, x.announces = int(n.Count), n.LastSaysClose
	}
	x.asked, x.unasked = hintTo(leg, "yes"), hintTo(leg, "no")
	x.socket = socketTimes(t, &leg.Server)
	x.close = livetest.CloseKind(leg.Server.Face.Close)
	if x.beforeClose == "" {
		x.beforeClose = x.close
	}
	return x
}

// hintTo is the Keep-Alive header for a client that asks or does not ask to keep the
// connection; empty for none.
func hintTo(leg *tuning.Leg, asks model.Answer) string {
	client := leg.Client
	face := *client.Face
	face.Asks = asks
	client.Face = &face
	d, ok := tuning.HintOf(&client, &leg.Server)
	if !ok {
		return ""
	}
	text := "timeout=" + d.String()
	sends, _ := model.At(leg.Server.System.Order, leg.Server.Face.Sends, leg.Server.Version)
	if row := leg.Server.First(model.RoleRequests); sends.Max && row != nil {
		if n, ok := row.Value.Count(); ok {
			text += fmt.Sprintf(" max=%d", n)
		}
	}
	return text
}

// export renders the settings as a user would.
func (p *product) export(t testing.TB, x prediction) string {
	t.Helper()
	f, err := native.Find(p.format)
	if err != nil {
		t.Fatal(err)
	}
	files, err := f.Render(native.Request{
		Document: x.document, Report: x.report, Catalog: model.Embedded(), Date: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC), Version: "0.1.0",
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	return string(files[0].Content)
}

// claims is what the suite says it settles for a product.
func (p *product) claims(t testing.TB, all []proof) []model.Aspect {
	t.Helper()
	i := slices.IndexFunc(all, func(x proof) bool { return x.System == p.system && x.Side == model.FaceServer })
	if i < 0 {
		t.Fatalf("%s is not in the suite", p.system)
	}
	return all[i].What
}
