// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"context"
	"fmt"
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	apiwatch "k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// Form is how the objects of a stream arrive.
type Form int

// Encoded objects are those of a built-in kind, as protobuf (*EncodedObject); Typed ones are decoded into Go types, Map
// objects are unstructured, and Metadata is all that is ever asked for of Secrets and ConfigMaps. Where a kind has no
// protobuf, or the API server sends none, Encoded objects are Typed.
const (
	Encoded Form = iota
	Typed
	Map
	Metadata
)

// HasGoType reports whether a kind is built in, so that it can be Encoded or Typed.
func HasGoType(gvk schema.GroupVersionKind) bool { return scheme.Scheme.Recognizes(gvk) }

// Clients open streams. They share one transport, and are not rate-limited: a stream is one request.
type Clients struct {
	config   *rest.Config
	http     *http.Client
	dynamic  dynamic.Interface
	metadata metadata.Interface
	ready    Ready
}

// NewClients returns clients for a configuration.
func NewClients(config *rest.Config) (*Clients, error) {
	c := rest.CopyConfig(config)
	c.QPS, c.Burst, c.RateLimiter = -1, 0, nil
	h, err := rest.HTTPClientFor(c)
	if err != nil {
		return nil, fmt.Errorf("http client: %w", err)
	}
	d, err := dynamic.NewForConfigAndClient(c, h)
	if err != nil {
		return nil, fmt.Errorf("dynamic client: %w", err)
	}
	m, err := metadata.NewForConfigAndClient(metadata.ConfigFor(c), h)
	if err != nil {
		return nil, fmt.Errorf("metadata client: %w", err)
	}
	set, err := kubernetes.NewForConfigAndClient(c, h)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	return &Clients{config: c, http: h, dynamic: d, metadata: m, ready: ReadyOf(set.RESTClient())}, nil
}

// Source is where the objects of a stream come from.
type Source struct {
	Kind          schema.GroupVersionKind
	Resource      schema.GroupVersionResource
	FieldSelector string
	Form          Form
	// Few says that there are few objects, so that they are listed at once from the API server's cache. A streamed list ends
	// only when the cache is known to be as new as etcd, about a tenth of a second later.
	Few bool
}

// lister lists and watches one source, in one namespace or in all.
type lister struct {
	list  func(context.Context, metav1.ListOptions) (runtime.Object, error)
	watch func(context.Context, metav1.ListOptions) (apiwatch.Interface, error)
}

func (c *Clients) lister(s Source, namespace string) (*lister, error) {
	var l *lister
	switch s.Form {
	case Metadata:
		r := c.metadata.Resource(s.Resource).Namespace(namespace)
		l = &lister{
			list:  func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) { return r.List(ctx, o) },
			watch: r.Watch,
		}
	case Map:
		r := c.dynamic.Resource(s.Resource).Namespace(namespace)
		l = &lister{
			list:  func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) { return r.List(ctx, o) },
			watch: r.Watch,
		}
	case Encoded:
		t := encodedType(s.Kind)
		if t == nil {
			s.Form = Typed
			return c.lister(s, namespace)
		}
		client, err := c.encodedClient(s.Kind, t)
		if err != nil {
			return nil, err
		}
		l = encodedLister(client, s, namespace)
	case Typed:
		client, err := apiutil.RESTClientForGVK(s.Kind, false, false, c.config, scheme.Codecs, c.http)
		if err != nil {
			return nil, fmt.Errorf("client for %s: %w", s.Kind, err)
		}
		l = typedLister(client, s, namespace)
	}
	return l.selecting(s.FieldSelector), nil
}

func request(client rest.Interface, s Source, namespace string, o metav1.ListOptions) *rest.Request {
	return client.Get().NamespaceIfScoped(namespace, namespace != "").Resource(s.Resource.Resource).
		VersionedParams(&o, scheme.ParameterCodec)
}

func typedLister(client rest.Interface, s Source, namespace string) *lister {
	return &lister{
		list: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			list, err := scheme.Scheme.New(s.Kind.GroupVersion().WithKind(s.Kind.Kind + "List"))
			if err != nil {
				return nil, fmt.Errorf("list type of %s: %w", s.Kind, err)
			}
			return list, request(client, s, namespace, o).Do(ctx).Into(list)
		},
		watch: func(ctx context.Context, o metav1.ListOptions) (apiwatch.Interface, error) {
			o.Watch = true
			return request(client, s, namespace, o).Watch(ctx)
		},
	}
}

func (l *lister) selecting(fields string) *lister {
	if fields == "" {
		return l
	}
	return &lister{
		list: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			o.FieldSelector = fields
			return l.list(ctx, o)
		},
		watch: func(ctx context.Context, o metav1.ListOptions) (apiwatch.Interface, error) {
			o.FieldSelector = fields
			return l.watch(ctx, o)
		},
	}
}

func (l *lister) listWatch(few bool) cache.ListerWatcher {
	lw := &cache.ListWatch{ListWithContextFunc: l.list, WatchFuncWithContext: l.watch}
	if few {
		return unstreamed{lw}
	}
	return lw
}

// unstreamed makes a reflector list before it watches.
type unstreamed struct{ *cache.ListWatch }

// IsWatchListSemanticsUnSupported is what a reflector asks before it streams a list.
func (unstreamed) IsWatchListSemanticsUnSupported() bool { return true }
