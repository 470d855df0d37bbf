// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filecheck

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/assess"
	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/conditions"
	"github.com/isms-operator/isms-operator/internal/manifest"
	"github.com/isms-operator/isms-operator/internal/rule"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// Report is what files say of their Controls.
type Report struct {
	// Controls are sorted by id, those of Annex A in its order, and then by place.
	Controls []Control
	// Errors are what can't be read, by place.
	Errors []*manifest.Error
	// Notes are what whoever reads the report must know, sorted: what was assumed, and texts that were approved unfinished.
	Notes []string
	// Files, Objects and Others count what was read; Others are documents that are no objects.
	Files, Objects, Others int
	// PodTemplates counts the workloads that stood for the Pod that they make; where no rule is on Pods, none does.
	PodTemplates int
}

// Control is what files say of one Control.
type Control struct {
	*isms.Control
	// Place is where the Control stands.
	Place manifest.Place
	// Status is what the operator's would be.
	Status   isms.ControlStatus
	Evidence []Evidence
}

// Satisfied is the condition that joins all others.
func (c *Control) Satisfied() metav1.Condition {
	if found := conditions.Get(c.Status.Conditions, isms.ConditionSatisfied); found != nil {
		return *found
	}
	return metav1.Condition{Status: metav1.ConditionUnknown}
}

// Evidence is what files say of one evidence item.
type Evidence struct {
	isms.EvidenceStatus
	Item isms.EvidenceItem
	// Counts are those of a rule on objects.
	Counts tally.Counts

	evaluation *evaluation
	slot       *slot
	scope      *scope
}

// Verdict is what a rule says of one subject.
type Verdict string

// The verdicts on subjects.
const (
	Pass   Verdict = "Pass"
	Fail   Verdict = "Fail"
	Error  Verdict = "Error"  // where or expect could not be evaluated
	Waived Verdict = "Waived" // it fails, and an exception waives that
)

// Subject is one object, or one namespace, with the verdict of a rule.
type Subject struct {
	APIVersion, Kind, Namespace, Name string
	// PodTemplate says that this is a workload, and the verdict about the Pod that it makes.
	PodTemplate bool
	Verdict     Verdict
	// Place is the object's; it has no file where the subject is a namespace that is not among the files.
	Place manifest.Place
	// Exceptions names those that waive.
	Exceptions []string
}

// String is kind and name.
func (s Subject) String() string {
	switch {
	case s.Name == "":
		return s.Kind + " " + s.Namespace
	case s.Namespace == "":
		return s.Kind + " " + s.Name
	case s.PodTemplate:
		return s.Kind + " " + s.Namespace + "/" + s.Name + podTemplate
	}
	return s.Kind + " " + s.Namespace + "/" + s.Name
}

// podTemplate marks the name of a workload where the Pod is meant that it makes.
const podTemplate = " (pod template)"

// report judges all Controls.
func (e *evaluation) report() *Report {
	r := &Report{
		Objects: int(e.objects.Load()), Others: int(e.others.Load()), PodTemplates: int(e.templates.Load()), Errors: e.errors,
	}
	for _, w := range e.workers {
		maps.Copy(e.mentioned, w.mentioned)
	}
	byNamespace := map[string]people{}
	for _, c := range e.controls {
		if e.options.ObjectsOnly && len(c.slots) == 0 {
			continue
		}
		p, ok := byNamespace[c.Namespace]
		if !ok {
			p = e.people(c.Namespace)
			byNamespace[c.Namespace] = p
		}
		r.Controls = append(r.Controls, e.judge(c, p))
	}
	slices.SortStableFunc(r.Controls, func(a, b Control) int {
		return cmp.Or(catalogue.CompareIDs(string(a.Spec.ID), string(b.Spec.ID)), byPlace(a.Place, b.Place))
	})
	r.Notes = e.notes()
	for _, p := range byNamespace {
		if !e.options.ObjectsOnly {
			r.Notes = append(r.Notes, p.notes...)
		}
	}
	slices.Sort(r.Notes)
	return r
}

func (e *evaluation) judge(c *control, p people) Control {
	in := assess.Input{
		Control: c.Control, Evidence: map[string]tally.Snapshot{}, Documents: p.documents, Attestations: p.attestations,
		Findings: p.findings, Now: e.options.Now,
	}
	if c.scope != nil {
		in.Scope = c.scope.spec
	}
	for _, o := range e.controls {
		if o.Namespace == c.Namespace && o.Spec.ScopeRef == c.Spec.ScopeRef && o.Spec.ID == c.Spec.ID && o.Name != c.Name {
			in.Duplicates = append(in.Duplicates, o.Name)
		}
	}
	for _, s := range c.slots {
		in.Evidence[s.Name] = e.snapshot(s, c.scope)
	}
	out := Control{Control: c.Control, Place: c.place, Status: assess.Control(in).Status}
	for _, status := range out.Status.Evidence {
		out.Evidence = append(out.Evidence, e.evidence(c, status, in.Evidence[status.Name]))
	}
	return out
}

func (e *evaluation) evidence(c *control, status isms.EvidenceStatus, snapshot tally.Snapshot) Evidence {
	out := Evidence{EvidenceStatus: status, Counts: snapshot.Counts, evaluation: e, scope: c.scope}
	for _, item := range c.Spec.Evidence {
		if string(item.Name) == status.Name {
			out.Item = item
		}
	}
	for _, s := range c.slots {
		if s.Name == status.Name && s.unavailable == "" {
			out.slot = s
		}
	}
	return out
}

// notes say what was assumed.
func (e *evaluation) notes() []string {
	var out []string
	keys := slices.Collect(maps.Keys(e.scopes))
	slices.SortFunc(keys, func(a, b types.NamespacedName) int { return cmp.Compare(a.String(), b.String()) })
	for _, key := range keys {
		var assumed []string
		for _, n := range slices.Sorted(maps.Keys(e.mentioned)) {
			if e.scopes[key].includes(n).assumed {
				assumed = append(assumed, n)
			}
		}
		if len(assumed) > 0 {
			out = append(out, fmt.Sprintf("Scope %s selects namespaces by labels that the files do not show of %s: taken as in scope.",
				key.Name, conditions.Names(assumed)))
		}
	}
	return out
}

// Subjects goes through the subjects of a rule on objects, by namespace and name, and then by place: those with one of the
// verdicts, or all. Of Set there are none, for the list is one subject; of Any no object fails while one passes.
func (e *Evidence) Subjects(verdicts ...Verdict) iter.Seq[Subject] {
	return func(yield func(Subject) bool) {
		if e.slot == nil || e.slot.Program.Set() {
			return
		}
		list := e.objects
		if e.slot.PerNamespace() {
			list = e.namespaces
		}
		for _, s := range list(verdicts) {
			if !yield(s) {
				return
			}
		}
	}
}

func wanted(verdicts []Verdict, v Verdict) bool {
	return len(verdicts) == 0 || slices.Contains(verdicts, v)
}

func (e *Evidence) objects(verdicts []Verdict) []Subject {
	table, ev := e.slot.stream.table, e.evaluation
	in := map[string]bool{}
	for _, n := range ev.where(e.slot, e.scope) {
		in[n] = true
	}
	active, _ := e.slot.Active(ev.options.Now)
	var out []Subject
	for id := range e.slot.stream.ids {
		key, mark := table.KeyOf(id), table.Get(e.slot.column, id)
		v := verdictOf(mark, active)
		anyPasses := v == Fail && e.slot.Spec.Quantifier == isms.QuantifierAny && e.Result == isms.EvidencePass
		if !in[key.Namespace] || v == "" || !wanted(verdicts, v) || anyPasses {
			continue
		}
		at := parseSpot(key.Name)
		s := Subject{APIVersion: e.Item.Resources.APIVersion, Kind: e.slot.Kind.Kind, Namespace: key.Namespace, Name: at.name, Verdict: v}
		if at.maker != "" {
			s.APIVersion, s.Kind, s.PodTemplate = at.makerVersion, at.maker, true
		}
		s.Place = at.Place
		s.Place.File = ev.files[at.Source]
		s.Exceptions = e.waiving(v, mark.Waives&active)
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Subject) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name), byPlace(a.Place, b.Place))
	})
	return out
}

func verdictOf(mark tally.Mark, active uint32) Verdict {
	switch mark.Code {
	case tally.Passing:
		return Pass
	case tally.Errored:
		return Error
	case tally.Failing:
		if mark.Waives&active != 0 {
			return Waived
		}
		return Fail
	case tally.NotSelected:
	}
	return ""
}

func (e *Evidence) waiving(v Verdict, bits uint32) []string {
	var out []string
	for i, x := range e.slot.Exceptions {
		if v == Waived && bits>>i&1 == 1 {
			out = append(out, x.Name)
		}
	}
	return out
}

// namespaces are the subjects of AnyPerNamespace.
func (e *Evidence) namespaces(verdicts []Verdict) []Subject {
	ev := e.evaluation
	active, _ := e.slot.Active(ev.options.Now)
	var out []Subject
	for _, n := range ev.namespaces(e.scope) {
		counts := e.slot.stream.table.Count(e.slot.column, ev.query(e.slot, []string{n}))
		s := Subject{APIVersion: "v1", Kind: "Namespace", Namespace: n}
		switch {
		case counts.Passing > 0:
			s.Verdict = Pass
		case counts.Errors > 0:
			s.Verdict = Error
		case counts.Waived > 0:
			s.Verdict = Waived
		default:
			s.Verdict = Fail
		}
		if known, ok := ev.found.namespaces[n]; ok {
			s.Place = known.place
		}
		if wanted(verdicts, s.Verdict) {
			s.Exceptions = e.waiving(s.Verdict, active&rule.Waives(e.slot.Exceptions, tally.Key{Namespace: n}, ev.labelsOf(n)))
			out = append(out, s)
		}
	}
	return out
}
