// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"reflect"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/guard"
	"github.com/isms-operator/isms-operator/internal/rule"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// control holds the rules of one Control.
type control struct {
	key, scope types.NamespacedName
	source     source
	slots      []*slot
	// named is when listeners were last told of the control; owed says that its counts have changed since.
	named time.Time
	owed  bool
}

// source is what the rules were made from, to see whether they are still the same.
type source struct {
	scope      string
	evidence   []isms.EvidenceItem
	parameters map[string][]string
	exceptions []isms.Exception
}

// slot is one rule of one Control: what it asks for, and where its verdicts are.
type slot struct {
	rule.Rule
	control *control

	// Set by the planner.
	unavailable, message string
	stream               *stream
	column               columnKey
	namespaces           []string
	label                func(namespace string) labels.Set

	// Set by the notifier.
	judged   tally.Verdict
	place    place     // where it was evaluated when it was judged
	unsynced time.Time // since when the rule is NotSynced, zero while it is not
	counts   tally.Counts
	told     string // the message that went with it
	version  uint64 // of the column, as it was judged
	set      setVerdict
}

// place is where a rule is evaluated, or why it is not.
type place struct {
	unavailable, message string
	namespaces           []string
}

// moved says that the rule was judged elsewhere. Where another rule has the same column, nothing changes in that when this
// one comes to it, or leaves it in part.
func (s *slot) moved() bool {
	return s.unavailable != s.place.unavailable || s.message != s.place.message || !slices.Equal(s.namespaces, s.place.namespaces)
}

// newControl compiles the rules of a Control. It returns old where nothing that matters has changed.
func newControl(key types.NamespacedName, c *isms.Control, s *isms.ISMSScope, old *control, o check.Options) *control {
	src := source{
		scope: string(c.Spec.ScopeRef.Name), evidence: rule.Items(c), parameters: rule.Parameters(c, s), exceptions: c.Spec.Exceptions,
	}
	if old != nil && reflect.DeepEqual(old.source, src) {
		return old
	}
	next := &control{
		key: key, scope: types.NamespacedName{Namespace: key.Namespace, Name: src.scope}, source: src,
	}
	for _, item := range src.evidence {
		next.slots = append(next.slots, &slot{Rule: rule.New(item, src.parameters, src.exceptions, o), control: next})
	}
	return next
}

// inherit keeps what is known of a rule that has not changed, so that an edit elsewhere in the Control does not make its
// verdict unknown for a moment. The caller holds the engine's lock.
func (s *slot) inherit(old *control) {
	if old == nil || s.Invalid != "" {
		return
	}
	for _, o := range old.slots {
		if o.Name == s.Name && o.Invalid == "" && old.scope == s.control.scope && o.Kind == s.Kind &&
			o.Spec.SecretType == s.Spec.SecretType && o.key() == s.key() {
			s.unavailable, s.message, s.stream, s.column = o.unavailable, o.message, o.stream, o.column
			s.namespaces, s.label, s.set, s.unsynced = o.namespaces, o.label, o.set, o.unsynced
		}
	}
}

// columnKey identifies a column of verdicts. Identical rules share one, also across scopes.
type columnKey struct {
	rule.Key
	// scope is set where objects are kept: how many may be is for each scope.
	scope types.NamespacedName
}

func (s *slot) key() columnKey {
	k := columnKey{Key: s.Key()}
	if s.Keeps() && guard.Apart.On() {
		k.scope = s.control.scope
	}
	return k
}

func (s *slot) streamKey() streamKey { return streamKey{kind: s.Kind, secretType: s.Spec.SecretType} }
