// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package rule is what an evidence item's rule on objects means, wherever it is evaluated: on the objects of a cluster by
// internal/engine, or on files by internal/filecheck. It compiles the rule, matches exceptions, turns an expression's
// outcome to what the rule wants, and says which namespaces are in a scope. It is pure.
package rule

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/check"
)

// Rule is the rule of one evidence item, compiled, with the exceptions of its Control that name the item.
type Rule struct {
	// Name is that of the evidence item.
	Name string
	Spec isms.ResourceRule
	Kind schema.GroupVersionKind
	// Exceptions are in the order of their bits in tally.Mark.
	Exceptions []Exception
	// Program is nil where Invalid says why the rule can't be evaluated as it is written.
	Program *check.Program
	Invalid string
}

// DefaultKept bounds the objects of which a rule that reads `now`, or a Set rule, keeps what it reads. Beyond it the rule
// is TooManyObjects.
const DefaultKept = 20000

// DefaultKinds bounds the kinds that the rules of one scope read.
const DefaultKinds = 64

// Items are the evidence items of a Control that are rules on objects.
func Items(c *isms.Control) []isms.EvidenceItem {
	var out []isms.EvidenceItem
	for _, item := range c.Spec.Evidence {
		if item.Resources != nil {
			out = append(out, *item.DeepCopy())
		}
	}
	return out
}

// Parameters are the scope's, overridden by the Control's. The scope may be nil.
func Parameters(c *isms.Control, s *isms.ISMSScope) map[string][]string {
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

// New compiles the rule of an item, which must have one. The exceptions may be all of its Control.
func New(item isms.EvidenceItem, parameters map[string][]string, exceptions []isms.Exception, o check.Options) Rule {
	spec := *item.Resources
	r := Rule{Name: string(item.Name), Spec: spec, Kind: schema.FromAPIVersionAndKind(spec.APIVersion, spec.Kind)}
	var exceptionsErr error
	r.Exceptions, exceptionsErr = exceptionsOf(item.Name, exceptions)
	// That something exists, or does not, can be evidence; with the other quantifiers a constant is true of anything.
	o.AllowConstant = spec.Quantifier != isms.QuantifierEvery && spec.Quantifier != isms.QuantifierSet
	program, err := check.Compile(check.Rule{
		Kind:          r.Kind,
		Set:           spec.Quantifier == isms.QuantifierSet,
		Where:         spec.Where,
		Expect:        spec.Expect,
		LabelSelector: spec.LabelSelector,
		Params:        parameters,
	}, o)
	var invalid *check.Error
	switch {
	case errors.As(err, &invalid):
		r.Invalid = invalid.Error()
	case err != nil:
		r.Invalid = "the rule can't be compiled"
	case exceptionsErr != nil:
		r.Invalid = exceptionsErr.Error()
	default:
		r.Program = program
		r.Invalid = unreadable(r.Kind, program)
	}
	return r
}

// Key tells rules apart by what they say about an object: rules with equal keys share their verdicts, also across scopes.
type Key struct {
	Digest string
	// Negate is set for None, whose wish is that expect is false.
	Negate bool
	// Exceptions is a digest of the exceptions' matchers, empty without any, and where a subject is a namespace.
	Exceptions string
}

// Key of a rule that is not Invalid.
func (r *Rule) Key() Key {
	k := Key{Digest: r.Program.Digest(), Negate: r.Spec.Quantifier == isms.QuantifierNone}
	if len(r.Exceptions) > 0 && !r.PerNamespace() {
		k.Exceptions = r.exceptionsDigest()
	}
	return k
}

// Keeps says that what the rule reads is kept of each object, to be evaluated again or together.
func (r *Rule) Keeps() bool { return r.Program.ReadsNow() || r.Program.Set() }

// PerNamespace says that the subjects are namespaces.
func (r *Rule) PerNamespace() bool { return r.Spec.Quantifier == isms.QuantifierAnyPerNamespace }

// Active is the mask of exceptions that have not expired, and the names of all.
func (r *Rule) Active(now time.Time) (mask uint32, names []string) {
	for i, x := range r.Exceptions {
		names = append(names, x.Name)
		if now.Before(x.Until) {
			mask |= 1 << i
		}
	}
	return mask, names
}

func (r *Rule) exceptionsDigest() string {
	type match struct{ Namespace, Name, Labels string }
	var all [][]match
	for _, x := range r.Exceptions {
		var one []match
		for _, m := range x.Objects {
			y := match{Namespace: m.Namespace, Name: m.Name}
			if m.Prefix {
				y.Name += "*"
			}
			if m.Labels != nil {
				y.Labels = m.Labels.String()
			}
			one = append(one, y)
		}
		all = append(all, one)
	}
	raw, _ := json.Marshal(all) //nolint:errchkjson // strings only
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:16])
}
