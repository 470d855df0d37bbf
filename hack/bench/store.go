// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	serializer "k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/util/uuid"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

// storePods puts pods into etcd as the API server stores them: the first is created, and the others are what it has made
// of that, defaults and managed fields included, with their own names, labels and images. An API server that shares two
// processors takes a thousand pods a second, and a run would wait for that longer than for all syncs.
func (b *bench) storePods(ctx context.Context, from, to int) error {
	c, err := newClient(b.env.Config)
	if err != nil {
		return err
	}
	model := pod(from, b.Namespaces)
	if err := c.Create(ctx, model); err != nil {
		return fmt.Errorf("create a pod: %w", err)
	}
	batches := (to - from - 1 + testenv.MaxPut - 1) / testenv.MaxPut
	err = each(ctx, 0, batches, func(ctx context.Context, n int) error {
		values := map[string][]byte{}
		first := from + 1 + n*testenv.MaxPut
		for i := first; i < min(first+testenv.MaxPut, to); i++ {
			p := likePod(model, pod(i, b.Namespaces))
			raw, err := stored(p)
			if err != nil {
				return err
			}
			values["/registry/pods/"+p.Namespace+"/"+p.Name] = raw
		}
		return b.env.Put(ctx, values)
	})
	if err != nil {
		return err
	}
	if err := b.compareLast(ctx, c, model, to-1); err != nil {
		return err
	}
	// The pods of one transaction share a revision, as no objects of an API server do: a list that is streamed up to the
	// newest revision could end between them. So there is a newer one.
	mark := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{GenerateName: "stored-", Namespace: metav1.NamespaceDefault}}
	if err := c.Create(ctx, mark); err != nil {
		return fmt.Errorf("create a ConfigMap: %w", err)
	}
	return nil
}

// likePod is a pod as the API server would have made it of what another was made of.
func likePod(model, p *corev1.Pod) *corev1.Pod {
	out := model.DeepCopy()
	out.Namespace, out.Name, out.UID, out.ResourceVersion = p.Namespace, p.Name, uuid.NewUUID(), ""
	out.Labels, out.Annotations = p.Labels, p.Annotations
	for i := range out.Spec.Containers {
		out.Spec.Containers[i].Image = p.Spec.Containers[i].Image
	}
	return out
}

func stored(p *corev1.Pod) ([]byte, error) {
	p.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Pod"))
	var raw bytes.Buffer
	if err := serializer.NewSerializer(clientgoscheme.Scheme, clientgoscheme.Scheme).Encode(p, &raw); err != nil {
		return nil, fmt.Errorf("encode %s: %w", p.Name, err)
	}
	return raw.Bytes(), nil
}

// compareLast waits until the API server shows the last pod, and has it say that it would have made the same of it.
func (b *bench) compareLast(ctx context.Context, c client.Client, model *corev1.Pod, last int) error {
	if b.created > 0 {
		return nil // compared before
	}
	want := pod(last, b.Namespaces)
	if err := c.Delete(ctx, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: want.Namespace, Name: want.Name}},
		client.GracePeriodSeconds(0)); err != nil {
		return fmt.Errorf("the last pod is not there: %w", err)
	}
	if err := c.Create(ctx, want); err != nil {
		return fmt.Errorf("create a pod: %w", err)
	}
	got, err := stored(likePod(model, want))
	if err != nil {
		return err
	}
	made, err := stored(likePod(want, want))
	if err != nil {
		return err
	}
	if len(got) != len(made) {
		return fmt.Errorf("a stored pod has %d bytes, and one that was created %d", len(got), len(made))
	}
	return nil
}
