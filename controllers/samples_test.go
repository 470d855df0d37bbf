// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/sampling"
)

// recipes of docs/auditcycle.md that write a population: a command of kubectl, and what jq makes of it.
var recipes = regexp.MustCompile(`(?s)kubectl get (attestations|evidencelogs) -n isms -o json \| jq -r '([^']*)' > population`)

// populations are the names that the recipes of the docs find in a list of objects, with the page's scope and days replaced.
func (w *world) population(resource string, list client.ObjectList, replace ...string) []sampling.Item {
	w.Helper()
	jq, err := exec.LookPath("jq")
	if err != nil {
		w.Skip("jq is not installed")
	}
	page, err := os.ReadFile("../docs/auditcycle.md")
	if err != nil {
		w.Fatal(err)
	}
	if err := w.client.List(ctx, list, client.InNamespace(w.home)); err != nil {
		w.Fatal(err)
	}
	text, err := json.Marshal(list)
	if err != nil {
		w.Fatal(err)
	}
	for _, recipe := range recipes.FindAllStringSubmatch(string(page), -1) {
		if recipe[1] != resource {
			continue
		}
		command := exec.CommandContext(w.Context(), jq, "-r", strings.NewReplacer(append(replace, "acme-platform", scopeName)...).Replace(recipe[2]))
		command.Stdin = strings.NewReader(string(text))
		out, err := command.Output()
		if err != nil {
			w.Fatal(err)
		}
		var items []sampling.Item
		for id := range strings.FieldsSeq(string(out)) {
			items = append(items, sampling.Item{ID: id})
		}
		return items
	}
	w.Fatalf("docs/auditcycle.md has no recipe for %s", resource)
	return nil
}

// wantSample waits until a sample is drawn, and asks that it is the one of a population.
func (w *world) wantSample(cycle *isms.AuditCycle, name isms.ItemName, population []sampling.Item, size int) {
	w.Helper()
	w.eventually(func() string {
		w.refresh(cycle)
		for _, s := range cycle.Status.Samples {
			if s.Name != name || s.State != isms.SampleDrawn {
				continue
			}
			if want := sampling.Draw(s.Seed, population, size); s.PopulationDigest != sampling.Digest(population) || !slices.Equal(s.Drawn, want) {
				return fmt.Sprintf("%s draws %v of %d, want %v", name, s.Drawn, *s.PopulationSize, want)
			}
			return ""
		}
		return string(name) + " is not drawn"
	})
}

// TestSamples are drawn of what the recipes of the docs find, when the period is over, and anew when records come or go.
func TestSamples(t *testing.T) {
	w := newWorld(t)
	from, to := w.day(-40), w.day(-10)
	cycle := w.cycle()
	cycle.Spec.Samples = []isms.SampleRequest{
		{
			Name: "reviews", Seed: "4 1 6 3", Size: 3, Period: isms.Period{From: from, To: to},
			Population: isms.SamplePopulation{Kind: isms.SampleAttestations, Type: "FirewallReview", Controls: []isms.ControlID{"A.8.20", "A.8.22"}},
		},
		{
			Name: "drift", Seed: "4 1 6 3", Size: 5, Period: isms.Period{From: from, To: to},
			Population: isms.SamplePopulation{Kind: isms.SampleLogEntries, Type: isms.TypeName(isms.LogEvidenceChanged), Controls: []isms.ControlID{"A.8.22"}},
		},
		{
			Name: "to-come", Seed: "4 1 6 3", Size: 3, Period: isms.Period{From: from, To: w.day(10)},
			Population: isms.SamplePopulation{Kind: isms.SampleAttestations},
		},
	}
	review := func(name string, ago int, control isms.ControlID) *isms.Attestation {
		a := w.attestation(name, "FirewallReview", w.day(-ago))
		a.Spec.Controls = []isms.ControlID{control}
		return a
	}
	for i := range 8 {
		w.create(review(fmt.Sprintf("review-%d", i), 41-4*i, []isms.ControlID{"A.8.20", "A.8.22", "A.5.1"}[i%3]))
	}
	w.create(w.scope(), w.log("A.8.22", 38, 36, 12, 9, 25), w.log("A.5.1", 20), cycle)
	days := []string{"2026-01-01", string(from), "2026-07-01", string(from), "2026-09-30", string(to)}
	w.wantSample(cycle, "reviews", w.population("attestations", &isms.AttestationList{}, days...), 3)
	w.wantSample(cycle, "drift", w.population("evidencelogs", &isms.EvidenceLogList{}, days...), 5)
	if s := cycle.Status.Samples[2]; s.State != isms.SamplePending || s.Drawn != nil {
		t.Errorf("a period that is not over: %+v", s)
	}
	w.wantEvent(cycle, "Normal SampleDrawn The sample ")

	w.create(review("review-late", 15, "A.8.22"))
	w.wantSample(cycle, "reviews", w.population("attestations", &isms.AttestationList{}, days...), 3)
	w.wantEvent(cycle, "Warning PopulationChanged Records of the period of sample reviews ")
}

// log is one of a control, with an entry for each day so many ago.
func (w *world) log(control isms.ControlID, ago ...int) *isms.EvidenceLog {
	digest := func(n int) isms.Digest { return isms.Digest(fmt.Sprintf("sha256:%064x", n)) }
	l := &isms.EvidenceLog{ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: scopeName + "." + strings.ToLower(string(control)) + ".1"}}
	l.Spec = isms.EvidenceLogSpec{
		ScopeRef: isms.LocalRef{Name: scopeName}, Series: isms.SeriesControl, ControlID: control, Number: 1, FirstSequence: 1,
	}
	slices.Sort(ago)
	slices.Reverse(ago)
	for i, days := range ago {
		entry := isms.LogEntry{
			Sequence: int64(i + 1), Type: isms.LogEvidenceChanged, Epoch: 1, Item: "item", Result: isms.EvidencePass, Reason: "Fine",
			ObservedTime: metav1.NewTime(w.clock.Now().Add(-time.Duration(days) * wholeDay).Truncate(time.Second)), OperatorVersion: "1.0", Digest: digest(i + 1),
		}
		if i > 0 {
			entry.PreviousDigest = digest(i)
		}
		l.Spec.Entries = append(l.Spec.Entries, entry)
	}
	return l
}
