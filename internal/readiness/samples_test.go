// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package readiness

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/sampling"
)

func request(changes ...func(*isms.SampleRequest)) isms.SampleRequest {
	r := isms.SampleRequest{
		Name: "reviews", Seed: "dice 4711", Size: 3,
		Population: isms.SamplePopulation{Kind: isms.SampleAttestations, Type: "FirewallReview", Controls: []isms.ControlID{"A.8.22"}},
		Period:     isms.Period{From: "2026-07-01", To: "2026-09-30"},
	}
	for _, change := range changes {
		change(&r)
	}
	return r
}

// sampled is a cycle that asks for a sample, with twelve reviews of A.8.22 in the period and records that are not of the
// population: of another type, control, scope and time.
func sampled(r isms.SampleRequest) CycleInput {
	in := readyInput()
	in.Cycle.Spec.Samples = []isms.SampleRequest{r}
	record := func(name string, on isms.Date, changes ...func(*isms.Attestation)) {
		a := attestation(name, "FirewallReview", on, func(t *isms.Attestation) { t.Spec.Controls = []isms.ControlID{"A.5.1", "A.8.22"} })
		for _, change := range changes {
			change(&a)
		}
		in.Attestations = append(in.Attestations, a)
	}
	for i := range 10 {
		record(fmt.Sprintf("review-%d", i), isms.Date(fmt.Sprintf("2026-08-%02d", i+1)))
	}
	record("first-day", "2026-07-01", func(t *isms.Attestation) { t.Spec.Outcome = isms.OutcomeFail })
	record("last-day", "2026-09-30", func(t *isms.Attestation) { t.Spec.Supersedes = &isms.LocalRef{Name: "review-1"} })
	record("too-early", "2026-06-30")
	record("too-late", "2026-10-01")
	record("of-another-type", "2026-08-01", func(t *isms.Attestation) { t.Spec.Type = "Drill" })
	record("of-another-control", "2026-08-01", func(t *isms.Attestation) { t.Spec.Controls = []isms.ControlID{"A.5.1"} })
	record("of-another-scope", "2026-08-01", func(t *isms.Attestation) { t.Spec.ScopeRef.Name = "other" })
	return in
}

func items(ids ...string) []sampling.Item {
	var list []sampling.Item
	for _, id := range ids {
		list = append(list, sampling.Item{ID: id})
	}
	return list
}

var reviewed = items("first-day", "last-day", "review-0", "review-1", "review-2", "review-3", "review-4", "review-5", "review-6",
	"review-7", "review-8", "review-9")

// TestSampleOfAttestations: the population is every record of the period, whatever it says, and the status has what one needs
// to draw again.
func TestSampleOfAttestations(t *testing.T) {
	out := assessCycle(t, sampled(request()))
	if len(out.Status.Samples) != 1 {
		t.Fatalf("%d samples", len(out.Status.Samples))
	}
	got := out.Status.Samples[0]
	size := int32(len(reviewed))
	want := isms.SampleStatus{
		Name: "reviews", State: isms.SampleDrawn, Method: "SHA256Order", Seed: "dice 4711", RequestDigest: got.RequestDigest,
		PopulationSize: &size, PopulationDigest: sampling.Digest(reviewed), Drawn: sampling.Draw("dice 4711", reviewed, 3),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	event := assess.Event{Type: assess.EventNormal, Reason: isms.ReasonSampleDrawn, Message: "The sample reviews is drawn: 3 of 12.", Action: "reviews"}
	if !slices.Contains(out.Events, event) {
		t.Errorf("events %v", out.Events)
	}
}

// TestSampleSizes follow from what the request gives.
func TestSampleSizes(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*isms.SampleRequest)
		want   int
	}{
		"a size":              {func(*isms.SampleRequest) {}, 3},
		"more than there are": {func(r *isms.SampleRequest) { r.Size = 90 }, 12},
		"a frequency":         {func(r *isms.SampleRequest) { r.Size, r.Frequency = 0, isms.FrequencyWeekly }, 5},
		"a confidence": {func(r *isms.SampleRequest) {
			r.Size, r.Confidence = 0, &isms.SampleConfidence{ConfidencePercent: 90, TolerablePercent: 10}
		}, 8},
		"of what is not there": {func(r *isms.SampleRequest) { r.Population.Type = "Nothing" }, 0},
	} {
		got := assessCycle(t, sampled(request(tc.change))).Status.Samples[0]
		if len(got.Drawn) != tc.want || got.State != isms.SampleDrawn {
			t.Errorf("%s: %d drawn, want %d", name, len(got.Drawn), tc.want)
		}
	}
}

// TestSampleOfTheLogWaitsForItsDay: entries are of days in UTC, so their day may last longer than that of the cycle.
func TestSampleOfTheLogWaitsForItsDay(t *testing.T) {
	in := sampled(request(func(r *isms.SampleRequest) {
		r.Population = isms.SamplePopulation{Kind: isms.SampleLogEntries}
	}))
	in.Cycle.Spec.TimeZone, in.Logs = "Pacific/Auckland", []isms.EvidenceLog{}
	over := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	for at, want := range map[time.Time]isms.SampleState{over.Add(-time.Second): isms.SamplePending, over: isms.SampleDrawn} {
		in.Now = at
		if got := Cycle(in).Status.Samples[0].State; got != want {
			t.Errorf("at %s it is %s, want %s", at, got, want)
		}
	}
}

// TestSampleWaitsForItsPeriod to be over, and is looked at again then.
func TestSampleWaitsForItsPeriod(t *testing.T) {
	in := sampled(request())
	in.Cycle.Spec.TimeZone = "Europe/Berlin"
	over := time.Date(2026, 9, 30, 22, 0, 0, 0, time.UTC)
	in.Now = over.Add(-time.Hour)
	out := Cycle(in)
	if diff := cmp.Diff([]isms.SampleStatus{{Name: "reviews", State: isms.SamplePending}}, out.Status.Samples); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !out.RequeueAt.Equal(over) {
		t.Errorf("looks again at %s, want %s", out.RequeueAt, over)
	}
	in.Now = over
	if got := Cycle(in).Status.Samples[0].State; got != isms.SampleDrawn {
		t.Errorf("when the period is over: %s", got)
	}
}

// TestChangedPopulationIsTold: a record that comes later makes it another draw, with a warning, once.
func TestChangedPopulationIsTold(t *testing.T) {
	in := sampled(request())
	first := Cycle(in)
	in.Cycle.Status = first.Status
	if again := Cycle(in); len(again.Events) > 0 {
		t.Errorf("a second look tells %v", again.Events)
	}
	in.Attestations = slices.DeleteFunc(in.Attestations, func(a isms.Attestation) bool { return a.Name == "review-3" })
	second := Cycle(in)
	want := []assess.Event{{
		Type: assess.EventWarning, Reason: isms.ReasonPopulationChanged, Action: "reviews",
		Message: "Records of the period of sample reviews came or went after it was drawn: it is drawn anew.",
	}}
	if diff := cmp.Diff(want, second.Events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if first.Status.Samples[0].PopulationDigest == second.Status.Samples[0].PopulationDigest {
		t.Error("the digest of the population stays")
	}
}

// logged is a log of A.8.22 with an entry an hour from midnight before the period on, under two criteria in turn.
func logged() []isms.EvidenceLog {
	log := isms.EvidenceLog{ObjectMeta: metav1.ObjectMeta{Name: "acme.a.8.22.1"}}
	log.Spec = isms.EvidenceLogSpec{ScopeRef: isms.LocalRef{Name: "acme"}, Series: isms.SeriesControl, ControlID: "A.8.22", Number: 1, FirstSequence: 1}
	for i := range 72 {
		log.Spec.Entries = append(log.Spec.Entries, isms.LogEntry{
			Sequence: int64(i + 1), Type: isms.LogEvidenceChanged, CriteriaDigest: isms.Digest(fmt.Sprint("sha256:", i%2)),
			ObservedTime: metav1.NewTime(time.Date(2026, 6, 30, i, 0, 0, 0, time.UTC)),
		})
	}
	log.Spec.Entries[30].Type = isms.LogCriteriaChanged
	other := *log.DeepCopy()
	other.Name, other.Spec.ControlID = "acme.a.5.1.1", "A.5.1"
	foreign := *log.DeepCopy()
	foreign.Name, foreign.Spec.ScopeRef.Name = "other.a.8.22.1", "other"
	return []isms.EvidenceLog{log, other, foreign}
}

func entries(changes ...func(*isms.SampleRequest)) isms.SampleRequest {
	return request(append([]func(*isms.SampleRequest){func(r *isms.SampleRequest) {
		r.Population.Kind, r.Population.Type, r.Period = isms.SampleLogEntries, isms.TypeName(isms.LogEvidenceChanged), isms.Period{From: "2026-07-01", To: "2026-07-01"}
	}}, changes...)...)
}

// TestSampleOfLogEntries: the entries of a control that were observed in the period; of an automated control one for each
// configuration.
func TestSampleOfLogEntries(t *testing.T) {
	var population []sampling.Item
	for sequence := 25; sequence <= 48; sequence++ {
		if sequence != 31 {
			population = append(population, sampling.Item{ID: fmt.Sprintf("acme.a.8.22.1/%d", sequence), Group: fmt.Sprint((sequence - 1) % 2)})
		}
	}
	in := sampled(entries())
	if !LogsWanted(in.Cycle, in.Now) {
		t.Error("no log is wanted")
	}
	if got := Cycle(in).Status.Samples[0].State; got != isms.SamplePending {
		t.Errorf("before a log is read: %s", got)
	}
	in.Logs = logged()
	out := assessCycle(t, in)
	got := out.Status.Samples[0]
	if got.PopulationDigest != sampling.Digest(population) || !slices.Equal(got.Drawn, sampling.Draw("dice 4711", population, 3)) {
		t.Errorf("%+v", got)
	}
	in.Cycle.Spec.Samples[0] = entries(func(r *isms.SampleRequest) { r.Size, r.Frequency = 0, isms.FrequencyAutomated })
	if got := Cycle(in).Status.Samples[0].Drawn; !slices.Equal(got, sampling.DrawEach("dice 4711", population, 2)) {
		t.Errorf("automated: %v", got)
	}

	in = sampled(entries())
	in.Cycle.Status.Samples, in.Logs = out.Status.Samples, nil
	if LogsWanted(in.Cycle, in.Now) {
		t.Error("a log is wanted of which the sample is drawn")
	}
	if diff := cmp.Diff(out.Status.Samples, Cycle(in).Status.Samples); diff != "" {
		t.Errorf("the draw does not stand (-want +got):\n%s", diff)
	}
	in.Cycle.Spec.Samples[0].Seed = "another one"
	if !LogsWanted(in.Cycle, in.Now) || Cycle(in).Status.Samples[0].State != isms.SamplePending {
		t.Error("the draw stands for another request")
	}
}

// TestSuspendedCycleKeepsItsSamples.
func TestSuspendedCycleKeepsItsSamples(t *testing.T) {
	in := sampled(request())
	in.Cycle.Status = Cycle(in).Status
	in.Cycle.Annotations = map[string]string{assess.SuspendAnnotation: "true"}
	if diff := cmp.Diff(in.Cycle.Status.Samples, Cycle(in).Status.Samples); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
