package model

import "slices"

// historyLimit bounds the states kept, so that a session that runs for weeks
// does not grow for ever.
const historyLimit = 10_000

// A History is a value with every state it had: undo, redo, and what was saved.
// The zero History is not useful; begin with [NewHistory]. Methods return the
// changed history and leave the receiver as it was.
type History[T interface{ Equal(T) bool }] struct {
	past   []T // oldest first
	now    T
	future []T // the next redo last
	saved  T
	key    string // of the last step, while it may still grow
}

// NewHistory begins with a saved state.
func NewHistory[T interface{ Equal(T) bool }](v T) History[T] {
	return History[T]{now: v, saved: v}
}

// Now is the present state.
func (h History[T]) Now() T { return h.now }

// Do makes v the present state. A step with the same non-empty key as the one
// before replaces it, so that ten presses of + are one undo. A state equal to
// the present one is no step.
func (h History[T]) Do(v T, key string) History[T] {
	if v.Equal(h.now) {
		return h
	}
	if key == "" || key != h.key || len(h.past) == 0 {
		past := h.past
		if len(past) >= historyLimit {
			past = past[1:]
		}
		h.past = append(slices.Clip(past), h.now)
	}
	h.now, h.future, h.key = v, nil, key
	return h
}

// Seal ends the growing of the last step.
func (h History[T]) Seal() History[T] { h.key = ""; return h }

// Undo goes one step back; false when there is none.
func (h History[T]) Undo() (History[T], bool) {
	n := len(h.past)
	if n == 0 {
		return h, false
	}
	h.future = append(slices.Clip(h.future), h.now)
	h.now, h.past, h.key = h.past[n-1], h.past[:n-1], ""
	return h, true
}

// Redo goes one undone step forward; false when there is none.
func (h History[T]) Redo() (History[T], bool) {
	n := len(h.future)
	if n == 0 {
		return h, false
	}
	h.past = append(slices.Clip(h.past), h.now)
	h.now, h.future, h.key = h.future[n-1], h.future[:n-1], ""
	return h, true
}

// Depth is how many steps can be undone and redone.
func (h History[T]) Depth() (undo, redo int) { return len(h.past), len(h.future) }

// Saved marks the present state as the saved one.
func (h History[T]) Saved() History[T] { h.saved, h.key = h.now, ""; return h }

// LastSaved is the state that was saved last, or with which it began.
func (h History[T]) LastSaved() T { return h.saved }

// Dirty reports whether the present state differs from the saved one.
func (h History[T]) Dirty() bool { return !h.now.Equal(h.saved) }
