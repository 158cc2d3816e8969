package native

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// apacheBuiltIn are the modules that every httpd has in itself.
var apacheBuiltIn = []string{"core_module", "core.c", "http_module", "http_core.c", "so_module", "mod_so.c", "version_module", "mod_version.c", "unixd_module", "mod_unixd.c"}

// apacheSources are the source files of modules that are not named mod_NAME.c
// after the identifier NAME_module (apache2ctl -M beside apache2 -l).
var apacheSources = map[string]string{
	"mpm_event_module": "event.c", "mpm_worker_module": "worker.c", "mpm_prefork_module": "prefork.c",
	"ldap_module": "util_ldap.c",
}

// apacheConditions are the sections that decide whether lines are read.
var apacheConditions map[string]func(*apacheReader, *directive) (tri, string)

func init() { //nolint:gochecknoinits // the table refers to itself through include
	apacheConditions = map[string]func(*apacheReader, *directive) (tri, string){
		"<ifmodule": (*apacheReader).ifModule, "<ifdefine": (*apacheReader).ifDefine, "<ifversion": (*apacheReader).ifVersion,
		"<iffile": (*apacheReader).ifFile, "<ifdirective": (*apacheReader).ifOther, "<ifsection": (*apacheReader).ifOther,
	}
}

// load notes a module. The process model is a setting.
func (a *apacheReader) load(d *directive) {
	id := strings.ToLower(d.arg(0))
	a.modules[id] = true
	if source, ok := apacheSources[id]; ok {
		a.modules[source] = true
	} else {
		a.modules["mod_"+strings.TrimSuffix(id, "_module")+".c"] = true
	}
	if strings.HasPrefix(id, "mpm_") {
		a.mpm = d
	}
}

// knowsModules is true where the list of loaded modules is complete: no httpd
// runs without a process model, and almost every one loads it.
func (a *apacheReader) knowsModules() bool { return a.mpm != nil && !a.partial }

func (a *apacheReader) ifModule(d *directive) (tri, string) {
	name, negated := strings.CutPrefix(strings.ToLower(d.arg(0)), "!")
	holds := perhaps
	switch {
	case a.modules[name] || slices.Contains(apacheBuiltIn, name):
		holds = yes
	case a.knowsModules():
		holds = no
	}
	if negated {
		holds = holds.not()
	}
	switch {
	case holds == perhaps:
		return holds, "whether " + name + " is loaded was not read: the LoadModule lines are not here"
	case negated:
		return holds, name + " is loaded"
	}
	return holds, name + " is not loaded"
}

// ownModule is true for a directive that has no meaning without the module
// that an open condition asks for, and for a virtual host: that is a context of
// its own.
func (a *apacheReader) ownModule(condition, d *directive) bool {
	if condition.name != "<ifmodule" || strings.HasPrefix(condition.arg(0), "!") {
		return false
	}
	for at := d; at != nil; at = at.within {
		if at.name == "<virtualhost" && slices.Contains(condition.siblings(), at) || at == d && d.name == "<virtualhost" {
			return true
		}
	}
	module := strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(strings.ToLower(condition.arg(0)), "mod_"), ".c"), "_module")
	switch {
	case d.name == "requestreadtimeout":
		return module == "reqtimeout"
	case strings.HasPrefix(d.name, "proxy"), d.name == "balancermember", strings.HasPrefix(d.name, "<proxy"):
		return strings.HasPrefix(module, "proxy")
	case d.name == "setenv", d.name == "unsetenv":
		return module == "env"
	case strings.HasPrefix(d.name, "setenvif"), strings.HasPrefix(d.name, "browsermatch"):
		return module == "setenvif"
	case d.name == "header":
		return module == "headers"
	case d.name == "rewriterule":
		return module == "rewrite"
	case d.name == "include", d.name == "includeoptional", d.name == "define", d.name == "loadmodule":
		return false
	}
	return !apacheBears(d) // harmless either way
}

// siblings are the sections beside a condition, which has no place in the tree.
func (d *directive) siblings() []*directive {
	if d.within == nil {
		return nil
	}
	return d.within.inside
}

func (a *apacheReader) ifDefine(d *directive) (tri, string) {
	name, negated := strings.CutPrefix(d.arg(0), "!")
	_, defined := a.defines[name]
	switch {
	case defined:
		return triOf(!negated), name + " is defined"
	case a.gone[name] || negated || a.opened.source.Defines != nil:
		return triOf(negated), name + " is not defined"
	}
	return perhaps, name + " is defined nowhere here; only httpd -D " + name + " would"
}

// ifVersion compares with every 2.4: keeptune does not know the last number.
func (a *apacheReader) ifVersion(d *directive) (tri, string) {
	operator, want := d.arg(0), d.arg(1)
	if want == "" {
		operator, want = "=", operator
	}
	operator, negated := strings.CutPrefix(operator, "!")
	holds := perhaps
	low, lowOK := versionHolds(operator, want, 0)
	if high, highOK := versionHolds(operator, want, 999); lowOK && highOK && low == high && (low || !within24(want, operator)) {
		holds = triOf(low)
	}
	if negated {
		holds = holds.not()
	}
	if holds == perhaps {
		return holds, "the version of httpd is not known here"
	}
	return holds, "httpd is 2.4"
}

// versionHolds compares httpd 2.4.patch.
func versionHolds(operator, want string, patch int) (holds, ok bool) {
	if operator == "~" || strings.HasPrefix(want, "/") {
		re, err := regexp.Compile(strings.Trim(want, "/"))
		return err == nil && re.MatchString("2.4."+strconv.Itoa(patch)), err == nil
	}
	numbers := [3]int{}
	for i, part := range strings.Split(want, ".") {
		n, err := strconv.Atoi(part)
		if err != nil || i > 2 {
			return false, false
		}
		numbers[i] = n
	}
	c := cmp.Or(2-numbers[0], 4-numbers[1], patch-numbers[2])
	switch operator {
	case "=", "==":
		return c == 0, true
	case ">":
		return c > 0, true
	case ">=":
		return c >= 0, true
	case "<":
		return c < 0, true
	case "<=":
		return c <= 0, true
	}
	return false, false
}

// within24 is true where an equality may hold for some 2.4.
func within24(want, operator string) bool {
	return (operator == "=" || operator == "==") && strings.HasPrefix(want, "2.4")
}

func (a *apacheReader) ifFile(d *directive) (tri, string) {
	why := "whether the file " + d.arg(0) + " exists was not looked up"
	name, ok := a.opened.find(strings.TrimPrefix(d.arg(0), "!"))
	if a.opened.source.Files == nil || !ok {
		return perhaps, why
	}
	_, err := a.opened.source.Files.Read(name)
	return triOf((err == nil) != strings.HasPrefix(d.arg(0), "!")), "the condition on the file " + d.arg(0) + " does not hold"
}

func (a *apacheReader) ifOther(d *directive) (tri, string) {
	return perhaps, "the condition " + d.words[0] + " " + d.text() + "> is not understood"
}
