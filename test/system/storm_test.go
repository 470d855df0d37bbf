// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package system

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// stormDwell is the dwell time of the operators in a storm: short, so that much is damped and much is not.
const stormDwell = time.Second

// storm changes pods, one for each of some controls, as fast as it can be told apart, and holds still when asked to.
type storm struct {
	*world
	client   client.WithWatch
	controls []*isms.Control
	// still is held by whoever wants the pods to stay as they are.
	still sync.Mutex
	state []string
	// flips are the states of each pod since its creation, each with its revision.
	flips [][]sighting
	done  chan struct{}
	wait  sync.WaitGroup

	mu sync.Mutex
	// shown and written are what an observer saw of the Controls' statuses and of their logs, in the order of the API
	// server's revisions.
	shown   map[string][]sighting
	written map[string][]sighting
	// sequences are those of the last entries that were seen.
	sequences map[string]int64
	kills     []time.Time
}

// sighting is a status or an entry as it was first seen.
type sighting struct {
	revision int64
	seen     time.Time
	result   isms.EvidenceResult
	// turned is when the operator says that it turned.
	turned time.Time
	flaps  *isms.LogFlaps
}

// newStorm makes an ISMS whose controls ask something of one pod each, and begins to observe.
func newStorm(t *testing.T, home string, controls int) *storm {
	t.Helper()
	w := install(t)
	w.isms(home)
	c, err := client.NewWithWatch(testenv.Shared(t).Config, client.Options{Scheme: w.client.Scheme()})
	if err != nil {
		t.Fatal(err)
	}
	s := &storm{
		world: w, client: c, done: make(chan struct{}), state: make([]string, controls), flips: make([][]sighting, controls),
		shown: map[string][]sighting{}, written: map[string][]sighting{}, sequences: map[string]int64{},
	}
	for i := range controls {
		name := fmt.Sprintf("pod-%d", i)
		pod := w.pod(name, "yes")
		w.create(pod)
		s.turned(i, pod, "yes")
		s.controls = append(s.controls, w.control(fmt.Sprintf("A.8.%d", i+1), "v1", "Pod",
			fmt.Sprintf(`object.metadata.name != %q || object.metadata.?labels[?"approved"].orValue("") == "yes"`, name)))
	}
	s.observe(s.home, &isms.ControlList{}, s.sawControl)
	s.observe(s.home, &isms.EvidenceLogList{}, s.sawLog)
	return s
}

// observe follows all objects of a kind in a namespace until the test ends.
func (s *storm) observe(namespace string, list client.ObjectList, saw func(client.Object, int64)) {
	s.Helper()
	if err := s.client.List(context.Background(), list, client.InNamespace(namespace)); err != nil {
		s.Fatal(err)
	}
	watching, err := s.client.Watch(context.Background(), list, client.InNamespace(namespace),
		&client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: list.GetResourceVersion(), TimeoutSeconds: ptr.To[int64](3600)}})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(watching.Stop)
	go func() {
		for event := range watching.ResultChan() {
			object, ok := event.Object.(client.Object)
			if !ok || event.Type == watch.Error {
				continue
			}
			revision, err := strconv.ParseInt(object.GetResourceVersion(), 10, 64)
			if err != nil {
				continue
			}
			s.mu.Lock()
			saw(object, revision)
			s.mu.Unlock()
		}
	}()
}

func (s *storm) sawControl(o client.Object, revision int64) {
	c, ok := o.(*isms.Control)
	if !ok || len(c.Status.Evidence) != 1 {
		return
	}
	id, e := string(c.Spec.ID), c.Status.Evidence[0]
	if known := s.shown[id]; len(known) > 0 && known[len(known)-1].result == e.Result || e.Reason == isms.ReasonNotSynced {
		return
	}
	s.shown[id] = append(s.shown[id], sighting{revision: revision, seen: time.Now(), result: e.Result, turned: e.LastTransitionTime.Time})
}

func (s *storm) sawLog(o client.Object, revision int64) {
	log, ok := o.(*isms.EvidenceLog)
	if !ok || log.Spec.Series != isms.SeriesControl {
		return
	}
	id := string(log.Spec.ControlID)
	for _, e := range log.Spec.Entries {
		if e.Sequence <= s.sequences[id] {
			continue
		}
		s.sequences[id] = e.Sequence
		if e.Type == isms.LogEvidenceChanged {
			s.written[id] = append(s.written[id], sighting{
				revision: revision, seen: time.Now(), result: e.Result, turned: e.ObservedTime.Time, flaps: e.Flaps,
			})
		}
	}
}

// begin lets the storm loose, until the test ends or calm is called.
func (s *storm) begin() {
	for i := range s.controls {
		s.wait.Go(func() {
			for {
				// Most states last for a moment, some beyond the dwell time.
				pause := time.Duration(rand.ExpFloat64() * 700 * float64(time.Millisecond))
				select {
				case <-s.done:
					return
				case <-time.After(pause):
				}
				s.still.Lock()
				s.flip(i)
				s.still.Unlock()
			}
		})
	}
	s.Cleanup(s.calm)
}

func (s *storm) flip(i int) {
	next := map[string]string{"yes": "no", "no": "yes"}[s.state[i]]
	patch := fmt.Sprintf(`{"metadata":{"labels":{"approved":%q}}}`, next)
	pod := s.pod(fmt.Sprintf("pod-%d", i), "")
	if err := s.client.Patch(context.Background(), pod, client.RawPatch(types.MergePatchType, []byte(patch))); err != nil {
		s.Error(err)
		return
	}
	s.turned(i, pod, next)
}

// results are what a Control says of its pod.
var results = map[string]isms.EvidenceResult{"yes": isms.EvidencePass, "no": isms.EvidenceFail}

// turned notes what a pod is since a write.
func (s *storm) turned(i int, pod client.Object, state string) {
	s.state[i] = state
	revision, err := strconv.ParseInt(pod.GetResourceVersion(), 10, 64)
	if err != nil {
		s.Error(err)
	}
	s.flips[i] = append(s.flips[i], sighting{revision: revision, result: results[state]})
}

// calm ends the storm.
func (s *storm) calm() {
	select {
	case <-s.done:
	default:
		close(s.done)
	}
	s.wait.Wait()
}

// reflected holds the pods still until each log ends with what its pod is: what lasts is recorded.
func (s *storm) reflected() {
	s.Helper()
	s.still.Lock()
	defer s.still.Unlock()
	s.eventually(func() string {
		s.mu.Lock()
		defer s.mu.Unlock()
		for i, c := range s.controls {
			want := results[s.state[i]]
			written := s.written[string(c.Spec.ID)]
			if len(written) == 0 || written[len(written)-1].result != want {
				return fmt.Sprintf("%s is %s, and its log does not say so: %+v", c.Spec.ID, want, written[max(0, len(written)-2):])
			}
		}
		return ""
	})
}

// kill ends a program by force.
func (s *storm) kill(p *program) {
	s.Helper()
	if err := p.command.Process.Kill(); err != nil {
		s.Fatal(err)
	}
	<-p.exited
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kills = append(s.kills, time.Now())
}

// judge holds what the observer saw against the log: it verifies, nothing in it is there twice, and nothing was shown that
// is not in it. It returns the number of entries.
func (s *storm) judge() int {
	s.Helper()
	var list isms.EvidenceLogList
	if err := s.client.List(context.Background(), &list, client.InNamespace(s.home)); err != nil {
		s.Fatal(err)
	}
	for _, r := range ledger.Verify(list.Items, ledger.Options{}) {
		if len(r.Problems) > 0 {
			s.Errorf("the log does not verify: %v", r.Problems)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	entries := 0
	for _, c := range s.controls {
		id := string(c.Spec.ID)
		entries += len(s.written[id])
		s.noneTwice(id)
		s.noneMissing(id)
	}
	return entries
}

// noneTwice: an entry that says what the one before it says stands for changes in between.
func (s *storm) noneTwice(id string) {
	written := s.written[id]
	for i := 1; i < len(written); i++ {
		if written[i].result == written[i-1].result && written[i].flaps == nil {
			s.Errorf("%s: entry %d says %s once more: %+v after %+v", id, i+1, written[i].result, written[i], written[i-1])
		}
	}
}

// noneMissing: whatever was shown was in the log before, by the API server's own order; or an entry was so young that it
// had to wait, and then a later one sums it up, unless the operator was killed while it waited.
func (s *storm) noneMissing(id string) {
	for _, shown := range s.shown[id] {
		last, next := -1, -1
		for i, w := range s.written[id] {
			if w.revision < shown.revision {
				last = i
			} else if next < 0 {
				next = i
			}
		}
		if last < 0 {
			s.Errorf("%s: %s was shown before anything was written", id, shown.result)
			continue
		}
		written := s.written[id]
		switch {
		case written[last].result == shown.result:
		case shown.turned.Sub(written[last].turned) > stormDwell+time.Second: // both are cut to seconds
			s.Errorf("%s: %s was shown at %s, but the log said %s since %s", id, shown.result, shown.turned, written[last].result, written[last].turned)
		case next >= 0 && written[next].flaps == nil && !s.killed(shown.seen, written[next].seen):
			s.Errorf("%s: %s was shown at %s, and the next entry does not sum it up: %+v", id, shown.result, shown.turned, written[next])
		}
	}
}

// killed says whether an operator was killed between two sightings. What was seen after a kill may have been written
// before it.
func (s *storm) killed(from, to time.Time) bool {
	for _, kill := range s.kills {
		if kill.After(from.Add(-5*time.Second)) && kill.Before(to) {
			return true
		}
	}
	return false
}

func stormFlags(more ...string) []string {
	return append([]string{"--log-dwell=" + stormDwell.String(), "--log-entries-per-hour=1000000"}, more...)
}

// count says how much a storm was, for the log of the test.
func (s *storm) count() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	shown, summed := 0, 0
	for _, c := range s.controls {
		shown += len(s.shown[string(c.Spec.ID)])
		for _, w := range s.written[string(c.Spec.ID)] {
			if w.flaps != nil {
				summed++
			}
		}
	}
	return fmt.Sprintf("%d kills, %d changes of a status, %d entries that sum up", len(s.kills), shown, summed)
}
