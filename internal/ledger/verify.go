// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

// Kind says why a log fails.
type Kind string

// Kinds of problems.
const (
	// Altered: the content of an entry does not give its digest.
	Altered Kind = "Altered"
	// BrokenChain: an entry or a log does not name the digest, or the log, before it.
	BrokenChain Kind = "BrokenChain"
	// Gap: an entry or a log is missing before this one.
	Gap Kind = "Gap"
	// OutOfOrder: an entry or a log stands where another belongs, or is there twice.
	OutOfOrder Kind = "OutOfOrder"
	// Malformed: the log breaks a rule of its form that the API server would have refused.
	Malformed Kind = "Malformed"
	// Truncated: a checkpoint or an anchor seals more than there is, or entries come after a checkpoint that is not there.
	Truncated Kind = "Truncated"
	// ForgedCheckpoint: a checkpoint is not over these entries, or its signature is not over it.
	ForgedCheckpoint Kind = "ForgedCheckpoint"
	// UnknownKey: a checkpoint is signed, but by no key that the verifier trusts.
	UnknownKey Kind = "UnknownKey"
	// Unsigned: a checkpoint has no signature, though one before it has, or none has one though keys are given.
	Unsigned Kind = "Unsigned"
	// AnchorMismatch: the log has another checkpoint than the one that was kept outside.
	AnchorMismatch Kind = "AnchorMismatch"
)

// Problem is where and why a log fails.
type Problem struct {
	Kind Kind
	// Log is the name of the EvidenceLog; empty where none is to blame.
	Log string
	Key Key
	// Sequence of the entry; 0 where none is to blame.
	Sequence int64
	Detail   string
}

// String says where, then why.
func (p Problem) String() string {
	where := p.Key.String()
	if p.Log != "" {
		where = p.Log + ", " + where
	}
	if p.Sequence > 0 {
		where += fmt.Sprintf(", entry %d", p.Sequence)
	}
	return fmt.Sprintf("%s: %s: %s", where, p.Kind, p.Detail)
}

// Report is what verification found of one scope.
type Report struct {
	Scope Scope
	// Series, Logs, Entries and Checkpoints are how many there are; Signed is how many checkpoints have signatures.
	Series, Logs, Entries, Checkpoints, Signed int
	// Pruned is the number of entries that retention has let go, from the begins of series.
	Pruned int64
	// Sealed is the time of the last checkpoint, zero without one. Unsealed is the number of entries after it: what
	// becomes of them, no checkpoint would show.
	Sealed   time.Time
	Unsealed int
	// Anchored is the time of the latest checkpoint that was found to be one kept outside, zero without one.
	Anchored time.Time
	// Problems, at most one of each series, then those of checkpoints in their order; the first of them comes first.
	Problems []Problem
}

// Options of verification.
type Options struct {
	// Keys that are trusted. Without any, signatures are not checked; with one, a scope needs a signed checkpoint.
	Keys Keys
	// Anchors are checkpoints that were kept outside.
	Anchors []Anchor
}

// Verify holds logs against their own chains, their checkpoints, the keys and the anchors. It returns a report for each
// scope that has a log or an anchor, in the order of their names. All logs of a scope must be there.
func Verify(logs []isms.EvidenceLog, o Options) []Report {
	scopes := map[Scope]map[Key][]*isms.EvidenceLog{}
	for i := range logs {
		key := KeyOf(&logs[i])
		if scopes[key.Scope] == nil {
			scopes[key.Scope] = map[Key][]*isms.EvidenceLog{}
		}
		scopes[key.Scope][key] = append(scopes[key.Scope][key], &logs[i])
	}
	for _, anchor := range o.Anchors {
		if _, ok := scopes[anchor.Scope]; !ok {
			scopes[anchor.Scope] = nil
		}
	}
	reports := make([]Report, 0, len(scopes))
	for scope, series := range scopes {
		reports = append(reports, verifyScope(scope, series, o))
	}
	slices.SortFunc(reports, func(a, b Report) int {
		return cmp.Or(cmp.Compare(a.Scope.Namespace, b.Scope.Namespace), cmp.Compare(a.Scope.Name, b.Scope.Name))
	})
	return reports
}

func verifyScope(scope Scope, logs map[Key][]*isms.EvidenceLog, o Options) Report {
	report := Report{Scope: scope, Series: len(logs)}
	keys := make([]Key, 0, len(logs))
	for key := range logs {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, Key.compare)
	all := make([]*series, 0, len(keys))
	begins := beginsOf(logs)
	for _, key := range keys {
		s := newSeries(key, logs[key])
		s.begins = begins
		s.verify()
		report.Logs += len(s.logs)
		report.Entries += s.entries
		report.Pruned += s.pruned.Sequence
		if s.problem != nil {
			report.Problems = append(report.Problems, *s.problem)
		}
		all = append(all, s)
	}
	(&seals{Report: &report, Options: o, series: all}).verify()
	return report
}
