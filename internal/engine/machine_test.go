// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	testclock "k8s.io/utils/clock/testing"
	"pgregory.net/rapid"

	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/rule"
	"github.com/isms-operator/isms-operator/internal/tally"
	"github.com/isms-operator/isms-operator/internal/watch"
)

// server is a cluster of pods as the API server has it, with the events that the stream has not had yet.
type server struct {
	pods   map[tally.Key]*corev1.Pod
	events []serverEvent
}

type serverEvent struct {
	key tally.Key
	pod *corev1.Pod // nil: deleted
}

func (s *server) set(key tally.Key, pod *corev1.Pod) {
	if pod == nil {
		if s.pods[key] == nil {
			return
		}
		delete(s.pods, key)
	} else {
		s.pods[key] = pod
	}
	s.events = append(s.events, serverEvent{key, pod})
}

// sorted are the pods of some namespaces, [""] for all.
func (s *server) sorted(namespaces ...string) []*corev1.Pod {
	var out []*corev1.Pod
	for _, key := range slices.SortedFunc(maps.Keys(s.pods), func(a, b tally.Key) int { return compare(a.Namespace+"/"+a.Name, b.Namespace+"/"+b.Name) }) {
		if namespaces[0] == "" || slices.Contains(namespaces, key.Namespace) {
			out = append(out, s.pods[key])
		}
	}
	return out
}

// machine drives one stream through any interleaving of events, relists, listings and changes of rules.
type machine struct {
	server
	stream   *stream
	clock    *testclock.FakeClock
	programs []*check.Program
	rules    map[columnKey]*planColumn
	inFlight watch.Record // evaluated by the watch's goroutine, and not applied yet
	job      *job
	left     []*corev1.Pod // what the listing has still to bring
	spared   int           // evaluations
	encoded  bool          // pods come as protobuf
}

func newMachine(t *rapid.T) *machine {
	clk := testclock.NewFakeClock(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC))
	e := &Engine{opts: Options{Clock: clk, MaxKept: 1000}, namespaces: newNamespaces(func() {}), judge: newSignal(), deferred: newSignal()}
	e.clients = &watch.Clients{}
	m := &machine{
		clock:   clk,
		encoded: rapid.Bool().Draw(t, "encoded"),
		server:  server{pods: map[tally.Key]*corev1.Pod{}},
		stream:  e.newStream(streamKey{kind: corev1.SchemeGroupVersion.WithKind("Pod")}, &wish{kind: watch.Kind{Namespaced: true}}),
		rules:   map[columnKey]*planColumn{},
	}
	for _, r := range []check.Rule{
		{Expect: "object.spec.hostNetwork"},
		{Expect: "!object.spec.hostPID", Where: "object.spec.hostNetwork"},
		{Expect: "object.metadata.labels['a'] == 'x'"},
		{Expect: "object.metadata.?annotations[?'touched'].orValue('no') == 'no'"}, // restless as it may be
		{Expect: "object.metadata.name != 'p-1'"},
		{Expect: "object.metadata.annotations['touched'] == 'yes'", Where: "object.spec.hostNetwork"}, // an error of most
		{Expect: "objects.size() > 2", Where: "object.spec.hostPID", Set: true},
	} {
		r.Kind = m.stream.key.kind
		p, err := check.Compile(r, check.Options{})
		if err != nil {
			t.Fatal(err)
		}
		m.programs = append(m.programs, p)
	}
	return m
}

func drawKey(t *rapid.T) tally.Key {
	return tally.Key{
		Namespace: fmt.Sprintf("ns-%d", rapid.IntRange(0, 3).Draw(t, "ns")), Name: fmt.Sprintf("p-%d", rapid.IntRange(0, 5).Draw(t, "name")),
	}
}

func drawPod(t *rapid.T, key tally.Key) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name, Labels: map[string]string{}}}
	p.Spec.HostNetwork, p.Spec.HostPID = rapid.Bool().Draw(t, "network"), rapid.Bool().Draw(t, "pid")
	if l := rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "label"); l != "" {
		p.Labels["a"] = l
	}
	return p
}

func (m *machine) changeRules(t *rapid.T) {
	m.rules = map[columnKey]*planColumn{}
	for i, p := range m.programs {
		namespaces := map[string]uint64{}
		for n := range 4 {
			if rapid.Bool().Draw(t, "in scope") {
				namespaces[fmt.Sprintf("ns-%d", n)] = 0
			}
		}
		if rapid.Bool().Draw(t, "wanted") {
			key := columnKey{Key: rule.Key{Digest: p.Digest(), Negate: i == 1}}
			m.rules[key] = &planColumn{key: key, program: p, keeps: p.Set(), namespaces: namespaces}
		}
	}
	columns := maps.Clone(m.rules)
	m.stream.replan(&wish{columns: columns})
}

func (m *machine) evaluateNext() {
	m.applyInFlight()
	if len(m.events) == 0 {
		return
	}
	e := m.events[0]
	m.events = m.events[1:]
	if e.pod == nil {
		m.stream.Delete(e.key.Namespace, e.key.Name)
		return
	}
	m.inFlight = m.stream.Reevaluate(m.sent(e.pod))
	if m.inFlight.(*record).same != 0 {
		m.spared++
	}
}

// sent is a pod as the stream has it from the API server.
func (m *machine) sent(p *corev1.Pod) runtime.Object {
	if m.encoded {
		return asSent(p)
	}
	return p
}

// asSent is a pod as protobuf.
func asSent(p *corev1.Pod) *watch.EncodedObject {
	data, err := p.Marshal()
	if err != nil {
		panic(err)
	}
	out, err := watch.NewEncodedObject(reflect.TypeOf(*p), &metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}, data)
	if err != nil {
		panic(err)
	}
	return out
}

// churn changes a pod that the stream knows, in what no rule reads, while what is evaluated is applied as it comes.
func (m *machine) churn(t *rapid.T) {
	all := m.sorted("")
	if len(all) == 0 {
		return
	}
	p := rapid.SampledFrom(all).Draw(t, "pod")
	for n := range rapid.IntRange(1, 4).Draw(t, "changes") {
		p = p.DeepCopy()
		p.ResourceVersion, p.Status.Message = fmt.Sprint(n), fmt.Sprint("round ", n)
		m.set(tally.Key{Namespace: p.Namespace, Name: p.Name}, p)
		m.catchUp()
		m.applyInFlight()
	}
}

// touch changes a pod in what few rules read.
func (m *machine) touch(t *rapid.T) {
	if all := m.sorted(""); len(all) > 0 {
		p := rapid.SampledFrom(all).Draw(t, "pod").DeepCopy()
		if rapid.IntRange(0, 3).Draw(t, "more") == 0 {
			p.Spec = drawPod(t, tally.Key{}).Spec
		}
		p.Annotations = map[string]string{"touched": rapid.SampledFrom([]string{"yes", "no"}).Draw(t, "touched")}
		m.set(tally.Key{Namespace: p.Namespace, Name: p.Name}, p)
	}
}

// revert makes another pod of it, or none, and the same again.
func (m *machine) revert(t *rapid.T) {
	if all := m.sorted(""); len(all) > 0 {
		p := rapid.SampledFrom(all).Draw(t, "pod")
		key := tally.Key{Namespace: p.Namespace, Name: p.Name}
		if rapid.Bool().Draw(t, "deleted") {
			m.set(key, nil)
		} else {
			m.set(key, drawPod(t, key))
		}
		m.set(key, p)
	}
}

// column draws a rule of the present plan, nil where there is none.
func (m *machine) column(t *rapid.T) *planColumn {
	columns := m.stream.plan.Load().columns
	if len(columns) == 0 {
		return nil
	}
	return &columns[rapid.IntRange(0, len(columns)-1).Draw(t, "rule")]
}

// weigh makes a rule heavy.
func (m *machine) weigh(t *rapid.T) {
	if c := m.column(t); c != nil {
		c.budget.heavy.Store(true)
	}
}

// suspend has a rule exceed the limit in a namespace.
func (m *machine) suspend(t *rapid.T) {
	if c := m.column(t); c != nil {
		c.budget.exceed(drawKey(t).Namespace, m.clock.Now())
	}
}

// retry has a suspension end and its namespace listed, while a pod there changes.
func (m *machine) retry(t *rapid.T) {
	m.suspend(t)
	m.weigh(t)
	for range rapid.IntRange(0, 2).Draw(t, "changes while it is suspended") {
		m.touch(t)
	}
	m.catchUp()
	m.applyInFlight()
	m.clock.Step(2 * lastBackOff)
	m.stream.resume()
	m.list(1000)
	m.beginListing()
	before := m.sorted("")
	m.touch(t)
	if rapid.Bool().Draw(t, "the event comes first") {
		m.catchUp()
		m.applyInFlight()
		m.drain()
	}
	m.list(rapid.IntRange(1, 30).Draw(t, "pages"))
	if len(before) > 0 && rapid.Bool().Draw(t, "as it was") {
		p := rapid.SampledFrom(before).Draw(t, "pod")
		m.set(tally.Key{Namespace: p.Namespace, Name: p.Name}, p)
	}
}

// drain evaluates all that waits.
func (m *machine) drain() {
	for i := range m.stream.plan.Load().columns {
		for m.stream.evaluateNext(&m.stream.plan.Load().columns[i]) {
		}
	}
}

// wait lets time pass, so that some back-offs end.
func (m *machine) wait(t *rapid.T) {
	m.clock.Step(time.Duration(rapid.IntRange(1, 90).Draw(t, "minutes")) * time.Minute)
	m.stream.resume()
}

// work evaluates what waits of one heavy rule.
func (m *machine) work(t *rapid.T) {
	if c := m.column(t); c != nil {
		m.stream.evaluateNext(c)
	}
}

// move puts a rule into any class, as learning may at any moment.
func (m *machine) move(t *rapid.T) {
	if c := m.column(t); c != nil {
		c.temper.class.Store(uint32(rapid.IntRange(int(plain), int(restless)).Draw(t, "class"))) //nolint:gosec // one of four
		m.stream.sortAnew()
	}
}

func (m *machine) catchUp() {
	for len(m.events) > 0 {
		m.evaluateNext()
	}
}

func (m *machine) applyInFlight() {
	if m.inFlight != nil {
		m.stream.Apply(m.inFlight)
		m.inFlight = nil
	}
}

// relist is a watch that starts anew: what it had not brought yet is in the list. Rules may change meanwhile.
func (m *machine) relist(t *rapid.T) {
	m.events, m.inFlight = nil, nil
	var records []watch.Record
	for _, p := range m.sorted("") {
		records = append(records, m.stream.Evaluate(m.sent(p)))
		if rapid.IntRange(0, 9).Draw(t, "change rules") == 0 {
			m.changeRules(t)
		}
	}
	m.stream.Replace(records)
}

func (m *machine) beginListing() {
	if m.job != nil {
		return
	}
	if j, ok := m.stream.begin(); ok {
		m.job, m.left = &j, m.sorted(j.namespaces...)
	}
}

func (m *machine) list(n int) {
	for ; m.job != nil && n > 0; n-- {
		if len(m.left) == 0 {
			m.stream.finish(*m.job, true)
			m.job = nil
			return
		}
		m.stream.fill(*m.job, m.stream.Evaluate(m.sent(m.left[0])))
		m.left = m.left[1:]
	}
}

// settle lets everything that is under way come to its end.
func (m *machine) settle() {
	if !m.stream.synced {
		return
	}
	for len(m.events) > 0 || m.inFlight != nil {
		m.evaluateNext()
		m.applyInFlight()
	}
	for range 10 {
		m.clock.Step(2 * lastBackOff)
		m.stream.resume()
		m.list(1000)
		m.beginListing()
		m.drain()
	}
}
