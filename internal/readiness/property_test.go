// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
)

// answers are the status of each gate, and of each element that a readiness asks for besides.
func (f facts) answers() map[string]metav1.ConditionStatus {
	in := f.joined()
	list := map[string]metav1.ConditionStatus{}
	for _, c := range Cycle(in).Status.Conditions {
		if slices.Contains(cycleConditions, c.Type) || c.Type == isms.ConditionCertificateValid {
			list[c.Type] = c.Status
		}
	}
	c := newCycleAssessment(in)
	for _, r := range readinesses {
		for _, g := range r.elements(c) {
			list[r.condition+" "+g.name] = g.answer.Status
		}
	}
	return list
}

// opened are those that were closed before, sorted.
func opened(before, after map[string]metav1.ConditionStatus) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if after[name] == metav1.ConditionTrue && before[name] != metav1.ConditionTrue {
			names = append(names, name)
		}
	}
	return names
}

// eachOf visits every value of a type that facts hold.
func eachOf[T any](v reflect.Value, visit func(*T)) {
	if v.CanAddr() {
		if x, ok := v.Addr().Interface().(*T); ok {
			visit(x)
			return
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			eachOf(v.Elem(), visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				eachOf(v.Field(i), visit)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachOf(v.Index(i), visit)
		}
	}
}

func (f *facts) dates() []*isms.Date {
	var list []*isms.Date
	take := func(d *isms.Date) {
		if *d != "" {
			list = append(list, d)
		}
	}
	eachOf(reflect.ValueOf(&f.scope).Elem(), take)
	return list
}

func (f *facts) conditions() []*metav1.Condition {
	var list []*metav1.Condition
	eachOf(reflect.ValueOf(&f.scope).Elem(), func(c *metav1.Condition) { list = append(list, c) })
	return list
}

// troubled are facts from which some were taken, with days that were moved, conditions that do not hold, findings, and events of
// the certificate, looked at on some day of three years.
func troubled(t *rapid.T) *facts {
	f := allFacts().copied()
	for range rapid.IntRange(0, 3).Draw(t, "taken") {
		list := f.root()
		for len(list) > 0 {
			one := list[rapid.IntRange(0, len(list)-1).Draw(t, "fact")]
			parts := one.parts()
			if len(parts) == 0 || rapid.IntRange(0, 4).Draw(t, "depth") == 0 {
				one.take()
				break
			}
			list = parts
		}
	}
	for range rapid.IntRange(0, 3).Draw(t, "moved") {
		d := rapid.SampledFrom(f.dates()).Draw(t, "date")
		*d = assess.AddDays(*d, int32(rapid.IntRange(-900, 900).Draw(t, "by")))
	}
	for range rapid.IntRange(0, 2).Draw(t, "turned") {
		c := rapid.SampledFrom(f.conditions()).Draw(t, "condition")
		c.Status = rapid.SampledFrom([]metav1.ConditionStatus{metav1.ConditionFalse, metav1.ConditionUnknown}).Draw(t, "status")
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "findings") {
		severity := rapid.SampledFrom([]isms.Severity{isms.SeverityMajor, isms.SeverityMinor, isms.SeverityAreaOfConcern}).Draw(t, "severity")
		f.scope.Findings = append(f.scope.Findings, raised(string(rune('x'+i)), "stage-1", severity, "2026-11-01"))
	}
	if spec := &f.scope.Cycles[0].Spec; spec.Certificate != nil && rapid.Bool().Draw(t, "decided otherwise") {
		event := rapid.SampledFrom([]isms.CertificateEventType{isms.CertificateSuspended, isms.CertificateWithdrawn}).Draw(t, "event")
		spec.Certificate.Events = append(spec.Certificate.Events, isms.CertificateEvent{Type: event, DecidedOn: "2026-10-01"})
	}
	f.at(now.AddDate(0, 0, rapid.IntRange(-300, 900).Draw(t, "today")))
	return f
}

func (f *facts) at(moment time.Time) { f.scope.Now, f.cycle.Now = moment, moment }

// TestTimeOpensNothing but the operating period, as long as no day of a record comes.
func TestTimeOpensNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := troubled(t)
		before, today := f.answers(), isms.NewDate(f.scope.Now)
		later := assess.AddDays(today, int32(rapid.IntRange(1, 900).Draw(t, "days")))
		for _, d := range f.dates() {
			if *d > today && *d <= later {
				later = assess.AddDays(*d, -1)
			}
		}
		f.at(f.scope.Now.AddDate(0, 0, assess.DaysBetween(today, later)))
		for _, name := range opened(before, f.answers()) {
			if name != isms.ConditionOperatingPeriodMet {
				t.Fatalf("from %s to %s nothing happened, and %s opened", today, later, name)
			}
		}
	})
}

// TestTroubleOpensNothing: neither an open Major, of whomever and on whatever, nor that something is not known any more.
func TestTroubleOpensNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := troubled(t)
		before := f.answers()
		major := raised("another", "stage-1", isms.SeverityMajor, isms.NewDate(f.scope.Now))
		major.Spec.Source = rapid.SampledFrom([]isms.FindingSource{isms.FindingFromCertificationBody, isms.FindingFromInternalAudit}).Draw(t, "source")
		major.Spec.Requirement = rapid.SampledFrom([]isms.ControlID{"8.1", "9.2", "A.5.1", "A.8.22"}).Draw(t, "requirement")
		worse := *f
		worse.scope.Findings = append(slices.Clone(f.scope.Findings), major)
		if names := opened(before, worse.answers()); len(names) > 0 {
			t.Fatalf("a Major opened %v", names)
		}
		if list := f.conditions(); len(list) > 0 {
			rapid.SampledFrom(list).Draw(t, "unknown").Status = metav1.ConditionUnknown
		}
		if names := opened(before, f.answers()); len(names) > 0 {
			t.Fatalf("that something is not known opened %v", names)
		}
	})
}

// TestReadyMeansAllOfIt: a readiness is True where each gate and each element that it asks for is, and no advisory one is asked.
func TestReadyMeansAllOfIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := troubled(t)
		in, answers := f.joined(), f.answers()
		status := Cycle(in).Status
		c := newCycleAssessment(in)
		for _, r := range readinesses {
			worst := metav1.ConditionTrue
			asked := slices.Clone(r.gates)
			for _, g := range r.elements(c) {
				asked = append(asked, r.condition+" "+g.name)
			}
			for _, name := range asked {
				switch answers[name] {
				case metav1.ConditionTrue:
				case metav1.ConditionFalse:
					worst = metav1.ConditionFalse
				default:
					if worst == metav1.ConditionTrue {
						worst = metav1.ConditionUnknown
					}
				}
			}
			if got := status.Conditions[slices.IndexFunc(status.Conditions, func(x metav1.Condition) bool { return x.Type == r.condition })].Status; got != worst {
				t.Fatalf("%s is %s, and of what it asks for the worst is %s", r.condition, got, worst)
			}
		}
	})
}

// TestNobodyIsNamed: whatever is missing or wrong, no condition, step, event or requirement says whose doing it is. The owner of a
// step has a field of its own.
func TestNobodyIsNamed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, n := troubled(t), 0
		eachOf(reflect.ValueOf(&f.scope).Elem(), func(p *isms.Person) {
			n++
			p.Name, p.Email = isms.ShortText(fmt.Sprintf("Canary %d", n)), isms.Email(fmt.Sprintf("canary-%d@example.com", n))
		})
		said := []string{}
		for _, c := range Scope(f.scope).Status.Conditions {
			said = append(said, c.Message)
		}
		for _, r := range Scope(f.scope).Status.Requirements {
			said = append(said, r.Message)
		}
		out := Cycle(f.joined())
		for _, c := range out.Status.Conditions {
			said = append(said, c.Message)
		}
		for _, s := range out.Status.Steps {
			said = append(said, s.Message)
		}
		for _, e := range out.Events {
			said = append(said, e.Message, e.Action)
		}
		for _, text := range said {
			if strings.Contains(strings.ToLower(text), "canary") {
				t.Fatalf("somebody is named: %s", text)
			}
		}
		if n == 0 {
			t.Skip("nobody is there")
		}
	})
}
