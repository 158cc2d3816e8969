package keymap

// What keys do on every screen.
const (
	ShowHelp ID = "help"
	Back     ID = "back" // one step back; on the first screen it quits, asking if dirty
	Quit     ID = "quit"
	Undo     ID = "undo"
	Redo     ID = "redo"
	Test     ID = "test"
	Export   ID = "export"
	Save     ID = "save"
	Command  ID = "command"
	Mouse    ID = "mouse"
	Repaint  ID = "repaint"
	Suspend  ID = "suspend"
	Options  ID = "options"
	Goals    ID = "goals"
	NextPane ID = "next-pane" // where several panes are in view
	Screen1  ID = "screen-1"
	Screen2  ID = "screen-2"
	Screen3  ID = "screen-3"
	Screen4  ID = "screen-4"
	Screen5  ID = "screen-5"
	Screen6  ID = "screen-6"
	Screen7  ID = "screen-7"
	Compare  ID = "compare" // before and now
	Begin    ID = "begin"   // what brings the user here
	TryHere  ID = "try"     // on this host
	Explain  ID = "explain" // a time, or a line of a log
)

// The list of keys.
const (
	AddKey    ID = "add-key"
	TypeKeys  ID = "type-keys"
	PrevPlace ID = "prev-place"
	NextPlace ID = "next-place"
)

// Moving, in every pane and list.
const (
	Up       ID = "up"
	Down     ID = "down"
	Left     ID = "left"
	Right    ID = "right"
	PageUp   ID = "page-up"
	PageDown ID = "page-down"
	Top      ID = "top"
	Bottom   ID = "bottom"
)

// The compare screen.
const (
	NextColumn   ID = "next-column"
	PrevLeg      ID = "prev-leg"
	NextLeg      ID = "next-leg"
	Edit         ID = "edit"
	Toggle       ID = "toggle"
	Raise        ID = "raise"
	Lower        ID = "lower"
	RaiseMore    ID = "raise-more"
	LowerMore    ID = "lower-more"
	ToDefault    ID = "to-default"
	Adopt        ID = "adopt"
	ChooseClient ID = "choose-client"
	ChooseServer ID = "choose-server"
	ClientOS     ID = "client-os"
	ServerOS     ID = "server-os"
	AskTarget    ID = "ask-target"
	Inspect      ID = "inspect"
	Filter       ID = "filter"
	OnlyChanged  ID = "only-changed"
	Why          ID = "why"
	Fix          ID = "fix"
	EditPath     ID = "edit-path"
	TradeOff     ID = "trade-off"
	NextFinding  ID = "next-finding"
	PrevFinding  ID = "prev-finding"
	ShowSystem   ID = "entry"

	TakeProposal   ID = "take"
	Suppress       ID = "suppress"
	ShowSuppressed ID = "suppressed"
)

// The path, while it is edited.
const (
	AddHop    ID = "add-hop"
	RemoveHop ID = "remove-hop"
	MoveBack  ID = "move-back"
	MoveOn    ID = "move-on"
)

// The panes beside it.
const (
	SetValue   ID = "set-value"
	Copy       ID = "copy"
	Start      ID = "start"
	StopTest   ID = "stop"
	EditTarget ID = "edit-target"
	Order      ID = "order"
	Baseline   ID = "baseline"
	GoTo       ID = "go-to"
	NextFormat ID = "next-format"
	PrevFormat ID = "prev-format"
	WriteAll   ID = "write-all"
	WriteFile  ID = "write-file"
	Plain      ID = "plain"
	ShowUndo   ID = "show-undo"
	Open       ID = "open"
	NextPart   ID = "next-part"
	PrevPart   ID = "prev-part"
)

// The live test: its views, and what it measures.
const (
	TestResults ID = "results"
	TestLadder  ID = "ladder"
	TestCurve   ID = "curve"
	TestSamples ID = "samples"
	TestRace    ID = "race"
	PlanTest    ID = "plan"
)

// The census of this host's sockets.
const (
	Census     ID = "census"
	Recount    ID = "recount"
	CensusRate ID = "rate"
	Namespace  ID = "namespace" // where this host is read, counted and changed
	AdoptFlow  ID = "adopt-flow"
	TrySockets ID = "try-sockets"
)

// What this host has in force.
const (
	ReadHost ID = "host"
	ShowLog  ID = "log"
	ShowAll  ID = "show-all"
)

// What packets prove.
const (
	Wire    ID = "wire"
	Deeper  ID = "deeper"
	PlaceAt ID = "place"
	AsText  ID = "as-text"
)

// Open fields, pickers and questions.
const (
	Accept     ID = "accept"
	AcceptNext ID = "accept-next"
	Cancel     ID = "cancel"
	Complete   ID = "complete"
	Older      ID = "older"
	Newer      ID = "newer"
	ClearField ID = "clear"
	NextChoice ID = "next-choice" // of the selected row: its version
	PrevChoice ID = "prev-choice"
	Yes        ID = "yes"
	No         ID = "no"
	SaveFirst  ID = "save-first"
)
