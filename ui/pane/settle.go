package pane

import "example.com/keeptune/ui/contract"

// What is in view, how long a page is and where things stand is found out by drawing. Settle
// keeps it; View draws a copy, so that it changes nothing.

// Settle keeps what follows from the size.
func (t *Tune) Settle(c *contract.Context, w, h int) {
	t.settles, t.hits = true, t.hits[:0]
	t.draw(c, w, h)
	t.settles = false
}

// View draws it.
func (t *Tune) View(c *contract.Context, w, h int) string {
	shown := struct {
		Tune
		inspector Inspector
		path      pathEditor
	}{Tune: *t, inspector: *t.inspector}
	shown.Tune.inspector = &shown.inspector
	if t.path != nil {
		shown.path = *t.path
		shown.Tune.path = &shown.path
	}
	return shown.draw(c, w, h)
}

// Settle keeps what follows from the size.
func (p *Why) Settle(c *contract.Context, w, h int) { p.draw(c, w, h) }

// View draws it.
func (p *Why) View(c *contract.Context, w, h int) string {
	shown := *p
	return shown.draw(c, w, h)
}

// Settle keeps what follows from the size.
func (p *Test) Settle(c *contract.Context, w, h int) { p.draw(c, w, h) }

// View draws it.
func (p *Test) View(c *contract.Context, w, h int) string {
	shown := *p
	return shown.draw(c, w, h)
}

// Settle keeps what follows from the size.
func (p *Export) Settle(c *contract.Context, w, h int) { p.draw(c, w, h) }

// View draws it.
func (p *Export) View(c *contract.Context, w, h int) string {
	shown := *p
	return shown.draw(c, w, h)
}

// Settle keeps what follows from the size.
func (p *Journal) Settle(c *contract.Context, w, h int) { p.draw(c, w, h) }

// View draws it.
func (p *Journal) View(c *contract.Context, w, h int) string {
	shown := *p
	return shown.draw(c, w, h)
}

// Settle keeps what follows from the size.
func (p *TradeOff) Settle(c *contract.Context, w, h int) { p.draw(c, w, h) }

// View draws it.
func (p *TradeOff) View(c *contract.Context, w, h int) string {
	shown := *p
	return shown.draw(c, w, h)
}

// Settle keeps what follows from the size.
func (p *Inspector) Settle(c *contract.Context, w, h int) { p.draw(c, w, h) }

// View draws it.
func (p *Inspector) View(c *contract.Context, w, h int) string {
	shown := *p
	return shown.draw(c, w, h)
}

// Settle keeps what follows from the size.
func (p *Findings) Settle(c *contract.Context, w, h int) { p.draw(c, w, h) }

// View draws it.
func (p *Findings) View(c *contract.Context, w, h int) string {
	shown := *p
	return shown.draw(c, w, h)
}

// Compute renders every format.
func (p *Export) Compute(c *contract.Context) { p.render(c) }

// Compute sweeps the selected setting.
func (p *TradeOff) Compute(c *contract.Context) { p.sweep(c) }
