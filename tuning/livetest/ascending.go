package livetest

import (
	"slices"
	"time"
)

// ascending holds times in order as they come, so that a screen which asks several times a
// second need not sort those of 10,000 connections each time.
type ascending []time.Duration

func (a *ascending) insert(d time.Duration) {
	at, _ := slices.BinarySearch(*a, d)
	*a = slices.Insert(*a, at, d)
}

// median is nil of nothing.
func (a ascending) median() *time.Duration {
	if len(a) == 0 {
		return nil
	}
	m := (a[(len(a)-1)/2] + a[len(a)/2]) / 2
	return &m
}
