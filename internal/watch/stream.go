// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/pager"
	"k8s.io/utils/clock"
)

// Record is what stays of an object after it was evaluated. It is made on the stream's goroutine, before the object is
// dropped, and handed back to the sink that made it.
type Record interface {
	// Key returns namespace and name of the object.
	Key() (namespace, name string)
}

// Sink receives a stream. Its methods are called one at a time, Evaluate and Reevaluate excepted.
type Sink interface {
	// Evaluate turns an object into a record. The object must not be kept.
	Evaluate(obj runtime.Object) Record
	// Reevaluate is Evaluate for an object that is news of the watch, and the next thing to be applied. Of one that was
	// evaluated before, a sink may remember enough to spare the work.
	Reevaluate(obj runtime.Object) Record
	// Replace says that these are all objects.
	Replace(records []Record)
	// Apply says that one object was added or has changed.
	Apply(r Record)
	// Delete says that an object is gone.
	Delete(namespace, name string)
	// Failed says why the stream can't be read at the moment. The reflector goes on trying.
	Failed(err error)
}

// Stream follows all objects of a source and keeps none of them.
type Stream struct {
	clients *Clients
	source  Source
	sink    Sink
	clock   clock.Clock
	contact atomic.Int64 // unix nanoseconds
	// listing evaluates the list that the stream begins with; of one follow.
	listing *listing
	// progress is the moment of the last object or bookmark, lists under way included.
	progress atomic.Int64
}

// NewStream returns a stream that Run starts.
func (c *Clients) NewStream(s Source, sink Sink, clk clock.Clock) *Stream {
	return &Stream{clients: c, source: s, sink: sink, clock: clk}
}

// LastContact is the moment of the last event or bookmark, zero before the first. The API server sends a bookmark about
// once a minute, so a silence of many minutes is a watch that has stalled.
func (s *Stream) LastContact() time.Time {
	if n := s.contact.Load(); n != 0 {
		return time.Unix(0, n)
	}
	return time.Time{}
}

const (
	firstRetry = 200 * time.Millisecond
	// lastRetry bounds the wait once the API server is back; slowRetry is for what only a change elsewhere mends.
	lastRetry = 5 * time.Second
	slowRetry = 30 * time.Second
)

// Run follows the source until the context ends.
func (s *Stream) Run(ctx context.Context) error {
	l, err := s.clients.lister(s.source, "")
	if err != nil {
		return err
	}
	r := cache.NewReflectorWithOptions(l.listWatch(s.source.Few), nil, &store{s}, cache.ReflectorOptions{
		Name:    s.source.Kind.String(),
		Backoff: &wait.Backoff{Duration: firstRetry, Factor: 2, Jitter: 0.5, Steps: 10, Cap: lastRetry},
		Clock:   s.clock,
	})
	delay := firstRetry
	var refusal doubt
	for ctx.Err() == nil {
		err := s.follow(ctx, r)
		if !Forbidden(err) {
			refusal = doubt{}
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			delay = firstRetry
		case Forbidden(err) && !refusal.confirms(s.clock.Now(), s.clients.ready(ctx)):
			delay = askDoubtful
		default:
			s.sink.Failed(err)
			delay = min(delay*2, lastRetry)
			if Forbidden(err) {
				delay = slowRetry
			}
		}
		sleep(ctx, s.clock, delay)
	}
	return nil
}

func sleep(ctx context.Context, c clock.Clock, d time.Duration) {
	t := c.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C():
	}
}

// Touch notes a sign of life.
func (s *Stream) Touch() {
	s.contact.Store(s.clock.Now().UnixNano())
	s.progressed()
}

// List reads the objects of one namespace, or of all with an empty namespace, a page at a time, beside the stream.
func (s *Stream) List(ctx context.Context, namespace string, each func(Record)) error {
	l, err := s.clients.lister(s.source, namespace)
	if err != nil {
		return err
	}
	p := pager.New(func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
		ctx, cancel := context.WithTimeout(ctx, pageTimeout)
		defer cancel()
		return l.list(ctx, o)
	})
	p.PageBufferSize = 1
	return p.EachListItem(ctx, metav1.ListOptions{}, func(obj runtime.Object) error {
		each(s.sink.Evaluate(s.trim(obj)))
		return nil
	})
}

// trim drops what no rule may read: managedFields everywhere, and the annotations of objects that come as metadata
// only, because kubectl apply keeps a Secret's data in one. What is encoded is decoded without them.
func (s *Stream) trim(obj runtime.Object) runtime.Object {
	if _, encoded := obj.(*EncodedObject); encoded {
		return obj
	}
	m, err := meta.Accessor(obj)
	if err != nil {
		return obj
	}
	m.SetManagedFields(nil)
	if s.source.Form == Metadata {
		m.SetAnnotations(nil)
	}
	return obj
}

// store adapts a sink to the reflector. As a TransformingStore it sees each object of a streamed list as it comes, so
// that the list is never held; every later event, and a paged list, deliver objects as they are.
type store struct{ *Stream }

var _ cache.TransformingStore = (*store)(nil)

// keyed carries a record through the reflector's temporary store, which asks for namespace, name and resource version.
type keyed struct {
	metav1.Object
	namespace, name, version string
	object                   runtime.Object // until it is evaluated
	record                   Record
}

// noMeta answers whatever else is asked of a keyed record.
var noMeta metav1.Object = &metav1.ObjectMeta{}

func (k *keyed) GetNamespace() string       { return k.namespace }
func (k *keyed) GetName() string            { return k.name }
func (k *keyed) GetResourceVersion() string { return k.version }

// Transformer takes each object of a streamed list as it comes.
func (s *store) Transformer() cache.TransformFunc {
	return func(obj any) (any, error) {
		k, err := s.key(obj)
		if err == nil {
			s.listing.add(k)
		}
		return k, err
	}
}

// key is an object that has yet to be evaluated.
func (s *store) key(obj any) (*keyed, error) {
	o, ok := obj.(runtime.Object)
	if !ok {
		return nil, fmt.Errorf("object of %s: unexpected %T", s.source.Kind, obj)
	}
	m, err := meta.Accessor(o)
	if err != nil {
		return nil, fmt.Errorf("object of %s: %w", s.source.Kind, err)
	}
	s.progressed()
	return &keyed{
		Object: noMeta, namespace: m.GetNamespace(), name: m.GetName(), version: m.GetResourceVersion(), object: s.trim(o),
	}, nil
}

func (s *store) Add(obj any) error {
	k, err := s.key(obj)
	if err != nil {
		return err
	}
	s.Touch()
	s.sink.Apply(s.sink.Reevaluate(k.object))
	return nil
}

func (s *store) Update(obj any) error { return s.Add(obj) }

func (s *store) Delete(obj any) error {
	m, err := meta.Accessor(obj)
	if err != nil {
		return fmt.Errorf("object of %s: %w", s.source.Kind, err)
	}
	s.Touch()
	s.sink.Delete(m.GetNamespace(), m.GetName())
	return nil
}

func (s *store) Replace(objs []any, _ string) error {
	s.listing.flush()
	records := make([]Record, 0, len(objs))
	for _, obj := range objs {
		k, ok := obj.(*keyed)
		if !ok { // of a paged list
			var err error
			if k, err = s.key(obj); err != nil {
				return err
			}
			k.record = s.sink.Evaluate(k.object)
		}
		records = append(records, k.record)
	}
	s.Touch()
	s.sink.Replace(records)
	return nil
}

func (s *store) Resync() error { return nil }

// Bookmark is a sign of life.
func (s *store) Bookmark(string) error {
	s.Touch()
	return nil
}

// Forbidden reports whether a stream failed because the operator itself lacks the right.
func Forbidden(err error) bool { return apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err) }

// Gone reports whether a stream failed because its resource is no longer served.
func Gone(err error) bool {
	return apierrors.IsNotFound(err) || apierrors.IsMethodNotSupported(err)
}
