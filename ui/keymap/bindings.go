package keymap

// moving is in every scope that has rows.
var moving = []Binding{
	{Up, []string{"up", "k"}, "", "move up"},
	{Down, []string{"down", "j"}, "", "move down"},
	{PageUp, []string{"pgup"}, "", "one page up"},
	{PageDown, []string{"pgdown", " "}, "", "one page down"},
	{Top, []string{"home", "g"}, "", "to the first row"},
	{Bottom, []string{"end", "G"}, "", "to the last row"},
}

// standing is moving where Space means something else.
var standing = []Binding{
	moving[0], moving[1], moving[2],
	{PageDown, []string{"pgdown"}, "", "one page down"},
	moving[4], moving[5],
}

// testViews are the views of the live test, one key each.
var testViews = []Binding{
	{TestResults, []string{"v"}, "results", "results: configured, advertised and measured beside each other"},
	{TestLadder, []string{"l"}, "ladder", "ladder: the idle gaps that a connection outlives, and whether probes hold it"},
	{TestCurve, []string{"c"}, "curve", "curve: how many connections are still open after how much silence"},
	{TestSamples, []string{"d"}, "samples", "samples: each connection, how it ended and what TCP says of it"},
	{TestRace, []string{"h"}, "race", "race: the requests that met the close"},
	{PlanTest, []string{"p"}, "plan", "plan: what the test measures and what that costs; TCP options change while it runs"},
}

// typing is in every scope that has an open field; characters go to the field.
var typing = []Binding{
	{Cancel, []string{"esc", "ctrl+g"}, "cancel", "leave without changing anything; Backspace in an empty field does the same"},
	{ClearField, []string{"ctrl+u"}, "", "empty the field"},
}

// defaults are the bindings as shipped, in the order of the help screen.
var defaults = []Scope{
	{ID: ScopeGlobal, Title: "everywhere", Bindings: []Binding{
		{ShowHelp, []string{"?"}, "help", "show the keys that work here"},
		{Back, []string{"q", "esc", "backspace"}, "back", "go back; on the first screen q quits, asking if something is unsaved"},
		{Test, []string{"t"}, "test", "live test of the target, or of the built-in server"},
		{Export, []string{"x"}, "export", "export the configuration"},
		{Undo, []string{"u"}, "undo", "undo the last edit"},
		{Redo, []string{"ctrl+r"}, "redo", "redo what was undone"},
		{Save, []string{"w"}, "save", "save the session"},
		{Command, []string{":"}, "command", "type a command, such as :set nginx.keepalive_timeout 75s, :import FILE or :unused"},
		{Screen1, []string{"1"}, "", "tune: both ends side by side"},
		{Screen2, []string{"2"}, "", "why: every step behind the verdict"},
		{Screen3, []string{"3"}, "", "live test"},
		{Screen4, []string{"4"}, "", "export"},
		{Screen5, []string{"5"}, "", "journal of edits"},
		{Screen6, []string{"6"}, "", "trade-off: the selected time over its range"},
		{Screen7, []string{"7"}, "", "findings of the whole path: sorted, filtered, explained, put right"},
		{Begin, []string{"0"}, "", "what brings you here? symptoms, presets, your own two ends"},
		{Census, []string{"H"}, "", "this host's sockets: idle times, timers, owners"},
		{Explain, []string{"E"}, "", "what a time that was seen, or a line of a log, means"},
		{NextPane, []string{"ctrl+n"}, "", "focus the next pane in view"},
		{Options, []string{","}, "", "options: what can be set about keeptune, the values and where each is from"},
		{Mouse, []string{"m"}, "", "mouse on or off; with it on, a click selects a setting, hop or row, a second one opens it, and keys and screens can be clicked by name; hold Shift (Option on macOS) to select text"},
		{Repaint, []string{"ctrl+l"}, "", "draw the whole screen again"},
		{Suspend, []string{"ctrl+z"}, "", "suspend to the shell; fg comes back"},
		{Quit, []string{"ctrl+c"}, "", "quit, asking if something is unsaved"},
	}},
	{ID: ScopeTune, Title: "tune", Bindings: join([]Binding{
		{Edit, []string{"enter", "="}, "edit", "edit the value: 65, 65s, 1m5s, 65000ms, off, never"},
		{Toggle, []string{" "}, "", "turn a switch on or off"},
		{Raise, []string{"+"}, "more", "one step more"},
		{Lower, []string{"-"}, "less", "one step less"},
		{NextColumn, []string{"tab"}, "side", "go to the other column"},
		{ChooseClient, []string{"c"}, "client", "choose the client"},
		{ChooseServer, []string{"s"}, "server", "choose the server"},
		{Inspect, []string{"i"}, "info", "explain the selected setting, with its source"},
		{ClientOS, []string{"C"}, "", "choose the operating system of the client, with its version"},
		{ServerOS, []string{"S"}, "", "choose the operating system of the server, with its version"},
		{AskTarget, []string{"T"}, "", "type what the live test connects to"},
		{RaiseMore, []string{">", "shift+up"}, "", "one coarse step more"},
		{LowerMore, []string{"<", "_", "shift+down"}, "", "one coarse step less"},
		{ToDefault, []string{"d"}, "", "back to the default"},
		{ShowSystem, []string{"ctrl+o"}, "", "all that is known of the selected setting's system"},
		{Adopt, []string{"a"}, "", "adopt the measured value"},
		{Left, []string{"left", "h", "shift+tab"}, "", "left column"},
		{Right, []string{"right", "l"}, "", "right column"},
		{PrevLeg, []string{"["}, "", "previous leg of the path"},
		{NextLeg, []string{"]"}, "", "next leg of the path"},
		{Filter, []string{"/"}, "", "show only settings whose name contains a text"},
		{OnlyChanged, []string{"n"}, "", "show only what is not at its default"},
		{Why, []string{"e"}, "", "explain the findings and the verdict step by step"},
		{Fix, []string{"f"}, "", "what would put the gravest finding right"},
		{TradeOff, []string{"o"}, "", "trade-off: what each value of the selected time leads to"},
		{EditPath, []string{"p"}, "", "edit the path: add, remove, move and choose hops"},
	}, standing)},
	{ID: ScopePathBar, Title: "path", Bindings: []Binding{
		{Edit, []string{"enter", "="}, "choose", "choose another system or version for the selected hop"},
		{AddHop, []string{"a", "insert"}, "add", "add a hop after the selected one"},
		{RemoveHop, []string{"d", "delete"}, "remove", "take the selected hop out; the two ends stay"},
		{MoveBack, []string{"<", "shift+left"}, "move back", "move the hop towards the client"},
		{MoveOn, []string{">", "shift+right"}, "move on", "move the hop towards the server"},
		{Left, []string{"left", "h", "shift+tab"}, "", "previous hop; its leg is shown"},
		{Right, []string{"right", "l", "tab"}, "", "next hop; its leg is shown"},
		{Top, []string{"home", "g"}, "", "to the client"},
		{Bottom, []string{"end", "G"}, "", "to the server"},
		{PrevLeg, []string{"["}, "", "previous leg of the path"},
		{NextLeg, []string{"]"}, "", "next leg of the path"},
		{Why, []string{"e"}, "", "explain the findings and the verdict step by step"},
		{Fix, []string{"f"}, "", "what would put the gravest finding right"},
		{EditPath, []string{"p"}, "done", "back to the settings; q and Esc do the same"},
	}},
	{ID: ScopeInspector, Title: "inspector", Bindings: join([]Binding{
		{Inspect, []string{"i", "enter"}, "close", "close the explanation"},
		{ShowSystem, []string{"o", "ctrl+o"}, "about it", "all that is known of the system: every setting, proof, sources"},
		{Copy, []string{"y"}, "copy", "send the explanation to the terminal's clipboard"},
	}, moving)},
	{ID: ScopeFindings, Title: "why", Bindings: join([]Binding{
		{Fix, []string{"f", "enter"}, "fix", "what would put the selected finding right"},
		{NextFinding, []string{"tab"}, "next", "select the next finding"},
		{PrevFinding, []string{"shift+tab"}, "", "select the finding before"},
		{Why, []string{"e"}, "close", "back to the first screen"},
		{Suppress, []string{"s"}, "suppress", "suppress the selected finding for a reason: it is listed apart and does not count"},
		{ShowSuppressed, []string{"S"}, "", "list what is suppressed, and take it back"},
		{Copy, []string{"y"}, "copy", "send the explanation to the terminal's clipboard"},
		{PrevLeg, []string{"["}, "", "previous leg of the path"},
		{NextLeg, []string{"]"}, "", "next leg of the path"},
	}, moving)},
	{ID: ScopeList, Title: "findings", Bindings: join([]Binding{
		{Fix, []string{"f", "enter"}, "fix", "what would put the selected finding right"},
		{Filter, []string{"/"}, "filter", "show only findings with every word typed: error, leg 2, probe, nginx"},
		{Order, []string{"o"}, "sort", "sort: the gravest first, leg by leg, rule by rule"},
		{Why, []string{"e"}, "why", "every step behind the verdict of the finding's leg"},
		{GoTo, []string{"right", "l"}, "setting", "go to the setting that the finding is about"},
		{Suppress, []string{"s"}, "suppress", "suppress the selected finding for a reason: it is listed apart and does not count"},
		{ShowSuppressed, []string{"S"}, "", "list what is suppressed, and take it back"},
		{Copy, []string{"y"}, "copy", "send the list, with each finding in full, to the terminal's clipboard"},
		{Up, []string{"up", "k", "shift+tab"}, "", "the finding above; its leg is shown"},
		{Down, []string{"down", "j", "tab"}, "", "the finding below; its leg is shown"},
		{PageUp, []string{"pgup"}, "", "scroll the explanation up"},
		{PageDown, []string{"pgdown", " "}, "", "scroll the explanation down"},
		{Top, []string{"home", "g"}, "", "to the first finding"},
		{Bottom, []string{"end", "G"}, "", "to the last finding"},
	})},
	{ID: ScopeTest, Title: "live test", Bindings: join([]Binding{
		{Start, []string{"r", "enter"}, "run", "run the test"},
		{StopTest, []string{"s"}, "stop", "stop the running test"},
	}, testViews, []Binding{
		{Adopt, []string{"a"}, "adopt", "adopt what was measured: idle timeout, hint, a middlebox's timer"},
		{Fix, []string{"f"}, "setting", "go to the setting that explains what was measured"},
		{EditTarget, []string{"=", "o"}, "target", "type another target"},
		{Copy, []string{"y"}, "copy", "send the results to the terminal's clipboard"},
	}, moving)},
	{ID: ScopePlan, Title: "what to measure", Bindings: join([]Binding{
		{Toggle, []string{" "}, "switch", "switch the selected part of the test on or off"},
		{Edit, []string{"enter", "="}, "type", "type a number, a time or an address; of a switch the same as Space"},
		{Start, []string{"r"}, "run", "run the test"},
		{StopTest, []string{"s"}, "stop", "stop the running test"},
	}, testViews, standing)},
	{ID: ScopeExport, Title: "export", Bindings: join([]Binding{
		{NextFormat, []string{"right", "tab", "l"}, "format", "next format"},
		{WriteFile, []string{"enter", "o"}, "write file", "write to a file, after a look at the difference"},
		{WriteAll, []string{"a"}, "all files", "write every file that the changes need, each with its undo"},
		{Copy, []string{"y"}, "copy", "send the text to the terminal's clipboard"},
		{Plain, []string{"p"}, "plain", "plain view: nothing but the text, to select with the mouse"},
		{ShowUndo, []string{"v"}, "undo file", "switch between the export and its undo"},
		{PrevFormat, []string{"left", "shift+tab", "h"}, "", "previous format"},
	}, moving)},
	{ID: ScopeJournal, Title: "journal", Bindings: join([]Binding{
		{Copy, []string{"y"}, "copy", "send the journal to the terminal's clipboard"},
	}, moving)},
	{ID: ScopeTradeOff, Title: "trade-off", Bindings: join([]Binding{
		{SetValue, []string{"enter", "="}, "set", "give the setting the selected value, as one step of undo"},
		{TradeOff, []string{"o"}, "close", "back to the first screen"},
		{PrevLeg, []string{"["}, "", "previous leg of the path"},
		{NextLeg, []string{"]"}, "", "next leg of the path"},
		{Copy, []string{"y"}, "copy", "send the table to the terminal's clipboard"},
	}, moving)},
	{ID: ScopeField, Title: "value", Text: true, Over: true, Bindings: join([]Binding{
		{Accept, []string{"enter"}, "accept", "take the value"},
		{AcceptNext, []string{"tab"}, "next row", "take the value and go to the next row"},
		{Older, []string{"up", "ctrl+p"}, "recall", "what was typed here before"},
		{Newer, []string{"down", "ctrl+n"}, "", "what was typed after it"},
	}, typing)},
	{ID: ScopePrompt, Title: "command", Text: true, Over: true, Bindings: join([]Binding{
		{Accept, []string{"enter"}, "run", "run the command or keep the filter"},
		{Complete, []string{"tab"}, "complete", "complete the word"},
		{Older, []string{"up", "ctrl+p"}, "", "older command"},
		{Newer, []string{"down", "ctrl+n"}, "", "newer command"},
	}, typing)},
	{ID: ScopePicker, Title: "choose", Text: true, Over: true, Bindings: join([]Binding{
		{Accept, []string{"enter"}, "choose", "choose the selected row; letters typed filter the list by name, alias and kind"},
		{ShowSystem, []string{"ctrl+o"}, "about it", "all that is known of the selected row, and what was run of it"},
		{NextChoice, []string{"right", "tab"}, "version", "next version of the selected row"},
		{PrevChoice, []string{"left", "shift+tab"}, "", "previous version of the selected row"},
		{Up, []string{"up", "ctrl+p"}, "", "move up"},
		{Down, []string{"down", "ctrl+n"}, "", "move down"},
		{PageUp, []string{"pgup"}, "", "one page up"},
		{PageDown, []string{"pgdown"}, "", "one page down"},
	}, typing)},
	{ID: ScopeSystem, Title: "system", Over: true, Bindings: join([]Binding{
		{Back, []string{"q", "esc", "backspace", "ctrl+o", "o"}, "close", "close"},
		{Accept, []string{"enter"}, "choose", "choose the system at this version, where one is being chosen"},
		{NextChoice, []string{"right", "l"}, "version", "next version; what changed stands at the top"},
		{PrevChoice, []string{"left", "h"}, "", "previous version"},
		{NextPart, []string{"tab", "n"}, "next", "to the next setting or heading"},
		{PrevPart, []string{"shift+tab", "p"}, "", "to the setting or heading before"},
		{Copy, []string{"y"}, "copy", "send the page to the terminal's clipboard"},
		{ShowHelp, []string{"?"}, "help", "show the keys that work here"},
		{Quit, []string{"ctrl+c"}, "", "quit"},
	}, moving)},
	{ID: ScopeConfirm, Title: "question", Over: true, Bindings: []Binding{
		{Yes, []string{"y"}, "yes", "yes, do it"},
		{No, []string{"n", "q", "esc", "backspace"}, "no", "no, go back"},
		{SaveFirst, []string{"w"}, "", "save first, then do it, where that is offered"},
		{Quit, []string{"ctrl+c"}, "", "quit at once; the session stays in the autosave"},
		{Up, []string{"up", "k"}, "", "scroll up"},
		{Down, []string{"down", "j"}, "", "scroll down"},
		{PageUp, []string{"pgup"}, "", "one page up"},
		{PageDown, []string{"pgdown", " "}, "", "one page down"},
	}},
	{ID: ScopeCensus, Title: "this host's sockets", Over: true, Bindings: join([]Binding{
		{Back, []string{"q", "esc", "backspace"}, "close", "close"},
		{Recount, []string{"r"}, "again", "count again"},
		{CensusRate, []string{"a"}, "automatic", "count by itself: every 2 s, every 10 s, not at all"},
		{Filter, []string{"/"}, "filter", "choose which sockets are counted"},
		{Copy, []string{"y"}, "copy", "send the page to the terminal's clipboard"},
		{ShowHelp, []string{"?"}, "help", "show the keys that work here"},
		{Quit, []string{"ctrl+c"}, "", "quit"},
	}, moving)},
	{ID: ScopeView, Title: "plain view", Over: true, Bindings: join([]Binding{
		{Back, []string{"q", "esc", "backspace", "p"}, "close", "close"},
		{Copy, []string{"y"}, "copy", "send the text to the terminal's clipboard"},
		{Quit, []string{"ctrl+c"}, "", "quit"},
	}, moving)},
	{ID: ScopeRemedies, Title: "remedies", Over: true, Bindings: []Binding{
		{Accept, []string{"enter"}, "do it", "carry the selected remedy out, as one step of undo"},
		{Back, []string{"q", "esc", "backspace"}, "leave", "change nothing"},
		{Up, []string{"up", "k"}, "", "move up"},
		{Down, []string{"down", "j"}, "", "move down"},
		{Quit, []string{"ctrl+c"}, "", "quit"},
	}},
	{ID: ScopeWelcome, Title: "what brings you here?", Over: true, Bindings: []Binding{
		{Accept, []string{"enter"}, "choose", "take the selected answer; its number or letter does the same"},
		{Back, []string{"q", "esc", "backspace"}, "skip", "straight to the first screen"},
		{Up, []string{"up", "k"}, "", "move up"},
		{Down, []string{"down", "j"}, "", "move down"},
		{Top, []string{"home", "g"}, "", "to the first answer"},
		{Bottom, []string{"end", "G"}, "", "to the last answer"},
		{Quit, []string{"ctrl+c"}, "", "quit"},
	}},
	{ID: ScopeOptions, Title: "options", Over: true, Bindings: join([]Binding{
		{Back, []string{"q", "esc", "backspace", ","}, "close", "close"},
		{Copy, []string{"y"}, "copy", "send a configuration file with these values to the terminal's clipboard"},
		{Quit, []string{"ctrl+c"}, "", "quit"},
	}, moving)},
	{ID: ScopeHelp, Title: "help", Over: true, Bindings: join([]Binding{
		{Back, []string{"q", "esc", "backspace", "?"}, "close", "close"},
		{Quit, []string{"ctrl+c"}, "", "quit"},
	}, moving)},
}

func join(parts ...[]Binding) []Binding {
	var out []Binding
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}
