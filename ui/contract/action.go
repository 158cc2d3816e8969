package contract

import (
	"example.com/keeptune/model"
	"example.com/keeptune/tuning"
	"example.com/keeptune/tuning/livetest"
	"example.com/keeptune/tuning/native"
	"example.com/keeptune/ui/keymap"
)

// An Action is something that a part asks the root to do. Parts change nothing
// but themselves.
//
//sumtype:decl
type Action interface{ action() }

// Edit changes the document as one step of undo.
type Edit struct {
	Why   string
	Edits []model.Edit
	Seal  bool // never grows together with the step before or after
}

// Apply is an Edit of several settings at once, after which the cursor stands
// on what was changed.
type Apply struct {
	Why   string
	Edits []model.Edit
}

// Fix offers the remedies of a finding.
type Fix struct{ Finding tuning.Finding }

// FixWhole offers the changes for the whole path; where there are none, what puts a
// calm finding right, or it says something.
type FixWhole struct {
	Calm *tuning.Finding // nil for none
	Else string
}

// ShowGoals opens the page of goals.
type ShowGoals struct{}

// Suppress hides a finding for a reason, as one step of undo; without a reason it asks
// for one.
type Suppress struct {
	Finding tuning.Finding
	Reason  string
}

// Unsuppress makes a finding count again.
type Unsuppress struct{ Suppression model.Suppression }

// ShowSuppressed lists what is suppressed, and offers to take it back.
type ShowSuppressed struct{}

// ChangePath changes the row of hops; Hop is selected afterwards.
type ChangePath struct {
	Why  string
	Edit model.Edit
	Hop  int
}

// PickHop asks for the system of a hop: in the place of the one at At, or with
// Insert between it and the next.
type PickHop struct {
	At     int
	Insert bool
}

// Preview shows what edits would do without doing them; none ends it.
type Preview struct{ Edits []model.Edit }

// Undo goes one step back.
type Undo struct{}

// Redo goes one undone step forward.
type Redo struct{}

// Show opens a screen.
type Show struct{ Screen Screen }

// Inspect opens or closes the explanation of the selected setting.
type Inspect struct{}

// ShowSystem opens the page of a system at a version, or at the one that is
// assumed.
type ShowSystem struct {
	System  model.SystemID
	Version model.Version
}

// Push lays an overlay over the screen.
type Push struct{ Overlay Overlay }

// Close takes the topmost overlay away and then does something else, if
// anything.
type Close struct{ Then Action }

// GoLeg shows another leg of the path.
type GoLeg struct{ By int }

// Preset puts a whole path in the place of the document.
type Preset struct {
	Path   string
	Screen Screen
	Role   model.Role // the setting to stand on
	Server bool       // on the server's side
	Leg    int
	Test   bool // run the live test
	Say    string
	// Assume is what is taken to be so until somebody says better, as :set has it.
	Assume  []string
	Symptom tuning.Symptom // what brought the user
	// Measure is what the next live test measures besides the usual, as TestPlan.Chosen has it.
	Measure map[livetest.Measurement]string
}

// Compare shows before and now side by side; with a file, what is in that is before.
type Compare struct{ File string }

// AskCompare asks for the session file that is before.
type AskCompare struct{}

// Welcome asks what brings the user here, as at the beginning.
type Welcome struct{}

// AskExplain asks for a time or a line of a log that is to be explained.
type AskExplain struct{}

// ChooseBoth asks for the client and then for the server.
type ChooseBoth struct{}

// Choose puts a system in the place of an end of the shown leg.
type Choose struct {
	Server   bool
	Endpoint model.Endpoint
	Then     Action
}

// Pick asks for the system at one end of the shown leg.
type Pick struct {
	Server bool
	Then   Action
}

// PickOS asks for the operating system at one end of the shown leg.
type PickOS struct{ Server bool }

// AskTarget asks what the live test connects to.
type AskTarget struct{}

// StartTest runs the live test, asking first where the target is not ours.
type StartTest struct{ Consented bool }

// RunAgain asks whether the live test is to run again, and then runs it: its result
// takes the place of the one that is shown.
type RunAgain struct{}

// StopTest ends the running live test.
type StopTest struct{}

// PlanTest changes what the next live test measures; the TCP options of a
// running one change at once.
type PlanTest struct{ Plan TestPlan }

// Adopt takes what was measured over into the document, asking first where
// there is more than one thing to take over, and where the test was run for
// another server than the shown one.
type Adopt struct {
	What      string // one of what was offered; "" asks
	Consented bool
}

// GoSetting shows a setting of the path on the first screen.
type GoSetting struct{ Ref tuning.ParamRef }

// SetTarget changes what the live test connects to.
type SetTarget struct{ Target string }

// Copy sends text to the terminal's clipboard. Else is what to do if it does
// not arrive, which nobody can tell.
type Copy struct {
	Text, What, Else string
	Written          bool // it is of a file, in which stand-ins are already
}

// Save writes the session; without a path to its file, or asks for one.
type Save struct {
	Path    string
	Ask     bool // the session is meant, not the configuration that was opened
	Replace bool // a file that exists was consented to
	Quit    bool // leave afterwards
	Then    Action
}

// OpenFile reads a session, or the configuration that the file is.
type OpenFile struct {
	Path    string
	Discard bool       // unsaved changes may be dropped
	As      ImportFile // how a configuration is read
}

// ImportFile reads configurations over the session, as one step of undo.
type ImportFile struct {
	Paths []string
	End   string   // whose a host's file is; empty: to be found, or asked
	As    string   // the format; empty: told from the content
	Root  string   // the folder that stands for /
	Where []string // the contexts that are meant
	Path  string   // the path to lay them over; empty: the present one
	Open  bool     // the files say the path where the present one has none of them
}

// WriteBack writes what was changed into the configurations that were opened, after
// a look at the difference.
type WriteBack struct{ Quit bool } // leave afterwards

// CommitBack writes what a look at the difference was agreed to.
type CommitBack struct {
	Patch Patch
	Quit  bool
}

// TakeAlternative makes the document of a context of a configuration the present one.
type TakeAlternative struct {
	File        string
	From        ImportFile
	Alternative Alternative
	Beyond      model.EndpointID
}

// PickNext asks for the server behind the last hop of a configuration that was
// opened, and reads it again over the longer path.
type PickNext struct{ From ImportFile }

// PlanFiles asks what writing files would do.
type PlanFiles struct {
	Dir   string
	Files []native.File
}

// WriteFiles writes files.
type WriteFiles struct {
	Dir       string
	Files     []native.File
	Overwrite bool
}

// Run carries a typed command out.
type Run struct{ Line string }

// PlainView shows text with nothing around it, to be selected with the mouse.
type PlainView struct{ Text string }

// AskFilter asks which settings to show.
type AskFilter struct{}

// Filter shows only settings whose name contains a text.
type Filter struct{ Text string }

// Say shows a sentence until the next key.
type Say struct {
	Text string
	Bad  bool
}

// SetOption changes an option of the program while it runs.
type SetOption struct{ Name, Text string }

// ShowKeys lists every binding, to be changed: those of a place first, and with a filter
// only what has each of its words.
type ShowKeys struct {
	Place  keymap.ScopeID
	Filter string
}

// SetKeys gives bindings other keys while the program runs. The names are those of
// [keymap.Map.With]; nil puts the shipped keys back, an empty list switches off.
type SetKeys struct{ Keys map[string][]string }

// UndoKeys takes the last SetKeys back, or with Redo does it again.
type UndoKeys struct{ Redo bool }

// KeepOptions writes the options and keys that were changed into the configuration file.
type KeepOptions struct{}

// Quit ends the program, asking first where something is unsaved.
type Quit struct{ Discard bool }

func (Edit) action()            {}
func (Apply) action()           {}
func (Fix) action()             {}
func (FixWhole) action()        {}
func (ShowGoals) action()       {}
func (Suppress) action()        {}
func (Unsuppress) action()      {}
func (ShowSuppressed) action()  {}
func (ChangePath) action()      {}
func (PickHop) action()         {}
func (Preview) action()         {}
func (Undo) action()            {}
func (Redo) action()            {}
func (Show) action()            {}
func (Inspect) action()         {}
func (ShowSystem) action()      {}
func (Push) action()            {}
func (Close) action()           {}
func (GoLeg) action()           {}
func (Preset) action()          {}
func (Compare) action()         {}
func (AskCompare) action()      {}
func (Welcome) action()         {}
func (AskExplain) action()      {}
func (ChooseBoth) action()      {}
func (Choose) action()          {}
func (Pick) action()            {}
func (PickOS) action()          {}
func (AskTarget) action()       {}
func (StartTest) action()       {}
func (RunAgain) action()        {}
func (StopTest) action()        {}
func (Adopt) action()           {}
func (PlanTest) action()        {}
func (GoSetting) action()       {}
func (SetTarget) action()       {}
func (Copy) action()            {}
func (Save) action()            {}
func (OpenFile) action()        {}
func (ImportFile) action()      {}
func (WriteBack) action()       {}
func (CommitBack) action()      {}
func (TakeAlternative) action() {}
func (PickNext) action()        {}
func (PlanFiles) action()       {}
func (WriteFiles) action()      {}
func (Run) action()             {}
func (PlainView) action()       {}
func (AskFilter) action()       {}
func (Filter) action()          {}
func (Say) action()             {}
func (SetOption) action()       {}
func (ShowKeys) action()        {}
func (SetKeys) action()         {}
func (UndoKeys) action()        {}
func (KeepOptions) action()     {}
func (Quit) action()            {}
