// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package adversary

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/guard"
)

// attack is one way to learn about another's objects.
type attack struct {
	name string
	// guard is what it fails at; 0 where there is nothing to switch off, because the API has no way to say it.
	guard guard.Guard
	// rule is that of the tenant's Control. ID in its texts stands for the world's. The version is v1 unless it is given.
	rule isms.ResourceRule
	// setup makes the victim's objects, by the bit of the world, and grants the tenant's account what the attack starts from.
	setup func(w *world)
	// scope and control change what the tenant writes. By default the scope names the victim's namespace.
	scope   func(w *world, s *isms.ISMSScope)
	control func(w *world, c *isms.Control)
	// noVictim leaves it to setup whether there is a victim's namespace.
	noVictim bool
	// want is the reason with which the rule answers where the guard holds.
	want string
}

// batch bounds the attacks that run beside each other: an operator asks for two hundred rights at once.
const batch = 12

// byGuard are all attacks, in batches of one guard each.
func byGuard() map[guard.Guard][][]attack {
	byOne := map[guard.Guard][]attack{}
	for _, list := range [][]attack{accessAttacks, shareAttacks, contentAttacks, structuralAttacks} {
		for _, a := range list {
			byOne[a.guard] = append(byOne[a.guard], a)
		}
	}
	out := map[guard.Guard][][]attack{}
	for g, list := range byOne {
		out[g] = slices.Collect(slices.Chunk(list, batch))
	}
	return out
}

// outcome is what an attack has shown, in both worlds.
type outcome struct {
	*attack
	views, reasons [2]string
	leaked         string // where the marker appears, if it does
}

// learned says what the tenant has learned, if anything.
func (o outcome) learned() string {
	if o.leaked != "" {
		return o.leaked
	}
	return cmp.Diff(o.views[0], o.views[1])
}

var serial atomic.Int64

// carryOut carries out attacks in both worlds, each with an operator of its own, at the same time.
func carryOut(t *testing.T, attacks []attack) []outcome {
	t.Helper()
	out := make([]outcome, len(attacks))
	numbers := make([]int, len(attacks))
	for i := range attacks {
		out[i].attack, numbers[i] = &attacks[i], int(serial.Add(1))
	}
	var worlds [2][]*world
	var logs [2]logbook
	for bit := range 2 {
		crowd := fmt.Sprintf("%d-%d", numbers[0], bit)
		for i := range attacks {
			w := newWorld(t, &attacks[i], crowd, numbers[i], bit)
			w.prepare()
			worlds[bit] = append(worlds[bit], w)
		}
		startOperator(t, &logs[bit], crowd)
	}
	var wait sync.WaitGroup
	for i := range attacks {
		for bit := range 2 {
			wait.Go(func() { out[i].views[bit] = worlds[bit][i].settle() })
		}
	}
	wait.Wait()
	for i := range attacks {
		for bit := range 2 {
			out[i].reasons[bit] = worlds[bit][i].reason()
			if strings.Contains(out[i].views[bit], marker) {
				out[i].leaked = "in the statuses and events:\n" + out[i].views[bit]
			}
		}
	}
	for bit := range 2 {
		if line := markedLine(logs[bit].String()); guarded && line != "" {
			t.Errorf("in the log: %s", line)
		}
	}
	return out
}

// markedLine is a line with the marker, if there is one. The operator logs the events that it tells the victim.
func markedLine(text string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, marker) && !strings.HasPrefix(line, "Event occurred [object victim-") {
			return line
		}
	}
	return ""
}

// prepare makes the victim's objects, and writes the tenant's.
func (w *world) prepare() {
	w.Helper()
	if w.attack.setup != nil {
		w.attack.setup(w)
	}
	s, c := w.scope(w.home, w.victim), w.control(w.home)
	if w.attack.scope != nil {
		w.attack.scope(w, s)
	}
	if w.attack.control != nil {
		w.attack.control(w, c)
	}
	w.write(s, c)
}

// settle waits until nothing changes any more, and returns what the tenant sees.
func (w *world) settle() string {
	last := ""
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(time.Second) {
		waits := w.unsettled()
		view := w.view()
		switch {
		case waits == "" && view == last:
			return view
		case time.Now().After(deadline):
			w.Errorf("%s: not settled after a minute (%s):\n%s", w.attack.name, waits, view)
			return view
		}
		last = view
	}
}
