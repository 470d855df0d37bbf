// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filecheck

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/manifest"
	"github.com/isms-operator/isms-operator/internal/rule"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// control is a Control with its rules.
type control struct {
	*isms.Control
	place manifest.Place
	scope *scope // nil: none of that name
	slots []*slot
}

// slot is one rule of one Control: where its verdicts are, or why there are none.
type slot struct {
	rule.Rule
	unavailable, message string
	stream               *stream
	column               *column
}

// streamKey tells streams apart: all rules on a kind share one, but for the types of Secrets.
type streamKey struct {
	kind       schema.GroupVersionKind
	secretType string
}

// stream is what is known of the objects of one kind.
type stream struct {
	key        streamKey
	namespaced bool
	columns    []*column
	footprint  *check.Footprint

	mu      sync.Mutex
	table   *tally.Table[*column]
	ids     int32 // objects in the table
	present bool  // an object of the kind was read
}

// column holds the verdicts of rules that say the same.
type column struct {
	key        rule.Key
	program    *check.Program
	exceptions []rule.Exception
	scopes     []*scope
	plain      bool // nothing but verdicts is kept

	// Guarded by the stream.
	errors    map[string]rule.Classes // by namespace
	expensive map[string]bool         // namespaces
	kept      map[int32]member        // of a Set rule
	keptCount int                     // of a rule that keeps what it reads
}

// member is an object of a Set.
type member struct {
	subject check.Subject
	own     bool
}

// plan works out what is evaluated where.
func (e *evaluation) plan() {
	for _, s := range sorted(e.found.scopes) {
		e.scopes[types.NamespacedName{Namespace: s.object.Namespace, Name: s.object.Name}] = newScope(s.object, e.found.namespaces)
	}
	for _, c := range sorted(e.found.controls) {
		e.controls = append(e.controls, e.control(c))
	}
	byScope := map[*scope][]*control{}
	for _, c := range e.controls {
		byScope[c.scope] = append(byScope[c.scope], c)
	}
	for _, controls := range byScope {
		slices.SortFunc(controls, func(a, b *control) int { return cmp.Compare(a.Name, b.Name) })
		e.admitAll(controls)
	}
	for _, s := range e.streams {
		programs := make([]*check.Program, 0, len(s.columns))
		for _, c := range s.columns {
			programs = append(programs, c.program)
		}
		s.footprint = check.NewFootprint(programs...)
	}
}

func newScope(s *isms.ISMSScope, known map[string]namespace) *scope {
	out := &scope{key: types.NamespacedName{Namespace: s.Namespace, Name: s.Name}, spec: s, known: known}
	if s.Spec.Evidence != nil {
		out.frame = rule.NewFrame(*s.Spec.Evidence)
	}
	return out
}

func (e *evaluation) control(c named[*isms.Control]) *control {
	out := &control{Control: c.object, place: c.place}
	out.scope = e.scopes[types.NamespacedName{Namespace: c.object.Namespace, Name: string(c.object.Spec.ScopeRef.Name)}]
	if e.options.ObjectsOnly {
		out.Spec.Evidence = rule.Items(c.object)
	}
	var spec *isms.ISMSScope
	if out.scope != nil {
		spec = out.scope.spec
	}
	parameters := rule.Parameters(c.object, spec)
	for _, item := range rule.Items(c.object) {
		out.slots = append(out.slots, &slot{Rule: rule.New(item, parameters, c.object.Spec.Exceptions, e.options.Check)})
	}
	return out
}

// admitAll lets the rules of one scope be evaluated, or says why not.
func (e *evaluation) admitAll(controls []*control) {
	kinds := map[streamKey]bool{}
	for _, c := range controls {
		for _, s := range c.slots {
			s.unavailable, s.message = e.admit(s, c.scope)
			if s.unavailable != "" {
				continue
			}
			key := streamKey{s.Kind, s.Spec.SecretType}
			kinds[key] = true
			if len(kinds) > rule.DefaultKinds {
				s.unavailable, s.message = isms.ReasonRuleInvalid, rule.TooManyKindsMessage(rule.DefaultKinds)
				continue
			}
			e.enter(s, c.scope, key)
		}
	}
}

// admit asks what the engine asks of a rule before it evaluates it, as far as files can tell: rights are not among it.
func (e *evaluation) admit(s *slot, sc *scope) (reason, message string) {
	switch {
	case s.Invalid != "":
		return isms.ReasonRuleInvalid, s.Invalid
	case sc == nil:
		return isms.ReasonNotSynced, "the scope is not among the files"
	case rule.Churns(s.Kind.GroupKind()):
		return isms.ReasonRuleInvalid, rule.ChurnsMessage(s.Kind.Kind)
	case notListed[s.Kind.GroupKind()]:
		return isms.ReasonRuleInvalid, s.Kind.Kind + " can't be evidence: the API server does not list it"
	case s.PerNamespace() && !e.found.namespaced(s.Kind):
		return isms.ReasonRuleInvalid, rule.NotNamespacedMessage(s.Kind.Kind)
	}
	if !rule.MetadataOnly(s.Kind) {
		if unknown := e.found.unknownField(s.Program); unknown != "" {
			return isms.ReasonRuleInvalid, unknown
		}
	}
	switch {
	case sc.frame.Invalid != "":
		return isms.ReasonScopeNotResolved, sc.frame.Invalid
	case sc.spec.Spec.Evidence == nil || sc.spec.Spec.Evidence.ServiceAccountName == "":
		return isms.ReasonAccessDenied, rule.NoAccount
	}
	return "", ""
}

// enter finds or makes the column of a rule.
func (e *evaluation) enter(s *slot, sc *scope, key streamKey) {
	st := e.streams[key]
	if st == nil {
		st = &stream{key: key, namespaced: e.found.namespaced(s.Kind), table: tally.NewTable[*column]()}
		e.streams[key] = st
		e.byKind[s.Kind] = append(e.byKind[s.Kind], st)
	}
	s.stream = st
	id := s.Key()
	for _, c := range st.columns {
		if c.key == id {
			s.column = c
		}
	}
	if s.column == nil {
		s.column = &column{
			key: id, program: s.Program, exceptions: s.Exceptions, plain: !s.Keeps(), errors: map[string]rule.Classes{},
			expensive: map[string]bool{}, kept: map[int32]member{},
		}
		st.columns = append(st.columns, s.column)
		st.table.AddColumn(s.column)
	}
	if !slices.Contains(s.column.scopes, sc) {
		s.column.scopes = append(s.column.scopes, sc)
	}
}

// namespaces are those in a scope that the files know of, sorted.
func (e *evaluation) namespaces(sc *scope) []string {
	all := map[string]bool{}
	for name := range e.found.namespaces {
		all[name] = true
	}
	for name := range e.mentioned {
		all[name] = true
	}
	if e.options.Complete {
		for _, name := range sc.frame.Names {
			all[name] = true
		}
	}
	delete(all, "")
	var out []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if sc.includes(name).in {
			out = append(out, name)
		}
	}
	return out
}

// unmatched says why a rule has no subjects, where that is not known to be so in a cluster.
func (e *evaluation) unmatched(s *slot) (reason, message string) {
	switch {
	case e.options.Complete && !s.stream.present && !e.found.served(s.Kind):
		return isms.ReasonKindNotServed,
			fmt.Sprintf("%s %s is no kind of Kubernetes, and no CustomResourceDefinition among the files defines it", s.Spec.APIVersion, s.Spec.Kind)
	case e.options.Complete:
		return "", ""
	case !s.stream.present:
		return isms.ReasonNoMatch, fmt.Sprintf("there is no %s among the files; what is elsewhere they can't tell", s.Spec.Kind)
	}
	return isms.ReasonNoMatch, fmt.Sprintf("no %s among the files matches the rule; what is elsewhere they can't tell", s.Spec.Kind)
}
