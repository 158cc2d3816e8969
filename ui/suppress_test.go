package ui

import "testing"

func TestAFindingIsSuppressedForAReason(t *testing.T) {
	d := sit(t, "aws-alb > node@22", 80, 24)
	d.shows("E ORD-1", "2 why (1)").press("2", "s").shows("suppress ORD-1 because:", "as error and no graver")
	d.press("Enter").shows("! ORD-1 needs a reason to be suppressed", "ORD-1").press("s", "no log shows any", "Enter")
	d.shows("ORD-1 is suppressed: it is listed apart", "Suppressed", "reason: no log shows any").lacks("2 why (1)")
	d.press("1").shows("(1 suppressed)", "RACE").press("f").shows("nothing to fix")
	d.press("u").shows("undone: suppress ORD-1: no log shows any").press("k").shows("E ORD-1").press("Ctrl+r", "k").lacks("E ORD-1")
	d.press("5").shows("suppress ORD-1: no log shows any", "undo: suppress ORD-1")
	// What is mended hides nothing, and is told so.
	d.press("1", ":", "set server:keepAliveTimeout=90s", "Enter", "2").shows("ORD-1 hides nothing: it does not fire").press("u")
	d.press("2", "S").shows("suppressed findings", "ORD-1: no log shows any", "error: the server may close").press("Enter")
	d.shows("ORD-1 counts again", "2 why (1)").press("S").lacks("suppressed findings")
}

func TestSuppressingIsACommand(t *testing.T) {
	d := sit(t, "aws-alb > node@22", 80, 24)
	d.press(":", "suppress", "Enter").shows("nothing is suppressed").press(":", "suppress ORD-9", "Enter").shows("! \"ORD-9\" is not RULE")
	d.press(":", "suppress ORD-1@node.keepAliveTimeout=no log shows any", "Enter").shows("ORD-1 is suppressed").lacks("E ORD-1")
	d.press(":", "suppress ORD-1@node.keepAliveTimeout=it is a test", "Enter").press(":", "suppress", "Enter").shows("ORD-1: it is a test").lacks("no log")
	d.press("Esc", ":", "path aws-alb > nginx", "Enter", "2").lacks("it is a test")
}
