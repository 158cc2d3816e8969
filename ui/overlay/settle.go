package overlay

import "example.com/keeptune/ui/contract"

// What is in view, how long a page is and where things stand is found out by drawing. Settle
// keeps it; View draws a copy, so that it changes nothing.

// Settle keeps what follows from the size.
func (p *Picker) Settle(c *contract.Context, w, h int) { p.draw(c, w, h) }

// View draws it.
func (p *Picker) View(c *contract.Context, w, h int) string {
	shown := *p
	return shown.draw(c, w, h)
}

// Settle keeps what follows from the size.
func (o *Help) Settle(c *contract.Context, w, h int) { o.draw(c, w, h) }

// View draws it.
func (o *Help) View(c *contract.Context, w, h int) string {
	shown := *o
	return shown.draw(c, w, h)
}

// Settle keeps what follows from the size.
func (o *SystemPage) Settle(c *contract.Context, w, h int) { o.draw(c, w, h) }

// View draws it.
func (o *SystemPage) View(c *contract.Context, w, h int) string {
	shown := *o
	return shown.draw(c, w, h)
}

// Settle keeps what follows from the size.
func (o *Options) Settle(c *contract.Context, w, h int) { o.draw(c, w, h) }

// View draws it.
func (o *Options) View(c *contract.Context, w, h int) string {
	shown := *o
	return shown.draw(c, w, h)
}

// Settle keeps what follows from the size.
func (o *Plain) Settle(c *contract.Context, w, h int) { o.draw(c, w, h) }

// View draws it.
func (o *Plain) View(c *contract.Context, w, h int) string {
	shown := *o
	return shown.draw(c, w, h)
}

// Settle keeps what follows from the size.
func (o *Confirm) Settle(c *contract.Context, w, h int) { o.draw(c, w, h) }

// View draws it.
func (o *Confirm) View(c *contract.Context, w, h int) string {
	shown := *o
	return shown.draw(c, w, h)
}

// Settle keeps what follows from the size.
func (o *Choice) Settle(c *contract.Context, w, h int) { o.draw(c, w, h) }

// View draws it.
func (o *Choice) View(c *contract.Context, w, h int) string {
	shown := *o
	return shown.draw(c, w, h)
}

// Compute finds what fits the field.
func (p *Picker) Compute(c *contract.Context) { p.begin(p.list(c)) }

// Settle keeps what follows from the size.
func (o *Goals) Settle(c *contract.Context, w, h int) { o.draw(c, w, h) }

// View draws the page over the whole screen.
func (o *Goals) View(c *contract.Context, w, h int) string {
	drawn := *o
	return drawn.draw(c, w, h)
}

// Settle keeps what follows from the size.
func (o *Compare) Settle(c *contract.Context, w, h int) { o.draw(c, w, h) }

// View draws the comparison over the whole screen.
func (o *Compare) View(c *contract.Context, w, h int) string {
	shown := *o
	return shown.draw(c, w, h)
}

// Settle keeps what follows from the size.
func (o *Keys) Settle(c *contract.Context, w, h int) { o.draw(c, w, h) }

// View draws it.
func (o *Keys) View(c *contract.Context, w, h int) string {
	shown := *o
	return shown.draw(c, w, h)
}
