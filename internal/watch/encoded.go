// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"bytes"
	"context"
	"fmt"
	"reflect"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"github.com/isms-operator/isms-operator/internal/check"
	"github.com/isms-operator/isms-operator/internal/wire"
)

// EncodedObject is an object as the protobuf that the API server has sent. Whoever evaluates it decodes what rules read. Of
// its metadata it knows the names, the resource version, labels and annotations; it is not to be changed.
type EncodedObject struct {
	metav1.Object
	// Type is the struct type of which Data is the protobuf.
	Type reflect.Type
	Data []byte

	typeMeta                 *metav1.TypeMeta
	namespace, name, version string
	metadata                 []byte
}

var _ runtime.Object = (*EncodedObject)(nil)

// The numbers of the fields on the wire, of every object, of metadata and of lists.
const (
	numberMetadata = 1
	numberItems    = 2

	numberName            = 1
	numberNamespace       = 3
	numberResourceVersion = 6
	numberLabels          = 11
	numberAnnotations     = 12
)

// NewEncodedObject returns the object of a struct type that check.HasProtobuf. It keeps the data.
func NewEncodedObject(t reflect.Type, typeMeta *metav1.TypeMeta, data []byte) (*EncodedObject, error) {
	metadata, err := wire.Bytes(data, numberMetadata)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", typeMeta.Kind, err)
	}
	e := &EncodedObject{Object: noMeta, Type: t, Data: data, typeMeta: typeMeta, metadata: metadata}
	err = wire.Each(metadata, func(number int, b []byte) bool {
		switch number {
		case numberName:
			e.name = string(b)
		case numberNamespace:
			e.namespace = string(b)
		case numberResourceVersion:
			e.version = string(b)
		}
		return number <= numberResourceVersion // fields are in order
	})
	if err != nil {
		return nil, fmt.Errorf("metadata of %s: %w", typeMeta.Kind, err)
	}
	return e, nil
}

// GetObjectKind implements runtime.Object. It is shared by all objects of a stream.
func (e *EncodedObject) GetObjectKind() schema.ObjectKind { return e.typeMeta }

// DeepCopyObject implements runtime.Object. Nothing of an encoded object changes.
func (e *EncodedObject) DeepCopyObject() runtime.Object { return e }

// GetNamespace implements metav1.Object.
func (e *EncodedObject) GetNamespace() string { return e.namespace }

// GetName implements metav1.Object.
func (e *EncodedObject) GetName() string { return e.name }

// GetResourceVersion implements metav1.Object.
func (e *EncodedObject) GetResourceVersion() string { return e.version }

// GetLabels implements metav1.Object.
func (e *EncodedObject) GetLabels() map[string]string { return e.only(onlyLabels).Labels }

// GetAnnotations tells a reflector whether a bookmark ends a list.
func (e *EncodedObject) GetAnnotations() map[string]string {
	return e.only(onlyAnnotations).Annotations
}

var onlyLabels, onlyAnnotations = keeping(numberLabels), keeping(numberAnnotations)

func keeping(number int) *wire.Mask {
	m := &wire.Mask{}
	m.Keep(number)
	return m
}

// only is the metadata with one field. What can't be decoded is not there; rules about such an object end in an error.
func (e *EncodedObject) only(mask *wire.Mask) *metav1.ObjectMeta {
	out := &metav1.ObjectMeta{}
	if data, err := mask.Append(nil, e.metadata); err != nil || out.Unmarshal(data) != nil {
		return &metav1.ObjectMeta{}
	}
	return out
}

// EncodedList is a list of encoded objects.
type EncodedList struct {
	metav1.TypeMeta
	metav1.ListMeta
	Items []*EncodedObject
}

// DeepCopyObject implements runtime.Object.
func (l *EncodedList) DeepCopyObject() runtime.Object {
	out := *l
	out.Items = append([]*EncodedObject(nil), l.Items...)
	return &out
}

// encodedType is the struct type of a built-in kind whose objects can come encoded, nil where there is none.
func encodedType(gvk schema.GroupVersionKind) reflect.Type {
	if t := scheme.Scheme.AllKnownTypes()[gvk]; t != nil && check.HasProtobuf(t) {
		return t
	}
	return nil
}

// encodedDecoder leaves objects of one kind, and lists of them, as they came, and has the rest decoded: a Status above all.
type encodedDecoder struct {
	runtime.Decoder
	t    reflect.Type
	kind *metav1.TypeMeta
}

// Decode implements runtime.Decoder. What it returns keeps the data, which client-go reads anew for each event and page.
func (d *encodedDecoder) Decode(data []byte, defaults *schema.GroupVersionKind, into runtime.Object,
) (runtime.Object, *schema.GroupVersionKind, error) {
	if into == nil {
		kind, raw := envelope(data)
		gvk := kind.GroupVersionKind()
		switch {
		case raw == nil:
		case kind == *d.kind:
			obj, err := NewEncodedObject(d.t, d.kind, raw)
			return obj, &gvk, err
		case kind.APIVersion == d.kind.APIVersion && kind.Kind == d.kind.Kind+"List":
			list, err := d.list(kind, raw)
			return list, &gvk, err
		}
	}
	return d.Decoder.Decode(data, defaults, into) //nolint:wrapcheck // client-go looks at what it is
}

func (d *encodedDecoder) list(kind metav1.TypeMeta, data []byte) (*EncodedList, error) {
	out := &EncodedList{TypeMeta: kind}
	var failed error
	err := wire.Each(data, func(number int, b []byte) bool {
		switch number {
		case numberMetadata:
			failed = out.ListMeta.Unmarshal(b)
		case numberItems:
			var item *EncodedObject
			if item, failed = NewEncodedObject(d.t, d.kind, b); failed == nil {
				out.Items = append(out.Items, item)
			}
		}
		return failed == nil
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", kind.Kind, err)
	}
	return out, nil
}

// protobufPrefix begins what the API server sends and stores as protobuf; after it comes a runtime.Unknown.
var protobufPrefix = []byte("k8s\x00")

// envelope is the kind and the protobuf of an object, nil for what is not sent as such.
func envelope(data []byte) (kind metav1.TypeMeta, raw []byte) {
	data, ok := bytes.CutPrefix(data, protobufPrefix)
	if !ok {
		return kind, nil
	}
	plain := true
	err := wire.Each(data, func(number int, b []byte) bool {
		switch number {
		case 1:
			kind.APIVersion, kind.Kind = text(b, 1), text(b, 2)
		case 2:
			raw = b
		case 3: // its encoding
			plain = plain && len(b) == 0
		}
		return true
	})
	if err != nil || !plain {
		return kind, nil
	}
	return kind, raw
}

func text(data []byte, number int) string {
	b, err := wire.Bytes(data, number)
	if err != nil {
		return ""
	}
	return string(b)
}

// encodedSerializer is that of a client whose objects come encoded.
type encodedSerializer struct {
	runtime.NegotiatedSerializer
	t    reflect.Type
	kind *metav1.TypeMeta
}

// DecoderToVersion implements runtime.NegotiatedSerializer.
func (s encodedSerializer) DecoderToVersion(d runtime.Decoder, gv runtime.GroupVersioner) runtime.Decoder {
	return &encodedDecoder{s.NegotiatedSerializer.DecoderToVersion(d, gv), s.t, s.kind}
}

// encodedClient is a client of a built-in kind whose objects come encoded.
func (c *Clients) encodedClient(gvk schema.GroupVersionKind, t reflect.Type) (rest.Interface, error) {
	config := rest.CopyConfig(c.config)
	gv := gvk.GroupVersion()
	config.GroupVersion, config.APIPath, config.ContentType = &gv, "/apis", runtime.ContentTypeProtobuf
	if gvk.Group == "" {
		config.APIPath = "/api"
	}
	apiVersion, kind := gvk.ToAPIVersionAndKind()
	config.NegotiatedSerializer = encodedSerializer{
		scheme.Codecs.WithoutConversion(), t, &metav1.TypeMeta{APIVersion: apiVersion, Kind: kind},
	}
	client, err := rest.RESTClientForConfigAndClient(config, c.http)
	if err != nil {
		return nil, fmt.Errorf("client for %s: %w", gvk, err)
	}
	return client, nil
}

func encodedLister(client rest.Interface, s Source, namespace string) *lister {
	l := typedLister(client, s, namespace)
	l.list = func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
		return request(client, s, namespace, o).Do(ctx).Get()
	}
	return l
}
