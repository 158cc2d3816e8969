package cli

import (
	"context"
	"errors"

	"example.com/keeptune/tuning/livetest"
)

// showReplay opens the terminal UI with a recorded test on its screen.
func (a *app) showReplay(ctx context.Context, f *probeFlags) error {
	if f.replay == "" || f.replay == "-" {
		return errors.New("--ui shows a recording: name its file with --replay")
	}
	var events []livetest.Event
	if err := a.replay(f.replay, func(e livetest.Event) { events = append(events, e) }); err != nil {
		return err
	}
	where := f.where
	if where.server != "" && where.client == "" {
		where.client = "curl"
	}
	d, err := a.document(&where, nil, startPath)
	if err != nil {
		return err
	}
	if spec := events[0].Spec; spec != nil && spec.Target.Validate() == nil {
		d.Target = spec.Target.String()
	}
	return a.open(ctx, opening{document: d, replay: events})
}
