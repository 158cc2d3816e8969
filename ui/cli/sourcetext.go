package cli

import (
	"fmt"
	"slices"

	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
)

// sources says for each system of a leg whether it was run, and from which of
// the user's files it comes.
func sources(leg *tuning.Leg) []string {
	var out []string
	add := func(id model.EndpointID, s *model.System, side model.FaceKind) {
		out = append(out, fmt.Sprintf("%s %s%s", id, proofText(s.ProofOf(side)), fromFile(s)))
	}
	add(leg.Client.Endpoint.ID, leg.Client.System, model.FaceClient)
	for i := range leg.Boxes {
		add(leg.Boxes[i].Endpoint.ID, leg.Boxes[i].System, model.FaceHost)
	}
	add(leg.Server.Endpoint.ID, leg.Server.System, model.FaceServer)
	for _, s := range []*tuning.Side{&leg.Client, &leg.Server} {
		if text := string(s.Host.ID) + fromFile(s.Host); s.Host.Origin != "" && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// proofText is a proof in a few words.
func proofText(p *model.Proof) string {
	if p == nil {
		return "documented only"
	}
	return model.Clean(fmt.Sprintf("run at %s (%s, %s)", p.Version, p.Package, p.Seen), 120)
}

func fromFile(s *model.System) string {
	if s.Origin == "" {
		return ""
	}
	return ", from " + model.Clean(s.Origin, 300)
}
