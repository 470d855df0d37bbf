// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operation

import (
	"slices"
	"testing"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

func review(digest isms.Digest, state string) Record {
	return Record{Attestation, "q3", isms.LogRecord{Type: "FirewallReview", Digest: digest, State: state}}
}

func major(name, state string) Record {
	return Record{Finding, name, isms.LogRecord{Type: "Major", Requirement: "A.8.13", Digest: "sha256:f", State: state}}
}

// TestRecords follows records as they come, turn, go, and come again.
func TestRecords(t *testing.T) {
	l := newLogs(t)
	last := map[string]*isms.LogEntry{}
	steps := []struct {
		when    string
		seen    []Record
		told    []string
		removed []string
	}{
		{"none", nil, nil, nil},
		{"seen", []Record{major("nc-01", "Open"), review("sha256:a", "Current")}, []string{"RecordSeen Attestation/q3", "RecordSeen Finding/nc-01"}, nil},
		{"nothing new", []Record{major("nc-01", "Open"), review("sha256:a", "Current")}, nil, nil},
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
		for _, e := range RecordChanges(step.seen, last) {
			e.ObservedTime = stamp(int64(i))
			l.add(own, e)
			last[e.Item] = &e
			told = append(told, string(e.Type)+" "+e.Item)
		}
		var removed []string
		for _, r := range l.book().Removed() {
			removed = append(removed, r.Item())
		}
		if !slices.Equal(told, step.told) || !slices.Equal(removed, step.removed) {
			t.Errorf("%s: told %q, removed %q; want %q, %q", step.when, told, removed, step.told, step.removed)
		}
	}
	gone := newLogs(t)
	gone.add(own, isms.LogEntry{Type: isms.LogRecordRemoved, Item: "Attestation/q3", Record: &isms.LogRecord{Type: "FirewallReview", Digest: "sha256:a"}, ObservedTime: stamp(5)})
	r := gone.book().Removed()
	if len(r) != 1 || r[0].Type != "FirewallReview" || r[0].Digest != "sha256:a" || !r[0].At.Equal(at(5)) {
		t.Errorf("removed is %+v, want it as it was last seen", r)
	}
}

func TestNamespaces(t *testing.T) {
	l := newLogs(t)
	last := map[string]*isms.LogEntry{}
	for _, step := range []struct{ in, told []string }{
		{[]string{"shop", "payments"}, []string{"NamespaceEntered payments", "NamespaceEntered shop"}},
		{[]string{"shop", "payments"}, nil},
		{[]string{"shop"}, []string{"NamespaceLeft payments"}},
		{[]string{"shop", "payments"}, []string{"NamespaceEntered payments"}},
	} {
		var told []string
		for _, e := range NamespaceChanges(step.in, last) {
			l.add(own, e)
			last[e.Item] = &e
			told = append(told, string(e.Type)+" "+e.Item)
		}
		if !slices.Equal(told, step.told) {
			t.Errorf("with %v told is %q, want %q", step.in, told, step.told)
		}
	}
	if got := l.book().Namespaces(); !slices.Equal(got, []string{"payments", "shop"}) {
		t.Errorf("in scope are %v", got)
	}
}
