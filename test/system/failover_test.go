// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package system

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	coordinationv1 "k8s.io/api/coordination/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

const leaseName = "isms-operator.io"

// The settings of client-go, which are shorter than those that are shipped, so that many kills fit into a test.
const (
	leaseDuration = 15 * time.Second
	renewDeadline = 10 * time.Second
	retryPeriod   = 2 * time.Second
)

// TestFailover has two replicas in a storm, and kills the leader again and again. Whatever is shown follows from a change
// of a pod, the follower writes nothing before it has the lease, and has it in time.
func TestFailover(t *testing.T) {
	w := newPair(t, "failover", "--leader-elect-lease-duration="+leaseDuration.String(),
		"--leader-elect-renew-deadline="+renewDeadline.String(), "--leader-elect-retry-period="+retryPeriod.String())
	before := w.steadyStatuses()
	w.begin()
	for range killsOr(t, 4) {
		time.Sleep(time.Duration(rand.Int64N(int64(3 * time.Second)))) // a random moment is what is tested
		w.failOver()
	}
	w.calm()
	w.reflected()
	entries := w.judge()
	w.justified()
	if diff := cmp.Diff(before, w.steadyStatuses()); diff != "" {
		t.Errorf("a Control whose objects did not change was written (-before +after):\n%s", diff)
	}
	t.Logf("%s, %d entries", w.count(), entries)
	for _, p := range w.replicas {
		w.warm(p) // the last to be started may not have got so far that it can be asked to end
		p.stop()
	}
}

// TestHandOver: a leader that is asked to end gives its lease back, and the follower, which has seen everything, goes on
// without waiting for the lease to run out.
func TestHandOver(t *testing.T) {
	const lease = 2 * time.Minute
	w := newPair(t, "handover", "--leader-elect-lease-duration="+lease.String(),
		"--leader-elect-renew-deadline=90s", "--leader-elect-retry-period="+retryPeriod.String())
	before := w.steadyStatuses()
	leader, follower := w.roles()
	w.warm(follower)
	w.begin()
	term := w.lease()
	leader.stop()
	next := w.nextTerm(term)
	released := w.released(term)
	if released == nil {
		t.Fatal("the leader has not given the lease back")
	}
	if waited := next.Spec.AcquireTime.Sub(released.Spec.RenewTime.Time); waited >= lease {
		t.Errorf("the follower has waited for %s, as long as the lease", waited)
	}
	w.calm()
	w.reflected()
	w.judge()
	w.justified()
	if diff := cmp.Diff(before, w.steadyStatuses()); diff != "" {
		t.Errorf("a Control whose objects did not change was written (-before +after):\n%s", diff)
	}
	follower.stop()
}

// pair is a storm over two replicas, of which one leads.
type pair struct {
	*storm
	flags    []string
	replicas []*program
	// steady are Controls whose objects do not change.
	steady []*isms.Control
	// The following is what was seen, under the storm's lock: each version of the lease, each status of the storm's Controls,
	// and each write of a status or a log.
	leases   []*coordinationv1.Lease
	statuses map[string][]status
	writes   []sighting
}

// status is what a Control says, besides texts and counts.
type status struct {
	sighting
	standing string
	unknown  bool
}

// newPair runs two replicas, and waits until everything is assessed.
func newPair(t *testing.T, home string, flags ...string) *pair {
	t.Helper()
	w := &pair{storm: newStorm(t, home, 4), flags: flags, statuses: map[string][]status{}}
	w.steady = []*isms.Control{
		w.control("A.8.22", "v1", "Pod", `object.spec.containers.size() == 1`),
		w.control("A.8.23", "v1", "Pod", `object.spec.containers.size() == 2`),
		w.control("A.8.24", "example.org/v1", "Absent", "object.spec.ok"),
	}
	w.observe(w.home, &isms.ControlList{}, w.sawStatus)
	w.observe(w.home, &isms.EvidenceLogList{}, func(_ client.Object, revision int64) {
		w.writes = append(w.writes, sighting{revision: revision, seen: time.Now()})
	})
	w.observe(systemNamespace, &coordinationv1.LeaseList{}, w.sawLease)
	w.replicas = []*program{w.replica(), w.replica()}
	w.reflected()
	w.want(w.steady[0], isms.ResultEffective, isms.EvidencePass, isms.ReasonObjectsPassed)
	w.want(w.steady[1], isms.ResultIneffective, isms.EvidenceFail, isms.ReasonObjectsFailed, "pod-0", "pod-1", "pod-2", "pod-3")
	w.want(w.steady[2], isms.ResultUnknown, isms.EvidenceUnknown, isms.ReasonKindNotServed)
	w.awaitHeartbeat()
	return w
}

func (w *pair) replica() *program {
	w.Helper()
	metrics := freeAddress(w.T)
	p := launch(w.T, stormFlags(append([]string{
		"--leader-elect", "--leader-election-namespace=" + systemNamespace, "--metrics-bind-address=" + metrics,
	}, w.flags...)...)...)
	p.metrics = metrics
	return p
}

func (w *pair) sawLease(o client.Object, _ int64) {
	if lease, ok := o.(*coordinationv1.Lease); ok && lease.Name == leaseName {
		w.leases = append(w.leases, lease)
	}
}

func (w *pair) sawStatus(o client.Object, revision int64) {
	c, ok := o.(*isms.Control)
	if !ok || len(c.Status.Evidence) != 1 {
		return
	}
	e, seen := c.Status.Evidence[0], sighting{revision: revision, seen: time.Now(), result: c.Status.Evidence[0].Result}
	w.writes = append(w.writes, seen)
	standing := fmt.Sprint(c.Status.Result, e.Result, e.Reason)
	for _, condition := range c.Status.Conditions {
		standing += fmt.Sprint(" ", condition.Type, condition.Status, condition.Reason)
	}
	w.statuses[string(c.Spec.ID)] = append(w.statuses[string(c.Spec.ID)], status{
		sighting: seen, standing: standing, unknown: c.Status.Result == isms.ResultUnknown || e.Result == isms.EvidenceUnknown,
	})
}

// roles returns the replica that leads, and the one that follows.
func (w *pair) roles() (leader, follower *program) {
	w.Helper()
	w.eventually(func() string {
		for i, p := range w.replicas {
			p.alive()
			if slices.ContainsFunc(p.lines(), func(l string) bool { return strings.Contains(l, "Successfully acquired lease") }) {
				leader, follower = p, w.replicas[1-i]
				return ""
			}
		}
		return "nobody leads"
	})
	return leader, follower
}

// failOver kills the leader, waits until the other replica has written, and starts another one in its place.
func (w *pair) failOver() {
	w.Helper()
	leader, follower := w.roles()
	before := w.lease()
	w.kill(leader)
	killed := time.Now()
	time.Sleep(time.Second) // what it has sent before its end is written by now
	ended := w.revision()
	after := w.nextTerm(before)
	first := w.firstWrite(after)
	w.inTime(before, after, killed, first.seen)
	w.silent(ended, after)
	w.reflected()
	w.replicas = []*program{follower, w.replica()}
}

// lease is the lease as it was last seen.
func (w *pair) lease() *coordinationv1.Lease {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.leases[len(w.leases)-1]
}

// nextTerm waits until another replica has the lease.
func (w *pair) nextTerm(before *coordinationv1.Lease) *coordinationv1.Lease {
	w.Helper()
	var next *coordinationv1.Lease
	w.eventually(func() string {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, l := range w.leases {
			if holder := l.Spec.HolderIdentity; revisionOf(l) > revisionOf(before) && *holder != "" && *holder != *before.Spec.HolderIdentity {
				next = l
				return ""
			}
		}
		return "nobody has taken the lease over"
	})
	return next
}

// released is the lease without a holder after a term, nil where it was never.
func (w *pair) released(term *coordinationv1.Lease) *coordinationv1.Lease {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range w.leases {
		if revisionOf(l) > revisionOf(term) && *l.Spec.HolderIdentity == "" {
			return l
		}
	}
	return nil
}

// firstWrite waits for the first status or entry that is written in a term.
func (w *pair) firstWrite(term *coordinationv1.Lease) sighting {
	w.Helper()
	var first sighting
	w.eventually(func() string {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, s := range w.writes {
			if s.revision > revisionOf(term) {
				first = s
				return ""
			}
		}
		return "the new leader writes nothing"
	})
	return first
}

// inTime holds a take-over against the lease's own settings: not before the lease has run out, and no later than after
// another one.
func (w *pair) inTime(before, after *coordinationv1.Lease, killed, wrote time.Time) {
	w.Helper()
	lease := time.Duration(*before.Spec.LeaseDurationSeconds) * time.Second
	w.mu.Lock()
	last := before
	for _, l := range w.leases { // it may have renewed once more
		if revisionOf(l) < revisionOf(after) {
			last = l
		}
	}
	w.mu.Unlock()
	if lapsed := after.Spec.AcquireTime.Sub(last.Spec.RenewTime.Time); lapsed < lease {
		w.Errorf("the lease was taken %s after it was renewed, while it was valid", lapsed)
	}
	if took := wrote.Sub(killed); took > 2*lease {
		w.Errorf("the follower has written %s after the leader was killed, with a lease of %s", took, lease)
	} else {
		w.Logf("killed: the lease is taken over after %s, and the first write comes after %s",
			after.Spec.AcquireTime.Sub(killed).Round(time.Millisecond), took.Round(time.Millisecond))
	}
}

// silent asks that nothing was written between the end of one leader and the term of the next, while pods changed.
func (w *pair) silent(ended int64, after *coordinationv1.Lease) {
	w.Helper()
	within := func(revision int64) bool { return revision > ended && revision < revisionOf(after) }
	w.mu.Lock()
	for _, s := range w.writes {
		if within(s.revision) {
			w.Errorf("revision %d was written while nobody led", s.revision)
		}
	}
	w.mu.Unlock()
	w.still.Lock()
	defer w.still.Unlock()
	changes := 0
	for _, flips := range w.flips {
		for _, f := range flips {
			if within(f.revision) {
				changes++
			}
		}
	}
	if changes == 0 {
		w.Error("no pod has changed while nobody led")
	}
}

// justified holds every status that was shown against the pods: none is Unknown, none differs from the one before without
// another result, and the results follow, in order, from states that the pod had before.
func (w *pair) justified() {
	w.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, c := range w.controls {
		id, state := string(c.Spec.ID), 0
		var last status
		for _, s := range w.statuses[id] {
			switch {
			case s.unknown && last.standing != "":
				w.Errorf("%s: %s is shown after %s", id, s.standing, last.standing)
			case s.unknown: // it is being assessed for the first time
				continue
			case s.result == last.result && s.standing != last.standing:
				w.Errorf("%s: %s is shown after %s: the result is the same", id, s.standing, last.standing)
			case s.result != last.result:
				for state < len(w.flips[i]) && w.flips[i][state].result != s.result {
					state++
				}
				if state == len(w.flips[i]) || w.flips[i][state].revision > s.revision {
					w.Errorf("%s: %s is shown at revision %d, after %s, and the pod was not so since", id, s.result, s.revision, last.result)
				}
			}
			last = s
		}
	}
}

// steadyStatuses are the statuses of the steady Controls, with their revisions.
func (w *pair) steadyStatuses() []string {
	w.Helper()
	out := make([]string, 0, len(w.steady))
	for _, c := range w.steady {
		out = append(out, w.status(c))
	}
	return out
}

// warm waits until a follower says that it is ready, and evaluates as the leader does.
func (w *pair) warm(p *program) {
	w.Helper()
	w.eventually(func() string {
		if _, err := p.ask(p.Context(), p.probes, "/readyz"); err != nil {
			return err.Error()
		}
		objects := 0
		for _, line := range p.scrape() {
			if unsynced, ok := strings.CutPrefix(line, `isms_engine_rules{reason="NotSynced"} `); ok && unsynced != "0" {
				return unsynced + " rules are not synced"
			}
			if n, ok := strings.CutPrefix(line, `isms_engine_objects{group="",kind="Pod",version="v1"} `); ok {
				objects, _ = strconv.Atoi(n)
			}
		}
		if objects < len(w.controls) {
			return fmt.Sprintf("%d pods", objects)
		}
		return ""
	})
}

// revision is that of the API server now.
func (w *pair) revision() int64 {
	w.Helper()
	var list isms.ControlList
	if err := w.client.List(context.Background(), &list, client.InNamespace(w.home)); err != nil {
		w.Fatal(err)
	}
	revision, err := strconv.ParseInt(list.ResourceVersion, 10, 64)
	if err != nil {
		w.Fatal(err)
	}
	return revision
}

// revisionOf is that of an object that a watch has brought, which looked at it already.
func revisionOf(o client.Object) int64 {
	revision, _ := strconv.ParseInt(o.GetResourceVersion(), 10, 64)
	return revision
}
