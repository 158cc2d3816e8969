package native

import (
	"go/ast"
	"go/constant"
	"go/token"
)

// value works out an expression; times are nanoseconds.
func (g *goReader) value(x ast.Expr) (constant.Value, bool) {
	if g.depth++; g.depth > foldDepth {
		g.depth--
		return nil, false
	}
	defer func() { g.depth-- }()
	switch x := x.(type) {
	case *ast.BasicLit:
		v := constant.MakeFromLiteral(x.Value, x.Kind, 0)
		return v, v.Kind() == constant.Int || v.Kind() == constant.Float
	case *ast.ParenExpr:
		return g.value(x.X)
	case *ast.Ident:
		if x.Name == "true" || x.Name == "false" {
			return constant.MakeBool(x.Name == "true"), true
		}
		if other := g.constants[x.Name]; other != nil {
			return g.value(other)
		}
	case *ast.SelectorExpr:
		if pkg, ok := x.X.(*ast.Ident); ok && pkg.Name == "time" && goUnits[x.Sel.Name] != 0 {
			return constant.MakeInt64(int64(goUnits[x.Sel.Name])), true
		}
	case *ast.UnaryExpr:
		if v, ok := g.value(x.X); ok && x.Op == token.SUB && v.Kind() != constant.Bool {
			return constant.UnaryOp(token.SUB, v, 0), true
		}
	case *ast.BinaryExpr:
		a, ok := g.value(x.X)
		b, ok2 := g.value(x.Y)
		if ok && ok2 && a.Kind() != constant.Bool && b.Kind() != constant.Bool {
			return goOperation(a, x.Op, b)
		}
	case *ast.CallExpr:
		if name := goName(x.Fun); len(x.Args) == 1 && conversions[name] {
			return g.value(x.Args[0])
		}
	}
	return nil, false
}

func goOperation(a constant.Value, op token.Token, b constant.Value) (constant.Value, bool) {
	switch op {
	case token.ADD, token.SUB, token.MUL:
		return constant.BinaryOp(a, op, b), true
	case token.QUO:
		if constant.Sign(b) == 0 {
			return nil, false
		}
		if a.Kind() == constant.Int && b.Kind() == constant.Int {
			op = token.QUO_ASSIGN // of whole numbers
		}
		return constant.BinaryOp(a, op, b), true
	case token.SHL:
		n, ok := constant.Uint64Val(b)
		if !ok || n > 62 || a.Kind() != constant.Int {
			return nil, false
		}
		return constant.Shift(a, op, uint(n)), true
	default:
		return nil, false
	}
}

// goName is a name or a name of a package: http.Server.
func goName(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		if left := goName(x.X); left != "" {
			return left + "." + x.Sel.Name
		}
	case *ast.StarExpr:
		return goName(x.X)
	case *ast.ParenExpr:
		return goName(x.X)
	case *ast.TypeAssertExpr:
		return goName(x.X)
	}
	return ""
}
