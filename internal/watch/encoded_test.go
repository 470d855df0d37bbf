// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"
)

var podKind = corev1.SchemeGroupVersion.WithKind("Pod")

func podDecoder() runtime.Decoder {
	apiVersion, kind := podKind.ToAPIVersionAndKind()
	s := encodedSerializer{scheme.Codecs.WithoutConversion(), encodedType(podKind), &metav1.TypeMeta{APIVersion: apiVersion, Kind: kind}}
	return s.DecoderToVersion(scheme.Codecs.UniversalDeserializer(), podKind.GroupVersion())
}

func podNamed(name string) *corev1.Pod {
	return &corev1.Pod{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "a", Name: name, UID: "u", ResourceVersion: "7", Labels: map[string]string{"l": "1"},
			Annotations: map[string]string{metav1.InitialEventsAnnotationKey: "true"},
		},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app"}}},
	}
}

func asProtobuf(t *testing.T, obj runtime.Object) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := protobuf.NewSerializer(scheme.Scheme, scheme.Scheme).Encode(obj, &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func decode(t *testing.T, data []byte) runtime.Object {
	t.Helper()
	obj, err := runtime.Decode(podDecoder(), data)
	if err != nil {
		t.Fatal(err)
	}
	return obj
}

// TestEncodedObject: what client-go and the stream ask of an object is answered from its protobuf.
func TestEncodedObject(t *testing.T) {
	p := podNamed("web")
	e, ok := decode(t, asProtobuf(t, p)).(*EncodedObject)
	if !ok {
		t.Fatal("decoded")
	}
	m, err := meta.Accessor(e)
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(m.GetNamespace(), m.GetName(), m.GetResourceVersion(), m.GetLabels(), m.GetAnnotations(), e.GetObjectKind().GroupVersionKind())
	if want := fmt.Sprint("a", "web", "7", p.Labels, p.Annotations, podKind); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	whole := &corev1.Pod{}
	if err := whole.Unmarshal(e.Data); err != nil {
		t.Fatal(err)
	}
	if whole.TypeMeta = p.TypeMeta; cmp.Diff(p, whole) != "" {
		t.Error(cmp.Diff(p, whole))
	}
}

func TestEncodedList(t *testing.T) {
	list := &corev1.PodList{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "PodList"},
		ListMeta: metav1.ListMeta{ResourceVersion: "9", Continue: "more"}, Items: []corev1.Pod{*podNamed("one"), *podNamed("two")},
	}
	obj := decode(t, asProtobuf(t, list))
	m, err := meta.ListAccessor(obj)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{m.GetResourceVersion(), m.GetContinue()}
	err = meta.EachListItem(obj, func(o runtime.Object) error {
		e, ok := o.(*EncodedObject)
		if !ok {
			return fmt.Errorf("%T", o)
		}
		got = append(got, e.GetName())
		return nil
	})
	if d := cmp.Diff([]string{"9", "more", "one", "two"}, got); d != "" || err != nil {
		t.Error(err, d)
	}
	if all, err := meta.ExtractList(obj.DeepCopyObject()); len(all) != 2 || err != nil {
		t.Error(all, err)
	}
}

// TestTheRestIsDecoded: an error of the API server, another kind, and an API server that sends JSON.
func TestTheRestIsDecoded(t *testing.T) {
	refusal := status(403, metav1.StatusReasonForbidden)
	var text bytes.Buffer
	if err := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme.Scheme, scheme.Scheme, json.SerializerOptions{}).
		Encode(podNamed("web"), &text); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		data []byte
		want runtime.Object
	}{
		{asProtobuf(t, &refusal), &metav1.Status{}},
		{asProtobuf(t, &corev1.Namespace{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"}}), &corev1.Namespace{}},
		{text.Bytes(), &corev1.Pod{}},
	} {
		if got := decode(t, c.data); reflect.TypeOf(got) != reflect.TypeOf(c.want) {
			t.Errorf("%T, want %T", got, c.want)
		}
	}
}

func TestMalformedObjectsAreErrors(t *testing.T) {
	data := asProtobuf(t, podNamed("web"))
	for _, bad := range [][]byte{data[:len(data)/2], append([]byte("k8s\x00"), 0xff), []byte("k8s\x00"), nil} {
		if obj, err := runtime.Decode(podDecoder(), bad); err == nil {
			t.Errorf("%q: %v", bad, obj)
		}
	}
}

// TestWhatComesEncoded: all kinds that a rule is commonly about.
func TestWhatComesEncoded(t *testing.T) {
	for gvk, want := range map[schema.GroupVersionKind]bool{
		podKind: true, corev1.SchemeGroupVersion.WithKind("Namespace"): true,
		{Group: "apps", Version: "v1", Kind: "Deployment"}:                                        true,
		{Group: "networking.k8s.io", Version: "v1", Kind: "NetworkPolicy"}:                        true,
		{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "ClusterRole"}:                  true,
		{Group: "admissionregistration.k8s.io", Version: "v1", Kind: "ValidatingAdmissionPolicy"}: true,
		{Group: "example.com", Version: "v1", Kind: "Widget"}:                                     false,
		corev1.SchemeGroupVersion.WithKind("PodList"):                                             false,
	} {
		if got := encodedType(gvk) != nil; got != want {
			t.Errorf("%s: %v, want %v", gvk, got, want)
		}
	}
}
