// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// The organization that is simulated for the figures in docs/design/ledger.md.
const (
	years           = 3
	controls        = 93
	driftsPerDay    = 2  // each fails two controls, and is put right
	flapsPerYear    = 10 // each a control that flaps for four hours, at the most entries an hour for its item and itself
	changesPerYear  = 2  // of the rules of each control, 600 characters of text each
	recordsPerYear  = 300
	releasesPerYear = 12
	restartsPerYear = 52
	outagesPerYear  = 52 // of the API server, or of a kind
	image           = "registry.example.com/isms-operator:0.1.0"
)

// busy is a book of three busy years.
func busy(t testing.TB, signer *Signer) *book {
	b := newBook(t, MaxEntries, signer)
	id := func(i int) Key { return control(fmt.Sprintf("A.%d.%d", 5+i%93/30, 1+i%93)) }
	release := func(at time.Time) {
		b.append(own, isms.LogEntry{
			Type: isms.LogOperatorChanged, ObservedTime: metav1.NewTime(at), OperatorVersion: "0.1.0", Image: image,
		})
	}
	record := func(at time.Time, item string) {
		b.append(own, isms.LogEntry{
			Type: isms.LogRecordChanged, ObservedTime: metav1.NewTime(at), Item: item, OperatorVersion: "0.1.0",
			Record: &isms.LogRecord{Type: "FirewallReview", State: "Current", Digest: digest([]byte(item))},
		})
	}
	gap := func(at time.Time, reason string) {
		from := metav1.NewTime(at.Add(-2 * time.Minute))
		b.append(own, isms.LogEntry{
			Type: isms.LogObservationGap, ObservedTime: metav1.NewTime(at), From: &from, Reason: reason, OperatorVersion: "0.1.0",
		})
	}
	criteria := func(i int, at time.Time) {
		text := fmt.Sprintf("%d %s", i, strings.Repeat("c", 600))
		b.append(id(i), isms.LogEntry{
			Type: isms.LogCriteriaChanged, ObservedTime: metav1.NewTime(at), Item: "default-deny",
			CriteriaDigest: digest([]byte(text)), Criteria: text, OperatorVersion: "0.1.0",
		})
	}
	for day := range years * 365 {
		at := start.AddDate(0, 0, day)
		for i := range controls {
			if (day+i*7)%(365/changesPerYear) == 0 || day == 0 {
				criteria(i, at)
			}
		}
		for drift := range driftsPerDay * 2 {
			i := day*5 + drift*31
			b.append(id(i), turned(at.Add(9*time.Hour), isms.EvidenceFail))
			b.append(id(i), turned(at.Add(11*time.Hour), isms.EvidencePass))
		}
		if day%(365/flapsPerYear) == 0 {
			for n := range 4 * DefaultLimits().PerHour {
				entry := turned(at.Add(12*time.Hour+time.Duration(n)*5*time.Minute), isms.EvidenceFail)
				entry.Flaps = &isms.LogFlaps{Count: 300, PassSeconds: 150, FailSeconds: 150, FirstFailure: &isms.LogFailure{
					ObservedTime: entry.ObservedTime, Reason: entry.Reason, Failures: entry.Failures,
				}}
				b.append(id(day), entry)
				b.append(id(day), isms.LogEntry{
					Type: isms.LogResultChanged, ObservedTime: entry.ObservedTime, Reason: entry.Reason, ControlResult: isms.ResultIneffective,
					Flaps: &isms.LogFlaps{Count: 300, PassSeconds: 150, FailSeconds: 150}, OperatorVersion: "0.1.0",
				})
			}
		}
		for n := range recordsPerYear {
			if n%365 == day%365 {
				record(at, fmt.Sprintf("Attestation/firewall-review-%d", n))
			}
		}
		if day%(365/releasesPerYear) == 0 {
			release(at)
		}
		if day%(365/restartsPerYear) == 0 {
			gap(at, isms.ReasonOperatorDown)
		}
		if day%(365/outagesPerYear) == 3 {
			gap(at, isms.ReasonServerAway)
		}
		b.seal(at.Add(24 * time.Hour))
	}
	return b
}

// TestThreeYearsAreSmall computes the size of three busy years of 93 controls, as the API server stores it: JSON, with
// the metadata that it adds, without managedFields (docs/design/ledger.md says why).
func TestThreeYearsAreSmall(t *testing.T) {
	signer := newSigner(t, 1)
	logs := busy(t, signer).all()
	size, entries := 0, 0
	for i := range logs {
		logs[i].UID, logs[i].Generation = "6f1c9d3e-5a4b-4c2d-9e8f-0a1b2c3d4e5f", int64(len(logs[i].Spec.Entries))
		logs[i].CreationTimestamp = metaStart
		text, err := json.Marshal(logs[i])
		if err != nil {
			t.Fatal(err)
		}
		size, entries = size+len(text), entries+len(logs[i].Spec.Entries)
		if len(text) > 1<<20 {
			t.Errorf("%s has %d bytes, more than etcd takes", logs[i].Name, len(text))
		}
	}
	t.Logf("%d logs, %d entries, %.1f MB, %d bytes an entry", len(logs), entries, float64(size)/1e6, size/entries)
	if size >= 10e6 {
		t.Errorf("three years take %d bytes, the bound is 10 MB", size)
	}
	report := Verify(logs, Options{Keys: trusting(t, signer)})[0]
	if len(report.Problems) > 0 || report.Entries != entries || report.Checkpoints != years*365 || report.Signed != report.Checkpoints || report.Unsealed != 0 {
		t.Errorf("the report is %+v", report)
	}
}

func BenchmarkVerifyThreeYears(b *testing.B) {
	signer := newSigner(b, 1)
	text := export(b, busy(b, signer).all())
	keys := trusting(b, signer)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		logs, err := Decode(text)
		if err != nil {
			b.Fatal(err)
		}
		if found := problems(logs, Options{Keys: keys}); len(found) > 0 {
			b.Fatal(found[0])
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	head := Head{Key: control("A.8.22")}
	entry := turned(start, isms.EvidenceFail)
	for b.Loop() {
		var err error
		if _, head, err = Append(head, entry); err != nil {
			b.Fatal(err)
		}
	}
}
