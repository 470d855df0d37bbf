// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/readiness"
)

// sampled is an ISMS whose cycle asks for samples of attestations, of entries of a log, and of a time to come, as the operator
// has drawn them.
func sampled() (cycle *isms.AuditCycle, reviews []isms.Attestation, log isms.EvidenceLog, scope *isms.ISMSScope) {
	meta := func(kind, name string) (metav1.TypeMeta, metav1.ObjectMeta) {
		return metav1.TypeMeta{APIVersion: isms.GroupVersion.String(), Kind: kind}, metav1.ObjectMeta{Name: name, Namespace: "isms"}
	}
	ref, past := isms.LocalRef{Name: "acme"}, isms.Period{From: "2026-07-01", To: "2026-09-30"}
	scope, cycle = &isms.ISMSScope{}, &isms.AuditCycle{}
	scope.TypeMeta, scope.ObjectMeta = meta("ISMSScope", "acme")
	cycle.TypeMeta, cycle.ObjectMeta = meta("AuditCycle", "acme-2026")
	cycle.Spec = isms.AuditCycleSpec{ScopeRef: ref, Origin: isms.OriginInitial, Samples: []isms.SampleRequest{
		{Name: "reviews", Seed: "4 1 6 3", Size: 3, Period: past, Population: isms.SamplePopulation{Kind: isms.SampleAttestations}},
		{Name: "drift", Seed: "4 1 6 3", Size: 2, Period: past, Population: isms.SamplePopulation{Kind: isms.SampleLogEntries}},
		{Name: "to-come", Seed: "4", Size: 1, Period: isms.Period{From: "2026-07-01", To: "2199-01-01"}, Population: isms.SamplePopulation{Kind: isms.SampleAttestations}},
	}}
	for i := range 9 {
		a := isms.Attestation{Spec: isms.AttestationSpec{ScopeRef: ref, Type: "FirewallReview", PerformedOn: isms.Date(fmt.Sprintf("2026-08-%02d", i+1))}}
		a.TypeMeta, a.ObjectMeta = meta("Attestation", fmt.Sprintf("review-%d", i))
		reviews = append(reviews, a)
	}
	log.TypeMeta, log.ObjectMeta = meta("EvidenceLog", "acme.a.8.22.1")
	log.Spec = isms.EvidenceLogSpec{ScopeRef: ref, Series: isms.SeriesControl, ControlID: "A.8.22", Number: 1, FirstSequence: 1}
	for i := range 7 {
		log.Spec.Entries = append(log.Spec.Entries, isms.LogEntry{
			Sequence: int64(i + 1), Type: isms.LogEvidenceChanged, ObservedTime: metav1.NewTime(time.Date(2026, 8, i+1, 0, 0, 0, 0, time.UTC)),
		})
	}
	drawn := readiness.Cycle(readiness.CycleInput{
		Cycle: cycle, Scope: scope, Attestations: reviews, Logs: []isms.EvidenceLog{log}, Now: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC),
	})
	cycle.Status = drawn.Status
	return cycle, reviews, log, scope
}

// exportOf is what kubectl get isms -o yaml prints.
func exportOf(t *testing.T, objects ...client.Object) string {
	t.Helper()
	var items []any
	for _, o := range objects {
		item, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, item)
	}
	text, err := yaml.Marshal(map[string]any{"apiVersion": "v1", "kind": "List", "items": items})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestSamplesAreDrawnAgain from an export alone, in a file or on standard input; and each difference is told.
func TestSamplesAreDrawnAgain(t *testing.T) {
	export := func(change func(*isms.AuditCycle, *[]isms.Attestation, *isms.EvidenceLog)) string {
		cycle, reviews, log, scope := sampled()
		change(cycle, &reviews, &log)
		objects := []client.Object{scope, cycle, &log}
		for i := range reviews {
			objects = append(objects, &reviews[i])
		}
		return exportOf(t, objects...)
	}
	whole := export(func(*isms.AuditCycle, *[]isms.Attestation, *isms.EvidenceLog) {})
	cycle, _, _, _ := sampled()
	var names []string
	for _, s := range cycle.Status.Samples {
		names = append(names, s.Drawn...)
	}
	if len(names) != 5 {
		t.Fatalf("the operator has drawn %v", names)
	}
	said := append([]string{"reviews: 3 of 9 drawn again, the same as in the status\n", "drift: 2 of 7 drawn again, the same", "to-come: not drawn yet\n"}, names...)
	want(t, 0, said, "samples", "-f", file(t, []byte(whole)))
	if code, out, errout := plugin(t, whole, "samples", "-f", "-"); code != 0 || !strings.Contains(out, "drift: 2 of 7 drawn again") {
		t.Errorf("from standard input: %d\n%s%s", code, out, errout)
	}

	for name, tc := range map[string]struct {
		change func(*isms.AuditCycle, *[]isms.Attestation, *isms.EvidenceLog)
		says   string
	}{
		"a record is gone": {
			func(_ *isms.AuditCycle, r *[]isms.Attestation, _ *isms.EvidenceLog) { *r = (*r)[1:] },
			"reviews: DIFFERS: of another population, 3 of 8, and 3 of 9 in the status",
		},
		"another draw": {
			func(c *isms.AuditCycle, _ *[]isms.Attestation, _ *isms.EvidenceLog) {
				c.Status.Samples[1].Drawn = []string{"acme.a.8.22.1/1", "acme.a.8.22.1/2"}
			},
			"drift: DIFFERS: the same population, and another draw",
		},
		"another seed": {
			func(c *isms.AuditCycle, _ *[]isms.Attestation, _ *isms.EvidenceLog) { c.Spec.Samples[0].Seed = "5" },
			"reviews: DIFFERS: it was drawn for another request",
		},
		"no logs": {
			func(_ *isms.AuditCycle, _ *[]isms.Attestation, l *isms.EvidenceLog) { l.Namespace = "elsewhere" },
			"drift: DIFFERS: the records of which it was drawn are not there",
		},
		"not drawn yet": {
			func(c *isms.AuditCycle, _ *[]isms.Attestation, _ *isms.EvidenceLog) {
				c.Status.Samples = c.Status.Samples[1:]
			},
			"reviews: 3 of 9 drawn; the operator has not drawn it yet",
		},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, 1, []string{tc.says, "1 sample of 3 samples: not as the status of the cycle acme-2026 has it"}, "samples", "-f", file(t, []byte(export(tc.change))))
		})
	}
	want(t, 0, []string{"asks for no sample"}, "samples", "-f", file(t, []byte(export(func(c *isms.AuditCycle, _ *[]isms.Attestation, _ *isms.EvidenceLog) {
		c.Spec.Samples = nil
	}))))
}
