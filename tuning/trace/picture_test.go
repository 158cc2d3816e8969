package trace_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"example.com/keeptune/tuning/trace"
)

// A picture before the end shows what ended so far, and does not change when more is seen.
func TestPicture(t *testing.T) {
	all := script(t, `
open 0 a
ask 1 a
6.001 a < fin
6.002 a > fin
open 20 b
ask 21 b
open 22 c
ask 23 c
26.001 b < fin
26.002 b > fin
40 c > data 10
`)
	tr := trace.New(nil)
	var early trace.Picture
	said := func(p trace.Picture) string {
		var sb strings.Builder
		for _, s := range p.Servers {
			fmt.Fprintf(&sb, "%d connections, %d open, open for %v\n", s.Connections, s.Open, s.OpenFor.High.Seconds())
			for _, c := range s.Conclusions() {
				fmt.Fprintln(&sb, c.Text)
			}
		}
		return sb.String()
	}
	var then string
	for i := range all {
		tr.Add(&all[i])
		if all[i].At == all[len(all)-1].At {
			break
		}
		if early = tr.Picture(10); i == 20 {
			then = said(early)
		}
	}
	late := tr.Picture(10)
	if got := said(late); !strings.HasPrefix(got, "3 connections, 1 open, open for 0\n") || !strings.Contains(got, "the server closed 2 connections after 5 s of silence") {
		t.Errorf("before the end: %s", got)
	}
	before := said(late)
	tr.End()
	if got := said(late); got != before {
		t.Errorf("a picture changed from\n%s\nto\n%s", before, got)
	}
	if then == "" || said(tr.Picture(10)) == then {
		t.Errorf("nothing came after\n%s", then)
	}
	if p := tr.Picture(0); len(p.Servers) != 0 || p.More != 1 {
		t.Errorf("%d servers, %d more", len(p.Servers), p.More)
	}
}

// Of each server the latest connections stay, and those that went wrong apart from them.
func TestRecent(t *testing.T) {
	_, ended := track(script(t, `
open 0 a
ask 1 a
6.001 a < fin
6.002 a > fin
`))
	var r trace.Recent
	c := ended[0]
	c.Raced, c.Packet = true, 1
	r.Add(&c)
	c.Raced = false
	for n := range 1000 {
		c.Packet = int64(n + 2)
		r.Add(&c)
	}
	got := r.Connections(c.Server)
	if len(got) != 401 || got[0].Packet != 1 || !got[0].Wrong() || got[1].Packet != 602 || got[400].Packet != 1001 {
		t.Errorf("%d connections, %d %d to %d", len(got), got[0].Packet, got[1].Packet, got[len(got)-1].Packet)
	}
	if r.Connections(c.Client) != nil {
		t.Error("a server that was not seen has connections")
	}
}

// A server of a picture shares no map, slice or pointer with the one that goes on.
func TestPictureSharesNothing(t *testing.T) {
	tr, _ := track(script(t, `
open 0 a
ask 1 a
6.001 a < fin
open 2 b
3 b > data "GET_/_HTTP/1.1\r\n\r\n"
3.001 b < data "HTTP/1.1_200_OK\r\nKeep-Alive:_timeout=5\r\n\r\n"
20 b > probe
30 b > probe
40 b > rst
open 50 c
ask 51 c
60 c > data 120
60.001 c < fin behind=120
60.002 c < rst
open 70 d
ask 71 d
80 d > data 10
80.3 d > again
81 d > again
82.5 d > again
86 d > again
open 90 e
90.5 e < fin
`))
	shared := 0
	var walk func(path string, a, b reflect.Value)
	walk = func(path string, a, b reflect.Value) {
		switch a.Kind() {
		default: // holds nothing
		case reflect.Struct:
			if a.Type().PkgPath() == "net/netip" || a.Type().PkgPath() == "time" { // do not change
				return
			}
			for i := range a.NumField() {
				walk(path+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i))
			}
		case reflect.Array:
			for i := range a.Len() {
				walk(path, a.Index(i), b.Index(i))
			}
		case reflect.Map, reflect.Slice, reflect.Pointer:
			if a.Kind() != reflect.Pointer && a.Len() == 0 || a.IsNil() {
				return
			}
			if shared++; a.Pointer() == b.Pointer() {
				t.Errorf("%s is shared", path)
			}
			if a.Kind() == reflect.Map {
				for it := a.MapRange(); it.Next(); {
					if v := it.Value(); v.Kind() == reflect.Pointer {
						walk(path, v, b.MapIndex(it.Key()))
					}
				}
			}
		}
	}
	s := tr.Servers()[0]
	walk("Server", reflect.ValueOf(*s), reflect.ValueOf(*trace.Clone(s)))
	if shared < 15 {
		t.Errorf("only %d are there to be shared", shared)
	}
}

// On a quiet watch a connection that ended is taken in two seconds later, and not before;
// what came until then is as it was.
func TestPass(t *testing.T) {
	tr := trace.New(nil)
	all := script(t, "open 0 a\nask 1 a\n6.001 a < fin\n6.002 a > fin\n6.003 a < ack\n")
	for i := range all {
		tr.Add(&all[i])
	}
	ended := time.Unix(0, all[len(all)-2].At)
	for after, want := range map[time.Duration]int{1999 * time.Millisecond: 0, 2 * time.Second: 1} {
		one := trace.New(nil)
		for i := range all {
			one.Add(&all[i])
		}
		one.Pass(ended.Add(after))
		p := one.Picture(10)
		if got := p.Servers[0].Sides[trace.TheServer].Silences.N; got != want || p.Counts.Connections != 1 || !p.To.Equal(tr.To()) {
			t.Errorf("%v after: %d closes of %d connections", after, got, p.Counts.Connections)
		}
		one.End()
		one.Pass(ended.Add(time.Hour))
		if n := one.Servers()[0].Sides[trace.TheServer].Silences.N; n != 1 {
			t.Errorf("%d closes at the end", n)
		}
	}
}
