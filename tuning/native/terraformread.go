package native

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"example.com/keeptune/model"
)

// terraformNames are other names of a kind of resource.
var terraformNames = map[string]string{
	"aws_alb": "aws_lb", "aws_alb_listener": "aws_lb_listener", "google_compute_target_http_proxy": "google_compute_target_https_proxy",
	"google_compute_region_target_https_proxy": "google_compute_target_https_proxy", "google_compute_region_target_http_proxy": "google_compute_target_https_proxy",
}

// A terraformBlock is a resource or a module and the file that it stands in.
type terraformBlock struct {
	file  string
	kind  string // of resource, in the name that the table has
	label string // as it is referred to: aws_lb.web
	body  *hclsyntax.Body
}

// A terraformReader knows the values of a module that its files say.
type terraformReader struct {
	*reader
	blocks   []terraformBlock
	locals   map[string]hclsyntax.Expression
	assigned map[string]cty.Value            // by terraform.tfvars
	defaults map[string]hclsyntax.Expression // of variables
	depth    int
}

var terraformAttributes = func() string {
	names := []string{`\w*timeout\w*`, `client_keep_alive`, `\w*keep_?alive\w*`, `deregistration_delay`, `\w*idle\w*`}
	return `^(?:` + strings.Join(names, "|") + `)\s*=`
}()

var terraformBearing = lazily(terraformAttributes)

// terraformBears reports whether a line is an attribute of connections.
func terraformBears(line string) bool {
	if i := strings.IndexByte(line, '{'); i >= 0 && strings.Contains(line[i:], "=") { // a block on one line
		line = strings.TrimSpace(line[i+1:])
	}
	return line != "" && terraformBearing().MatchString(line)
}

// readTerraform reads the resources of a module, each a context of the product
// that its own type names. All files of the folder are one module.
func readTerraform(r *reader, text string) {
	t := &terraformReader{reader: r, locals: map[string]hclsyntax.Expression{}, assigned: map[string]cty.Value{}, defaults: map[string]hclsyntax.Expression{}}
	t.collect(text)
	t.siblings()
	for i := range t.blocks {
		t.block(&t.blocks[i])
	}
	r.file = r.opened.source.Name
}

// siblings are the other files of the folder.
func (t *terraformReader) siblings() {
	source := &t.opened.source
	if source.Files == nil || !strings.HasSuffix(source.Path, ".tf") {
		return
	}
	for _, pattern := range []string{"*.tf", "terraform.tfvars", "*.auto.tfvars"} {
		found, err := source.Files.Glob(path.Join(path.Dir(source.Path), pattern))
		if err != nil {
			continue
		}
		for _, f := range found {
			if f == source.Path {
				continue
			}
			text, err := t.opened.read(f)
			if err != nil {
				t.doubt(1, f+" was not read: "+err.Error())
				continue
			}
			t.reading(f, text, func(text string) bool {
				if strings.HasSuffix(f, ".tfvars") {
					t.values(text)
				} else {
					t.collect(text)
				}
				return true
			})
		}
	}
}

func (t *terraformReader) parse(text string) *hclsyntax.Body {
	file, diagnostics := hclsyntax.ParseConfig([]byte(text), t.file, hcl.InitialPos)
	for _, d := range diagnostics {
		if d.Severity == hcl.DiagError {
			line := 1
			if d.Subject != nil {
				line = max(d.Subject.Start.Line, 1)
			}
			t.warn(line, "this is not HCL: %s", d.Summary)
			t.doubt(line, "the file is not HCL from here on")
			break
		}
	}
	if file == nil {
		return nil
	}
	body, _ := file.Body.(*hclsyntax.Body)
	return body
}

// values reads a file of variables.
func (t *terraformReader) values(text string) {
	body := t.parse(text)
	if body == nil {
		return
	}
	for name, a := range body.Attributes {
		t.use(a.SrcRange.Start.Line)
		if v, d := a.Expr.Value(nil); !d.HasErrors() {
			t.assigned[name] = v
		}
	}
}

// collect collects the blocks of one file.
func (t *terraformReader) collect(text string) {
	body := t.parse(text)
	if body == nil {
		return
	}
	for _, b := range body.Blocks {
		switch {
		case b.Type == "locals":
			for name, a := range b.Body.Attributes {
				t.locals[name] = a.Expr
				t.use(a.SrcRange.Start.Line)
			}
		case b.Type == "variable" && len(b.Labels) == 1:
			if a := b.Body.Attributes["default"]; a != nil {
				t.defaults[b.Labels[0]] = a.Expr
			}
		case b.Type == "resource" && len(b.Labels) == 2:
			kind := b.Labels[0]
			if other := terraformNames[kind]; other != "" {
				kind = other
			}
			t.blocks = append(t.blocks, terraformBlock{t.file, kind, b.Labels[0] + "." + b.Labels[1], b.Body})
		case b.Type == "module" && len(b.Labels) == 1:
			if source := b.Body.Attributes["source"]; source != nil {
				if v, err := t.evaluate(source.Expr); err == "" && strings.Contains(v, "/alb/aws") {
					t.blocks = append(t.blocks, terraformBlock{t.file, "aws_lb", "module." + b.Labels[0], b.Body})
				}
			}
		}
	}
}

// evaluate is the text of an expression, or why it is not known.
func (t *terraformReader) evaluate(x hclsyntax.Expression) (text, unknown string) {
	if t.depth++; t.depth > 20 {
		t.depth--
		return "", "its value goes round in a circle"
	}
	defer func() { t.depth-- }()
	locals, variables := map[string]cty.Value{}, map[string]cty.Value{}
	for _, used := range x.Variables() {
		name := terraformPath(used)
		root, rest, _ := strings.Cut(name, ".")
		switch value, isSet := t.assigned[rest]; {
		case root == "local" && t.locals[rest] != nil:
			inner, why := t.evaluate(t.locals[rest])
			if why != "" {
				return "", why
			}
			locals[rest] = cty.StringVal(inner)
		case root == "var" && isSet:
			variables[rest] = value
		case root == "var" && t.defaults[rest] != nil:
			if v, why := t.evaluate(t.defaults[rest]); why == "" {
				return "", fmt.Sprintf("it is %s, %s unless somebody sets it", name, v)
			}
			return "", "it is " + name
		default:
			return "", "it is " + name + ", which is decided elsewhere"
		}
	}
	v, diagnostics := x.Value(&hcl.EvalContext{Variables: map[string]cty.Value{"local": cty.ObjectVal(locals), "var": cty.ObjectVal(variables)}})
	if diagnostics.HasErrors() || !v.IsWhollyKnown() || v.IsNull() {
		return "", "it is an expression that is not understood"
	}
	switch v.Type() {
	case cty.String:
		return v.AsString(), ""
	case cty.Number:
		return v.AsBigFloat().Text('f', -1), ""
	case cty.Bool:
		return fmt.Sprint(v.True()), ""
	}
	return "", "it is no plain value"
}

// terraformPath is a reference as it is written: var.minutes.
func terraformPath(used hcl.Traversal) string {
	names := []string{used.RootName()}
	for _, step := range used[1:] {
		if a, ok := step.(hcl.TraverseAttr); ok {
			names = append(names, a.Name)
		}
	}
	return strings.Join(names, ".")
}

// block reads a resource in the terms of the products that have its kind.
func (t *terraformReader) block(b *terraformBlock) {
	t.file = b.file
	system, why := t.product(b)
	for i := range resources {
		res := &resources[i]
		switch {
		case res.kind != b.kind:
		case res.system == system || system == "":
			t.resource(b, res, b.body, res.blocks, b.label)
			if system == "" {
				return // the first product of a kind that several have
			}
		case why != "":
			for _, a := range res.attrs {
				if attr := b.body.Attributes[a.name]; attr != nil {
					t.leave(attr.SrcRange.Start.Line, "%s", why)
				}
			}
		}
	}
}

// product is the load balancer that a resource is, and why attributes of
// another do not count.
func (t *terraformReader) product(b *terraformBlock) (system model.SystemID, why string) {
	switch b.kind {
	case "aws_lb":
		switch t.balancerType(b) {
		case "network":
			return "aws-nlb", "a network load balancer has its idle timeout in the listener: tcp_idle_timeout_seconds"
		case "gateway":
			return "aws-gwlb", "a gateway load balancer has its idle timeout in the listener: tcp_idle_timeout_seconds"
		}
		return "aws-alb", ""
	case "aws_lb_listener":
		if a := b.body.Attributes["load_balancer_arn"]; a != nil {
			if lb := t.referred(a.Expr); lb != nil {
				return t.productOfListener(t.balancerType(lb))
			}
		}
		if a := b.body.Attributes["protocol"]; a != nil {
			switch v, _ := t.evaluate(a.Expr); strings.ToUpper(v) {
			case "GENEVE":
				return "aws-gwlb", ""
			case "HTTP", "HTTPS":
				return t.productOfListener("application")
			}
		}
		if !t.concerns("aws-nlb") {
			return "aws-gwlb", ""
		}
		return "aws-nlb", ""
	}
	return "", ""
}

func (t *terraformReader) productOfListener(kind string) (model.SystemID, string) {
	switch kind {
	case "gateway":
		return "aws-gwlb", ""
	case "application":
		return "aws-alb", "an application load balancer has its idle timeout in aws_lb: idle_timeout"
	}
	return "aws-nlb", ""
}

// balancerType is application where nothing is said.
func (t *terraformReader) balancerType(b *terraformBlock) string {
	a := b.body.Attributes["load_balancer_type"]
	if a == nil {
		return "application"
	}
	v, why := t.evaluate(a.Expr)
	file := t.file
	t.file = b.file
	defer func() { t.file = file }()
	if why != "" {
		t.doubt(a.SrcRange.Start.Line, "load_balancer_type: "+why)
		return "application"
	}
	t.use(a.SrcRange.Start.Line)
	return v
}

// referred is the load balancer that an expression names, or nil.
func (t *terraformReader) referred(x hclsyntax.Expression) *terraformBlock {
	for _, used := range x.Variables() {
		name := terraformPath(used)
		for i := range t.blocks {
			if b := &t.blocks[i]; b.kind == "aws_lb" && strings.HasPrefix(name+".", b.label+".") {
				return b
			}
		}
	}
	return nil
}

// resource lists a context for a resource, or for each of the blocks that it may
// have several of.
func (t *terraformReader) resource(b *terraformBlock, res *resource, body *hclsyntax.Body, blocks []string, where string) {
	if len(blocks) > 0 {
		var inner []*hclsyntax.Block
		for _, x := range body.Blocks {
			if x.Type == blocks[0] {
				inner = append(inner, x)
			}
		}
		for _, x := range inner {
			label := where
			if len(inner) > 1 {
				label += ", " + x.Type + " " + t.nameOf(x.Body)
			}
			t.resource(b, res, x.Body, blocks[1:], label)
		}
		return
	}
	if len(res.more) > 0 { // one resource for many settings
		key, want, _ := strings.Cut(strings.TrimSpace(res.more[0]), " = ")
		a := body.Attributes[key]
		if a == nil {
			return
		}
		if v, why := t.evaluate(a.Expr); why != "" || v != strings.Trim(want, `"`) {
			return
		}
	}
	s := t.scope(body.SrcRange.Start.Line, where, nil)
	s.system = res.system
	said := false
	t.in(s, func() {
		for _, a := range res.attrs {
			if attr := body.Attributes[a.name]; attr != nil {
				t.attribute(attr, a.params)
				said = true
			}
		}
	})
	if said || slices.Contains([]string{"aws_lb", "aws_lb_listener", "aws_elb"}, b.kind) && len(res.attrs) > 0 {
		t.list(s, "")
	}
}

// nameOf is what a block calls itself.
func (t *terraformReader) nameOf(body *hclsyntax.Body) string {
	for _, key := range []string{"name", "origin_id", "domain_name"} {
		if a := body.Attributes[key]; a != nil {
			if v, why := t.evaluate(a.Expr); why == "" {
				return v
			}
		}
	}
	return fmt.Sprintf("of line %d", body.SrcRange.Start.Line)
}

func (t *terraformReader) attribute(a *hclsyntax.Attribute, params []model.ParamID) {
	line := a.SrcRange.Start.Line
	value, why := t.evaluate(a.Expr)
	for _, id := range params {
		if why != "" {
			t.unknown(line, id, "%s is not known: %s", a.Name, why)
			continue
		}
		t.set(line, id, value)
	}
}
