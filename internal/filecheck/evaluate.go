// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filecheck

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"
	sigsjson "sigs.k8s.io/json"

	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/manifest"
	"github.com/isms-operator/isms-operator/internal/rule"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// evaluation evaluates the objects of the second reading.
type evaluation struct {
	counters
	options  Options
	found    *gathering
	scopes   map[types.NamespacedName]*scope
	controls []*control
	streams  map[streamKey]*stream
	byKind   map[schema.GroupVersionKind][]*stream
	workers  []worker
	sources  *contents
	files    []string // names of sources

	mu        sync.Mutex
	errors    []*manifest.Error
	mentioned map[string]bool // namespaces that objects name
}

// worker is what one goroutine remembers.
type worker struct {
	twins     map[*stream]map[twin][]tally.Mark
	mentioned map[string]bool
}

// twin is what two objects have in common that get the same verdicts.
type twin struct {
	print     uint64
	namespace string
}

const maxTwins = 256

func newEvaluation(g *gathering, files []string, o Options) *evaluation {
	e := &evaluation{
		options: o, found: g, files: files, scopes: map[types.NamespacedName]*scope{}, streams: map[streamKey]*stream{},
		byKind: map[schema.GroupVersionKind][]*stream{}, mentioned: map[string]bool{}, workers: make([]worker, o.Workers),
	}
	for i := range e.workers {
		e.workers[i] = worker{twins: map[*stream]map[twin][]tally.Mark{}, mentioned: map[string]bool{}}
	}
	e.sources = newContents(g)
	e.plan()
	return e
}

func (e *evaluation) other(int, manifest.Place) { e.others.Add(1) }

func (e *evaluation) failed(_ int, err *manifest.Error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.errors = append(e.errors, err)
}

func (e *evaluation) fail(p manifest.Place, format string, args ...any) {
	e.failed(0, &manifest.Error{Place: p, Message: fmt.Sprintf(format, args...)})
}

// object evaluates the rules on one object.
func (e *evaluation) object(number int, o *manifest.Object) {
	e.objects.Add(1)
	if gathered(o.APIVersion, o.Kind) && !e.found.seen[o.Place] {
		e.fail(o.Place, "%s %s was not recognized: write apiVersion and kind on lines of their own", o.Kind, o.Name)
		return
	}
	kind := schema.FromAPIVersionAndKind(o.APIVersion, o.Kind)
	namespaced := e.found.namespaced(kind)
	switch {
	case !namespaced:
		o.Namespace = ""
	case o.Namespace == "":
		o.Namespace = e.options.Namespace
	}
	w := &e.workers[number]
	if namespaced && !isISMS(kind.Group) {
		w.mentioned[o.Namespace] = true
	}
	e.sources.take(o)
	streams, ofPods := e.byKind[kind], e.podStreams(kind)
	if len(streams) == 0 && len(ofPods) == 0 {
		return
	}
	x, err := e.decode(kind, o)
	if err != nil {
		e.fail(o.Place, "%s %s: %s", o.Kind, o.Name, firstLine(err))
		return
	}
	for _, s := range streams {
		if s.key.secretType == "" || s.key.secretType == x.secretType {
			e.evaluate(w, s, x)
		}
	}
	if len(ofPods) > 0 {
		e.evaluateTemplate(w, ofPods, kind, o, x.object)
	}
}

// decoded is an object as a rule sees it.
type decoded struct {
	object     metav1.Object // nil for a map
	subject    check.Subject
	spot       spot
	key        tally.Key
	labels     map[string]string
	secretType string
}

// decode makes an object look as the engine would see it: of a kind of Kubernetes as its Go type, of Secrets and ConfigMaps
// the metadata alone, and all others as maps.
func (e *evaluation) decode(kind schema.GroupVersionKind, o *manifest.Object) (decoded, error) {
	out := decoded{key: tally.Key{Namespace: o.Namespace, Name: o.Name}, spot: spot{Place: o.Place, name: o.Name}}
	var object metav1.Object
	switch {
	case rule.MetadataOnly(kind):
		var m metav1.PartialObjectMetadata
		var t struct {
			Type string `json:"type"`
		}
		if err := sigsjson.UnmarshalCaseSensitivePreserveInts(o.JSON, &m); err != nil {
			return out, err
		}
		if json.Unmarshal(o.JSON, &t) == nil {
			out.secretType = t.Type
		}
		if out.secretType == "" {
			out.secretType = string(corev1.SecretTypeOpaque) // what the API server fills in
		}
		m.Annotations = nil
		object = &m
	case goType(kind) != nil:
		typed, err := scheme.Scheme.New(kind)
		if err != nil {
			return out, err
		}
		if err := sigsjson.UnmarshalCaseSensitivePreserveInts(o.JSON, typed); err != nil {
			return out, err
		}
		object, _ = typed.(metav1.Object)
	default:
		return decodeMap(o, e.found.kinds[kind], out)
	}
	setDefaults(object)
	object.SetManagedFields(nil)
	object.SetNamespace(o.Namespace)
	if n, ok := object.(*corev1.Namespace); ok {
		nameLabel(n)
		out.key, out.spot.name = tally.Key{Namespace: n.Name}, ""
	}
	out.object = object
	out.labels = object.GetLabels()
	out.subject = check.TypedSubject(object.(runtime.Object), kind) //nolint:forcetypeassert // each of the scheme's types is one
	return out, nil
}

func decodeMap(o *manifest.Object, d definition, out decoded) (decoded, error) {
	var m map[string]any
	if err := sigsjson.UnmarshalCaseSensitivePreserveInts(o.JSON, &m); err != nil {
		return out, err
	}
	metadata, _ := m["metadata"].(map[string]any)
	if metadata == nil {
		metadata = map[string]any{}
		m["metadata"] = metadata
	}
	d.stored(m)
	delete(metadata, "managedFields")
	if o.Namespace != "" {
		metadata["namespace"] = o.Namespace
	}
	if labels, ok := metadata["labels"].(map[string]any); ok {
		out.labels = make(map[string]string, len(labels))
		for k, v := range labels {
			out.labels[k], _ = v.(string)
		}
	}
	out.subject = check.MapSubject(m)
	return out, nil
}

// evaluate evaluates the rules of a stream on one object, or takes the verdicts over from its twin.
func (e *evaluation) evaluate(w *worker, s *stream, x decoded) {
	if !slices.ContainsFunc(s.columns, func(c *column) bool { return c.wants(s, x.key) }) {
		s.record(x, nil, nil)
		return
	}
	known := w.twins[s]
	if known == nil {
		known = map[twin][]tally.Mark{}
		w.twins[s] = known
	}
	t := twin{s.footprint.Sum(x.subject), x.key.Namespace}
	marks, isTwin := known[t]
	var notes []note
	if isTwin {
		marks = slices.Clone(marks)
	} else {
		marks, notes = e.evaluateAll(s, x)
		if len(notes) == 0 {
			if len(known) >= maxTwins {
				clear(known)
			}
			known[t] = slices.Clone(marks)
		}
	}
	for i, c := range s.columns {
		if len(c.exceptions) > 0 && c.key.Exceptions != "" {
			marks[i].Waives = rule.Waives(c.exceptions, x.key, labelSet(x.labels))
		}
	}
	s.record(x, marks, notes)
}

// note is what a rule has to say about an object besides the verdict.
type note struct {
	column *column
	err    *check.EvalError
	kept   *member
}

func (e *evaluation) evaluateAll(s *stream, x decoded) ([]tally.Mark, []note) {
	env := check.Env{Now: e.options.Now}
	if n, ok := e.found.namespaces[x.key.Namespace]; ok {
		env.Namespace = &n.subject
	}
	marks := make([]tally.Mark, len(s.columns))
	var notes []note
	own := rule.Own(x.labels)
	for i, c := range s.columns {
		if !c.wants(s, x.key) {
			continue
		}
		n := note{column: c}
		marks[i].Code, n.err = rule.Evaluate(c.program, c.key.Negate, own, x.subject, env)
		if !c.plain && (marks[i].Code != tally.NotSelected || c.program.ReadsNow()) {
			n.kept = &member{own: own}
			if c.program.Set() {
				if projection, err := c.program.Project(x.subject); err == nil {
					n.kept.subject = check.MapSubject(projection)
				}
			}
		}
		if n.err != nil || n.kept != nil {
			notes = append(notes, n)
		}
	}
	return marks, notes
}

// wants says that an object is in the scope of one of the rules. Cluster-scoped kinds count whole.
func (c *column) wants(s *stream, key tally.Key) bool {
	if !s.namespaced && key.Namespace == "" {
		return true
	}
	return slices.ContainsFunc(c.scopes, func(sc *scope) bool { return sc.includes(key.Namespace).in })
}

// record keeps the verdicts about an object.
func (s *stream) record(x decoded, marks []tally.Mark, notes []note) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.present = true
	if marks == nil {
		return
	}
	namespace := x.key.Namespace
	id := s.table.Touch(tally.Key{Namespace: namespace, Name: x.spot.String()})
	s.ids = max(s.ids, id+1)
	for i, c := range s.columns {
		s.table.Set(c, id, marks[i])
	}
	for _, n := range notes {
		c := n.column
		if n.err != nil {
			classes := c.errors[namespace]
			classes.Add(n.err)
			c.errors[namespace] = classes
			if n.err.Verdict() == check.Expensive {
				c.expensive[namespace] = true
			}
		}
		if n.kept == nil {
			continue
		}
		if c.keptCount++; c.keptCount > rule.DefaultKept {
			c.kept = map[int32]member{}
		} else if c.program.Set() {
			c.kept[id] = *n.kept
		}
	}
}
