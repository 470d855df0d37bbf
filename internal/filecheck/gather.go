// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filecheck

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	sigsjson "sigs.k8s.io/json"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/manifest"
	"github.com/isms-operator/isms-operator/internal/rule"
)

// gathered says which objects the first reading reads.
func gathered(apiVersion, kind string) bool {
	group, _, _ := strings.Cut(apiVersion, "/")
	return isISMS(group) || apiVersion == "v1" && kind == "Namespace" ||
		group == apiextensionsv1.GroupName && kind == "CustomResourceDefinition"
}

func isISMS(group string) bool { return group == isms.GroupVersion.Group }

// named is an object of the ISMS with its place.
type named[T any] struct {
	object T
	place  manifest.Place
}

// namespace is a Namespace of the files.
type namespace struct {
	object  *corev1.Namespace
	subject check.Subject
	place   manifest.Place
}

// gathering is what the first reading finds.
type gathering struct {
	options Options

	mu           sync.Mutex
	scopes       map[types.NamespacedName]named[*isms.ISMSScope]
	controls     map[types.NamespacedName]named[*isms.Control]
	documents    map[types.NamespacedName]named[*isms.Document]
	attestations map[types.NamespacedName]named[*isms.Attestation]
	findings     map[types.NamespacedName]named[*isms.Finding]
	namespaces   map[string]namespace
	kinds        map[schema.GroupVersionKind]definition
	errors       []*manifest.Error
	// own are the errors that are found here alone.
	own map[*manifest.Error]bool
	// seen are the places of what was gathered, to notice what was not recognized.
	seen map[manifest.Place]bool
}

func newGathering(o Options) *gathering {
	return &gathering{
		options:      o,
		scopes:       map[types.NamespacedName]named[*isms.ISMSScope]{},
		controls:     map[types.NamespacedName]named[*isms.Control]{},
		documents:    map[types.NamespacedName]named[*isms.Document]{},
		attestations: map[types.NamespacedName]named[*isms.Attestation]{},
		findings:     map[types.NamespacedName]named[*isms.Finding]{},
		namespaces:   map[string]namespace{},
		kinds:        map[schema.GroupVersionKind]definition{},
		own:          map[*manifest.Error]bool{},
		seen:         map[manifest.Place]bool{},
	}
}

func (g *gathering) failed(_ int, err *manifest.Error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.errors = append(g.errors, err)
}

func (g *gathering) fail(p manifest.Place, format string, args ...any) {
	err := &manifest.Error{Place: p, Message: fmt.Sprintf(format, args...)}
	g.errors = append(g.errors, err)
	g.own[err] = true
}

func (g *gathering) object(_ int, o *manifest.Object) {
	if !gathered(o.APIVersion, o.Kind) {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.seen[o.Place] = true
	switch o.Kind {
	case "Namespace":
		g.namespace(o)
	case "CustomResourceDefinition":
		g.definition(o)
	case "ISMSScope":
		take(g, g.scopes, o, &isms.ISMSScope{}, func(s *isms.ISMSScope) { s.Status = isms.ISMSScopeStatus{} })
	case "Control":
		take(g, g.controls, o, &isms.Control{}, func(c *isms.Control) { c.Status = isms.ControlStatus{} })
	case "Document":
		take(g, g.documents, o, &isms.Document{}, func(d *isms.Document) { d.Status = isms.DocumentStatus{} })
	case "Attestation":
		take(g, g.attestations, o, &isms.Attestation{}, func(a *isms.Attestation) { a.Status = isms.AttestationStatus{} })
	case "Finding":
		take(g, g.findings, o, &isms.Finding{}, func(f *isms.Finding) { f.Status = isms.FindingStatus{} })
	case "AuditCycle", "EvidenceLog", "RegisterEntry", "Risk": // no verdict on files rests on them
	default: // with a slip in its kind, a Control would be left out unseen
		g.fail(o.Place, "%s has no kind %s", o.APIVersion, o.Kind)
	}
}

// take keeps an object of the ISMS. Its status is not read: what it says is what is to be found out. An object that stands
// twice is an error, for nobody can tell which one is meant.
func take[T metav1.Object](
	g *gathering, all map[types.NamespacedName]named[T], o *manifest.Object, into T, forget func(T),
) {
	if o.APIVersion != isms.GroupVersion.String() {
		g.fail(o.Place, "%s is not known in version %s, only in %s", o.Kind, o.APIVersion, isms.GroupVersion)
		return
	}
	strict, err := sigsjson.UnmarshalStrict(o.JSON, into)
	if err = errors.Join(append(strict, err)...); err != nil {
		g.fail(o.Place, "%s %s: %s", o.Kind, o.Name, firstLine(err))
		return
	}
	if into.GetNamespace() == "" {
		into.SetNamespace(g.options.Namespace)
	}
	forget(into)
	key := types.NamespacedName{Namespace: into.GetNamespace(), Name: into.GetName()}
	if before, ok := all[key]; ok {
		first, second := before, named[T]{into, o.Place}
		if second.place.Before(first.place) {
			first, second = second, first
		}
		all[key] = first
		g.fail(second.place, "%s %s stands at %s already", o.Kind, key, first.place)
		return
	}
	all[key] = named[T]{into, o.Place}
}

// firstLine is an error in one line.
func firstLine(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return strings.TrimPrefix(text, "json: ")
}

func (g *gathering) namespace(o *manifest.Object) {
	var n corev1.Namespace
	if err := sigsjson.UnmarshalCaseSensitivePreserveInts(o.JSON, &n); err != nil {
		g.fail(o.Place, "Namespace %s: %s", o.Name, firstLine(err))
		return
	}
	nameLabel(&n)
	setDefaults(&n)
	n.ManagedFields = nil
	g.namespaces[n.Name] = namespace{&n, check.TypedSubject(&n, corev1.SchemeGroupVersion.WithKind("Namespace")), o.Place}
}

// nameLabel is the label that the API server gives to every Namespace.
func nameLabel(n *corev1.Namespace) {
	if n.Labels == nil {
		n.Labels = map[string]string{}
	}
	n.Labels[corev1.LabelMetadataName] = n.Name
}

// sorted are the values of a map by their places.
func sorted[T any](all map[types.NamespacedName]named[T]) []named[T] {
	return slices.SortedFunc(maps.Values(all), func(a, b named[T]) int { return byPlace(a.place, b.place) })
}

// within are the objects of one namespace, by place.
func within[T any](all map[types.NamespacedName]named[*T], namespace string, object func(*T) string) []T {
	var out []T
	for _, x := range sorted(all) {
		if object(x.object) == namespace {
			out = append(out, *x.object)
		}
	}
	return out
}

// scope is the evidence frame of an ISMSScope on files.
type scope struct {
	key   types.NamespacedName
	spec  *isms.ISMSScope
	frame rule.Frame
	known map[string]namespace
	cache sync.Map // namespace to membership
}

// includes says whether a namespace is in scope. Labels of a namespace that is not among the files are not known but for
// its name: it counts as in scope unless what is known of it says otherwise, so that nothing passes unseen.
func (s *scope) includes(name string) membership {
	if m, ok := s.cache.Load(name); ok {
		return m.(membership) //nolint:forcetypeassert // nothing else is in the cache
	}
	m := s.decide(name)
	s.cache.Store(name, m)
	return m
}

// membership is a namespace's relation to a scope.
type membership struct {
	in bool
	// assumed says that labels which the scope selects by are not known.
	assumed bool
}

func (s *scope) decide(name string) membership {
	n := rule.Namespace{Name: name, Labels: map[string]string{corev1.LabelMetadataName: name}}
	known, ok := s.known[name]
	if ok {
		n.Labels = known.object.Labels
	}
	parts := s.frame.Partition([]rule.Namespace{n})
	switch {
	case ok, len(parts.Excluded) > 0, s.frame.Selector == nil:
		return membership{in: slices.Contains(parts.InScope, name)}
	}
	requirements, _ := s.frame.Selector.Requirements()
	for _, r := range requirements {
		if r.Key() != corev1.LabelMetadataName {
			return membership{in: true, assumed: true}
		}
	}
	return membership{in: slices.Contains(parts.InScope, name)}
}

// sort makes the order of errors that of the files.
func (g *gathering) sort() {
	slices.SortStableFunc(g.errors, func(a, b *manifest.Error) int { return byPlace(a.Place, b.Place) })
}
