// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The numbers of some fields of a pod.
const (
	metadata, spec                      = 1, 2
	name, labels, annotations           = 1, 11, 12
	volumes, containers, nodeName       = 1, 2, 10
	containerName, image, containerEnvs = 1, 2, 7
)

func pod() *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: "web", Namespace: "a", Labels: map[string]string{"app": "web", "tier": "front"}, Annotations: map[string]string{"x": "y"},
		},
		Spec: corev1.PodSpec{
			NodeName: "node", Containers: []corev1.Container{{Name: "one", Image: "app:1"}, {Name: "two", Image: "app:2", Env: []corev1.EnvVar{{Name: "E"}}}},
			Volumes: []corev1.Volume{{Name: "v"}},
		},
	}
}

func encoded(t testing.TB, p *corev1.Pod) []byte {
	t.Helper()
	data, err := p.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func below(number int, m *Mask) *Mask {
	var out Mask
	out.Below(number, m)
	return &out
}

func keeping(numbers ...int) *Mask {
	var out Mask
	for _, n := range numbers {
		out.Keep(n)
	}
	return &out
}

func TestAppend(t *testing.T) {
	none := &Mask{}
	some, absent, all := &Mask{}, &Mask{}, &Mask{}
	some.Keys(labels, map[string]bool{"app": true})
	absent.Keys(labels, map[string]bool{"other": true})
	absent.Keys(annotations, map[string]bool{"x": true})
	all.Keys(labels, map[string]bool{"": true})
	for _, c := range []struct {
		name string
		mask *Mask
		want corev1.Pod
	}{
		{"nothing", none, corev1.Pod{}},
		{"a field of no message", keeping(99), corev1.Pod{}},
		{"a field", below(metadata, keeping(name)), corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "web"}}},
		{"a whole message", keeping(metadata), corev1.Pod{ObjectMeta: pod().ObjectMeta}},
		{"fields of the elements of a list", below(spec, below(containers, keeping(image))), corev1.Pod{
			Spec: corev1.PodSpec{Containers: []corev1.Container{{Image: "app:1"}, {Image: "app:2"}}},
		}},
		{"how many elements there are", below(spec, below(containers, none)), corev1.Pod{
			Spec: corev1.PodSpec{Containers: []corev1.Container{{}, {}}},
		}},
		{"entries of a map, and that there are others", below(metadata, some), corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "web", "": ""}},
		}},
		{"that there are entries", below(metadata, absent), corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"": ""}, Annotations: map[string]string{"x": "y"}},
		}},
		{"an empty key", below(metadata, all), corev1.Pod{ObjectMeta: metav1.ObjectMeta{Labels: pod().Labels}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			data, err := c.mask.Append([]byte("before"), encoded(t, pod()))
			if err != nil {
				t.Fatal(err)
			}
			var got corev1.Pod
			if err := got.Unmarshal(data[len("before"):]); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestMalformed(t *testing.T) {
	data := encoded(t, pod())
	mask := below(spec, below(containers, keeping(containerName, containerEnvs)))
	for _, bad := range [][]byte{
		data[:len(data)-1], {0xff}, {0x0b}, {spec << 3, 1}, {spec<<3 | 2, 2, containers<<3 | 2, 9}, {0x12, 0xff, 0xff, 0xff, 0xff, 0x7f},
	} {
		if _, err := mask.Append(nil, bad); !errors.Is(err, ErrMalformed) {
			t.Errorf("%x: %v", bad, err)
		}
	}
	if _, err := Bytes([]byte{0xff}, 1); !errors.Is(err, ErrMalformed) {
		t.Error(err)
	}
}

func TestBytes(t *testing.T) {
	data := encoded(t, pod())
	m, err := Bytes(data, metadata)
	if err != nil {
		t.Fatal(err)
	}
	for number, want := range map[int]string{name: "web", 99: ""} {
		if got, err := Bytes(m, number); string(got) != want || err != nil {
			t.Errorf("field %d: %q, %v", number, got, err)
		}
	}
	s, err := Bytes(data, spec)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Bytes(s, nodeName); string(got) != "node" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := Bytes(s, volumes); len(got) == 0 || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}
