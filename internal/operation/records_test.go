// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operation

import (
	"slices"
	"strings"
	"testing"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

func review(digest isms.Digest, state string) Record {
	return Record{Kind: Attestation, Name: "q3", Pending: state == "", LogRecord: isms.LogRecord{Type: "FirewallReview", Digest: digest, State: state}}
}

func major(name, state string) Record {
	return Record{Kind: Finding, Name: name, LogRecord: isms.LogRecord{Type: "Major", Requirement: "A.8.13", Digest: "sha256:f", State: state}}
}

// TestRecords follows records as they come, turn, go, and come again.
func TestRecords(t *testing.T) {
	l := newLogs(t)
	steps := []struct {
		when    string
		seen    []Record
		told    []string
		removed []string
	}{
		{"none", nil, nil, nil},
		{"not assessed yet", []Record{review("sha256:a", "")}, nil, nil},
		{"seen", []Record{major("nc-01", "Open"), review("sha256:a", "Current")}, []string{"RecordSeen Attestation/q3", "RecordSeen Finding/nc-01"}, nil},
		{"nothing new", []Record{major("nc-01", "Open"), review("sha256:a", "Current")}, nil, nil},
		{"edited, and not assessed again yet", []Record{major("nc-01", "Open"), review("sha256:b", "")}, nil, nil},
		{"turned", []Record{major("nc-01", "Open"), review("sha256:a", "Superseded")}, []string{"RecordChanged Attestation/q3"}, nil},
		{"gone", nil, []string{"RecordRemoved Attestation/q3", "RecordRemoved Finding/nc-01"}, []string{"Attestation/q3", "Finding/nc-01"}},
		{"still gone", nil, nil, []string{"Attestation/q3", "Finding/nc-01"}},
		{"another one under the name", []Record{review("sha256:b", "Current")}, []string{"RecordSeen Attestation/q3"}, []string{"Attestation/q3", "Finding/nc-01"}},
		{"gone as well", nil, []string{"RecordRemoved Attestation/q3"}, []string{"Attestation/q3", "Finding/nc-01"}},
		{"the one that is missed", []Record{review("sha256:a", "Current")}, []string{"RecordSeen Attestation/q3"}, []string{"Finding/nc-01"}},
		{"the finding, with another state", []Record{review("sha256:a", "Current"), major("nc-01", "Closed")}, []string{"RecordSeen Finding/nc-01"}, nil},
	}
	for i, step := range steps {
		var told []string
		for _, e := range l.book().RecordChanges(step.seen) {
			e.ObservedTime = stamp(int64(i))
			l.add(own, e)
			told = append(told, string(e.Type)+" "+e.Item)
		}
		var removed []string
		for _, r := range removedOf(l.book()) {
			removed = append(removed, r.Item())
		}
		if !slices.Equal(told, step.told) || !slices.Equal(removed, step.removed) {
			t.Errorf("%s: told %q, removed %q; want %q, %q", step.when, told, removed, step.told, step.removed)
		}
	}
	gone := newLogs(t)
	gone.add(own, isms.LogEntry{Type: isms.LogRecordRemoved, Item: "Attestation/q3", Record: &isms.LogRecord{Type: "FirewallReview", Digest: "sha256:a"}, ObservedTime: stamp(5)})
	r := removedOf(gone.book())
	if len(r) != 1 || r[0].Type != "FirewallReview" || r[0].Digest != "sha256:a" || !r[0].At.Equal(at(5)) {
		t.Errorf("removed is %+v, want it as it was last seen", r)
	}
}

func TestNamespaces(t *testing.T) {
	l := newLogs(t)
	for _, step := range []struct{ in, told []string }{
		{[]string{"shop", "payments"}, []string{"NamespaceEntered payments", "NamespaceEntered shop"}},
		{[]string{"shop", "payments"}, nil},
		{[]string{"shop"}, []string{"NamespaceLeft payments"}},
		{[]string{"shop", "payments"}, []string{"NamespaceEntered payments"}},
	} {
		var told []string
		for _, e := range l.book().NamespaceChanges(step.in) {
			l.add(own, e)
			told = append(told, string(e.Type)+" "+e.Item)
		}
		if !slices.Equal(told, step.told) {
			t.Errorf("with %v told is %q, want %q", step.in, told, step.told)
		}
	}
}

func TestOperator(t *testing.T) {
	l := newLogs(t) // of operator:1, version 0.1.0
	if got := l.book().OperatorChange("0.1.0", "operator:1"); len(got) > 0 {
		t.Errorf("the same operator is told: %v", got)
	}
	for _, other := range [][2]string{{"0.2.0", "operator:1"}, {"0.1.0", "operator:2"}, {"0.1.0", ""}} {
		got := l.book().OperatorChange(isms.Version(other[0]), other[1])
		if len(got) != 1 || got[0].Type != isms.LogOperatorChanged || got[0].Image != other[1] {
			t.Errorf("after operator:1 in version 0.1.0, %v is told as %v", other, got)
		}
	}
}

// removedOf are the removed records of a book that knows all that are there.
func removedOf(b *Book) []Removed {
	var seen []Record
	for item, record := range b.own.records.present {
		kind, name, _ := strings.Cut(item, "/")
		seen = append(seen, Record{Kind: kind, Name: name, LogRecord: record})
	}
	return b.Removed(seen, at(0))
}
