// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/guard"
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
	name       string
	control    *control
	rule       isms.ResourceRule
	kind       schema.GroupVersionKind
	exceptions []exception
	program    *check.Program
	invalid    string // why the rule can't be evaluated as it is written

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

// exception is one of the Control's that names this rule.
type exception struct {
	name    string
	objects []objectMatch
	until   time.Time // the first moment at which it no longer waives
}

type objectMatch struct {
	namespace, name string
	prefix          bool
	labels          labels.Selector // nil: by name
}

func (m objectMatch) matches(key tally.Key, l labels.Labels) bool {
	if m.namespace != "" && m.namespace != key.Namespace {
		return false
	}
	name := key.Name
	if name == "" {
		name = key.Namespace // the subject is a namespace
	}
	switch {
	case m.prefix && !strings.HasPrefix(name, m.name):
		return false
	case !m.prefix && m.name != "" && m.name != name:
		return false
	}
	return m.labels == nil || m.labels.Matches(l)
}

// waives returns the bits of the exceptions that match a subject.
func waives(exceptions []exception, key tally.Key, l labels.Labels) uint32 {
	var out uint32
	for i, x := range exceptions {
		for _, m := range x.objects {
			if m.matches(key, l) {
				out |= 1 << i
				break
			}
		}
	}
	return out
}

// newControl compiles the rules of a Control. It returns old where nothing that matters has changed, and keeps the
// slots, and with them the verdicts, of rules that are the same.
func newControl(key types.NamespacedName, c *isms.Control, s *isms.ISMSScope, old *control, o check.Options) *control {
	src := source{
		scope: string(c.Spec.ScopeRef.Name), evidence: resourceItems(c), parameters: parameters(c, s), exceptions: c.Spec.Exceptions,
	}
	if old != nil && reflect.DeepEqual(old.source, src) {
		return old
	}
	next := &control{
		key: key, scope: types.NamespacedName{Namespace: key.Namespace, Name: src.scope}, source: src,
	}
	for _, item := range src.evidence {
		slot := newSlot(item, src, o)
		slot.control = next
		slot.inherit(old)
		next.slots = append(next.slots, slot)
	}
	return next
}

// inherit keeps what is known of a rule that has not changed, so that an edit elsewhere in the Control does not make its
// verdict unknown for a moment.
func (s *slot) inherit(old *control) {
	if old == nil || s.invalid != "" {
		return
	}
	for _, o := range old.slots {
		if o.name == s.name && o.invalid == "" && old.scope == s.control.scope && o.kind == s.kind &&
			o.rule.SecretType == s.rule.SecretType && o.key() == s.key() {
			s.unavailable, s.message, s.stream, s.column = o.unavailable, o.message, o.stream, o.column
			s.namespaces, s.label, s.set, s.unsynced = o.namespaces, o.label, o.set, o.unsynced
		}
	}
}

func resourceItems(c *isms.Control) []isms.EvidenceItem {
	var out []isms.EvidenceItem
	for _, item := range c.Spec.Evidence {
		if item.Resources != nil {
			out = append(out, *item.DeepCopy())
		}
	}
	return out
}

// parameters are the scope's, overridden by the Control's.
func parameters(c *isms.Control, s *isms.ISMSScope) map[string][]string {
	out := map[string][]string{}
	if s != nil {
		for _, p := range s.Spec.Parameters {
			out[p.Name] = p.Values
		}
	}
	for _, p := range c.Spec.Parameters {
		out[p.Name] = p.Values
	}
	return out
}

func newSlot(item isms.EvidenceItem, src source, o check.Options) *slot {
	r := *item.Resources
	s := &slot{name: string(item.Name), rule: r, kind: schema.FromAPIVersionAndKind(r.APIVersion, r.Kind)}
	var exceptionsErr error
	s.exceptions, exceptionsErr = exceptionsOf(item.Name, src.exceptions)
	// That something exists, or does not, can be evidence; with the other quantifiers a constant is true of anything.
	o.AllowConstant = r.Quantifier != isms.QuantifierEvery && r.Quantifier != isms.QuantifierSet
	program, err := check.Compile(check.Rule{
		Kind:          s.kind,
		Set:           r.Quantifier == isms.QuantifierSet,
		Where:         r.Where,
		Expect:        r.Expect,
		LabelSelector: r.LabelSelector,
		Params:        src.parameters,
	}, o)
	var invalid *check.Error
	switch {
	case errors.As(err, &invalid):
		s.invalid = invalid.Error()
	case err != nil:
		s.invalid = "the rule can't be compiled"
	case exceptionsErr != nil:
		s.invalid = exceptionsErr.Error()
	default:
		s.program = program
		s.invalid = unreadable(s.kind, program)
	}
	return s
}

func exceptionsOf(item isms.ItemName, all []isms.Exception) ([]exception, error) {
	var out []exception
	for _, x := range all {
		if slices.Contains(x.Evidence, item) {
			e, err := newException(x)
			if err != nil {
				return nil, err
			}
			out = append(out, e)
		}
	}
	return out, nil
}

func newException(x isms.Exception) (exception, error) {
	out := exception{name: string(x.Name)}
	if day, err := x.ExpiresOn.Time(); err == nil {
		out.until = day.AddDate(0, 0, 1) // it waives to the end of the named day
	}
	for _, o := range x.Objects {
		m := objectMatch{namespace: string(o.Namespace), name: strings.TrimSuffix(o.Name, "*"), prefix: strings.HasSuffix(o.Name, "*")}
		if o.LabelSelector != nil {
			selector, err := metav1.LabelSelectorAsSelector(o.LabelSelector)
			if err != nil {
				return out, fmt.Errorf("exception %s: its labelSelector can't be read: %w", x.Name, err)
			}
			m.labels = selector
		}
		out.objects = append(out.objects, m)
	}
	return out, nil
}

// columnKey identifies a column of verdicts. Identical rules share one, also across scopes.
type columnKey struct {
	digest string
	// negate is set for None, whose wish is that expect is false.
	negate bool
	// exceptions is a digest of the exceptions' matchers, empty without any.
	exceptions string
	// scope is set where objects are kept: how many may be is for each scope.
	scope types.NamespacedName
}

func (s *slot) key() columnKey {
	k := columnKey{digest: s.program.Digest(), negate: s.rule.Quantifier == isms.QuantifierNone}
	if len(s.exceptions) > 0 && !s.perNamespace() {
		k.exceptions = s.exceptionsDigest()
	}
	if s.keeps() && guard.Apart.On() {
		k.scope = s.control.scope
	}
	return k
}

// keeps says that what the rule reads is kept of each object, to be evaluated again.
func (s *slot) keeps() bool { return s.program.ReadsNow() || s.program.Set() }

func (s *slot) streamKey() streamKey { return streamKey{kind: s.kind, secretType: s.rule.SecretType} }

func (s *slot) perNamespace() bool { return s.rule.Quantifier == isms.QuantifierAnyPerNamespace }

func (s *slot) exceptionsDigest() string {
	type match struct{ Namespace, Name, Labels string }
	var all [][]match
	for _, x := range s.exceptions {
		var one []match
		for _, m := range x.objects {
			y := match{Namespace: m.namespace, Name: m.name}
			if m.prefix {
				y.Name += "*"
			}
			if m.labels != nil {
				y.Labels = m.labels.String()
			}
			one = append(one, y)
		}
		all = append(all, one)
	}
	raw, _ := json.Marshal(all) //nolint:errchkjson // strings only
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:16])
}

// active is the mask of exceptions that have not expired, and their names.
func (s *slot) active(now time.Time) (mask uint32, names []string) {
	for i, x := range s.exceptions {
		names = append(names, x.name)
		if now.Before(x.until) {
			mask |= 1 << i
		}
	}
	return mask, names
}
