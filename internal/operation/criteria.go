// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
)

// Criterion is one thing that is asked: of a control, or of a whole scope.
type Criterion struct {
	// Item names it: an evidence item by its name; what is asked besides by a name of our own, or by kind and name.
	Item string
	// Text is canonical JSON, and Digest is over it. It holds no justification, description or name of a person; what a
	// rule or a parameter literally says is in it.
	Text   string
	Digest isms.Digest
}

// Items of criteria that are no evidence items. No evidence item can have such a name.
const (
	// ItemControl is the decision on a control and how its evidence is joined.
	ItemControl = "Control"
	// ItemEvidence is, of a scope, where evidence is read and as whom.
	ItemEvidence = "Evidence"
	// ItemRiskManagement and ItemPractice are the method and criteria for risks, and figures of practice, of a scope.
	ItemRiskManagement = "RiskManagement"
	ItemPractice       = "Practice"
	exceptionPrefix    = "exception/"
)

// maxText is the length of a text that an entry takes (api/v1alpha1). A longer one is kept as its digest alone.
const maxText = 12288

// itemCriterion is what is asked of an evidence item. Account and parameters are those in force, so that an edit of the scope that changes
// what is asked of a control shows in the series of the control.
type itemCriterion struct {
	Account     isms.ObjectName           `json:"account,omitempty"`
	Attestation *isms.AttestationEvidence `json:"attestation,omitempty"`
	Covers      []isms.ItemName           `json:"covers,omitempty"`
	Document    *isms.DocumentEvidence    `json:"document,omitempty"`
	Parameters  []isms.Parameter          `json:"parameters,omitempty"`
	Resources   *isms.ResourceRule        `json:"resources,omitempty"`
	Strength    isms.EvidenceStrength     `json:"strength,omitempty"`
}

type controlCriterion struct {
	AppliesTo []isms.ItemName            `json:"appliesTo,omitempty"`
	Decision  isms.ApplicabilityDecision `json:"decision"`
	Policy    isms.EvidencePolicy        `json:"evidencePolicy,omitempty"`
	Reasons   []isms.InclusionReason     `json:"reasons,omitempty"`
	State     isms.ImplementationState   `json:"state,omitempty"`
}

type exceptionCriterion struct {
	Evidence  []isms.ItemName        `json:"evidence"`
	ExpiresOn isms.Date              `json:"expiresOn"`
	Objects   []isms.ExceptionObject `json:"objects"`
	RiskRef   *isms.LocalRef         `json:"riskRef,omitempty"`
}

// CriteriaOf is what is asked of a control, sorted by item; scope is nil where there is none.
func CriteriaOf(control *isms.Control, scope *isms.ISMSScope) ([]Criterion, error) {
	spec := &control.Spec
	own := controlCriterion{Decision: spec.Applicability.Decision, Reasons: sorted(spec.Applicability.Reasons), Policy: spec.EvidencePolicy}
	if i := spec.Implementation; i != nil {
		own.State, own.AppliesTo = i.State, sorted(i.AppliesTo)
	}
	asked := map[string]any{ItemControl: own}
	for i := range spec.Evidence {
		item := &spec.Evidence[i]
		c := itemCriterion{
			Attestation: item.Attestation, Covers: sorted(item.Covers), Document: item.Document, Resources: item.Resources, Strength: item.Strength,
		}
		if item.Resources != nil {
			c.Parameters = parametersOf(item.Resources, spec.Parameters, scope)
			if scope != nil && scope.Spec.Evidence != nil {
				c.Account = scope.Spec.Evidence.ServiceAccountName
			}
		}
		asked[string(item.Name)] = c
	}
	for _, x := range spec.Exceptions {
		asked[exceptionPrefix+string(x.Name)] = exceptionCriterion{
			Evidence: sorted(x.Evidence), ExpiresOn: x.ExpiresOn, Objects: x.Objects, RiskRef: x.RiskRef,
		}
	}
	return criteriaOf(asked)
}

// parametersOf are the parameters that a rule may read, by name: those that stand anywhere in its text. Those of the
// control override those of the scope.
func parametersOf(rule *isms.ResourceRule, own []isms.Parameter, scope *isms.ISMSScope) []isms.Parameter {
	all := slices.Clone(own)
	if scope != nil {
		for _, p := range scope.Spec.Parameters {
			if !slices.ContainsFunc(own, func(o isms.Parameter) bool { return o.Name == p.Name }) {
				all = append(all, p)
			}
		}
	}
	all = slices.DeleteFunc(all, func(p isms.Parameter) bool {
		return !strings.Contains(rule.Where, p.Name) && !strings.Contains(rule.Expect, p.Name)
	})
	slices.SortFunc(all, func(a, b isms.Parameter) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// CriteriaOfScope is what is asked through the scope itself, sorted by item.
func CriteriaOfScope(scope *isms.ISMSScope) ([]Criterion, error) {
	asked := map[string]any{}
	if e := scope.Spec.Evidence; e != nil {
		in := *e
		in.ExcludedNamespaces = slices.Clone(in.ExcludedNamespaces)
		for i := range in.ExcludedNamespaces {
			in.ExcludedNamespaces[i].Justification = ""
		}
		asked[ItemEvidence] = in
	}
	if r := scope.Spec.RiskManagement; r != nil {
		asked[ItemRiskManagement] = r
	}
	if p := scope.Spec.Practice; p != nil {
		asked[ItemPractice] = p
	}
	return criteriaOf(asked)
}

func criteriaOf(asked map[string]any) ([]Criterion, error) {
	list := make([]Criterion, 0, len(asked))
	for item, value := range asked {
		text, digest, err := ledger.Text(value)
		if err != nil {
			return nil, fmt.Errorf("what is asked as %s: %w", item, err)
		}
		list = append(list, Criterion{Item: item, Text: text, Digest: digest})
	}
	slices.SortFunc(list, func(a, b Criterion) int { return cmp.Compare(a.Item, b.Item) })
	return list, nil
}

// DigestOf is the digest of what is asked as an item; empty where nothing is.
func DigestOf(asked []Criterion, item string) isms.Digest {
	for _, c := range asked {
		if c.Item == item {
			return c.Digest
		}
	}
	return ""
}

func sorted[T cmp.Ordered](list []T) []T {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

// CriteriaChanges are the entries that say how what is asked differs from what a series says, sorted by item. Where the
// series knows of no criteria at all, they are written down as Recorded: that is no change. A text is in it once for all
// series of the scope.
func (b *Book) CriteriaChanges(key ledger.Key, asked []Criterion) []isms.LogEntry {
	var entries []isms.LogEntry
	last, told := b.criteria(key), map[isms.Digest]bool{}
	for _, c := range asked {
		before, known := last[c.Item]
		if known && before == c.Digest {
			continue
		}
		entry := isms.LogEntry{Type: isms.LogCriteriaChanged, Item: c.Item, CriteriaDigest: c.Digest, Reason: isms.ReasonEdited}
		switch {
		case len(last) == 0:
			entry.Reason = isms.ReasonRecorded
		case before == "":
			entry.Reason = isms.ReasonAdded
		}
		if !told[c.Digest] && !b.texts[c.Digest] && utf8.RuneCountInString(c.Text) <= maxText {
			entry.Criteria, told[c.Digest] = c.Text, true
		}
		entries = append(entries, entry)
	}
	for item, before := range last {
		if before != "" && !slices.ContainsFunc(asked, func(c Criterion) bool { return c.Item == item }) {
			entries = append(entries, isms.LogEntry{Type: isms.LogCriteriaChanged, Item: item, Reason: isms.ReasonRemoved})
		}
	}
	slices.SortFunc(entries, func(a, b isms.LogEntry) int { return cmp.Compare(a.Item, b.Item) })
	return entries
}

func (b *Book) criteria(key ledger.Key) map[string]isms.Digest {
	if key.Series == isms.SeriesScope {
		return b.own.criteria.digests
	}
	if s := b.controls[key.ControlID]; s != nil {
		return s.criteria.digests
	}
	return nil
}

// criteria is what a Book keeps of the CriteriaChanged entries of a series.
type criteria struct {
	// digests of what is asked, by item; empty of what is asked no more.
	digests map[string]isms.Digest
	// changed is the time of the last entry that tells of a change.
	changed int64
}

func (c *criteria) take(entry *isms.LogEntry) {
	if c.digests == nil {
		c.digests = map[string]isms.Digest{}
	}
	c.digests[entry.Item] = entry.CriteriaDigest
	if entry.Reason != isms.ReasonRecorded && entry.Reason != isms.ReasonRetained {
		c.changed = entry.ObservedTime.Unix()
	}
}
