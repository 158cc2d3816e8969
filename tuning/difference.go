package tuning

import (
	"slices"
	"strconv"

	"example.com/keeptune/model"
)

// A Difference is a setting, or a quantity of a leg, of two reports.
type Difference struct {
	At   ParamRef
	Name string // as its product has it
	Was  *Row   // nil where it is not there; of a quantity always
	Is   *Row
	// Before and Now are the values, unset where there is none.
	Before, Now model.Value
}

// Same reports whether the value is the same.
func (d *Difference) Same() bool { return d.Before == d.Now }

// Differences are all settings of two reports in the order of the path, what is only in
// the earlier one among them, and the quantities of legs that are given in either.
func Differences(before, after Report) []Difference {
	was, is := rowsOf(before), rowsOf(after)
	var all []Difference
	for _, at := range is.order {
		all = append(all, difference(at, was.row[at], is.row[at]))
	}
	for i, at := range was.order {
		if is.row[at] != nil {
			continue
		}
		d, place := difference(at, was.row[at], nil), len(all)
		for j := i - 1; j >= 0; j-- { // behind what stood before it
			if k := slices.IndexFunc(all, func(x Difference) bool { return x.At == was.order[j] }); k >= 0 {
				place = k + 1
				break
			}
		}
		all = slices.Insert(all, place, d)
	}
	for leg := range max(len(before.Legs), len(after.Legs)) {
		for _, q := range model.AllQuantities() {
			d := Difference{
				At: ParamRef{Endpoint: model.EndpointID("leg" + strconv.Itoa(leg+1)), Param: model.ParamID(q)}, Name: string(q),
				Before: quantityOf(before, leg, q), Now: quantityOf(after, leg, q),
			}
			if d.Before.IsSet() || d.Now.IsSet() {
				all = append(all, d)
			}
		}
	}
	return all
}

func difference(at ParamRef, was, is *Row) Difference {
	d := Difference{At: at, Was: was, Is: is}
	if was != nil {
		d.Before, d.Name = was.Value, was.Param.Name
	}
	if is != nil {
		d.Now, d.Name = is.Value, is.Param.Name
	}
	return d
}

func quantityOf(r Report, leg int, q model.Quantity) model.Value {
	if leg >= len(r.Legs) {
		return model.Value{}
	}
	s, _ := r.Legs[leg].given.Quantity(q)
	return s.Value
}

// rows are every setting of a report by where it stands.
type rows struct {
	order []ParamRef
	row   map[ParamRef]*Row
}

func rowsOf(r Report) rows {
	all := rows{row: map[ParamRef]*Row{}}
	add := func(endpoint model.EndpointID, row *Row) {
		at := ParamRef{Endpoint: endpoint, Param: row.Param.ID}
		if all.row[at] == nil {
			all.order = append(all.order, at)
			all.row[at] = row
		}
	}
	for i := range r.Legs {
		l := &r.Legs[i]
		for j := range l.Client.Rows {
			add(l.Client.Endpoint.ID, &l.Client.Rows[j])
		}
		for j := range l.Boxes {
			if b := &l.Boxes[j]; b.Row != nil {
				add(b.Endpoint.ID, b.Row)
			}
		}
		for j := range l.Server.Rows {
			add(l.Server.Endpoint.ID, &l.Server.Rows[j])
		}
	}
	return all
}
