// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package system

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// TestMemoryLimit runs the program with what the kubelet makes of the Deployment's environment: Go's collector keeps below
// nine tenths of the limit that the container has. Without one from the kubelet there is no such bound.
func TestMemoryLimit(t *testing.T) {
	w := install(t)
	var d appsv1.Deployment
	key := client.ObjectKey{Namespace: systemNamespace, Name: serviceAccount} // both have the name
	if err := w.client.Get(t.Context(), key, &d); err != nil {
		t.Fatal(err)
	}
	name, bytes := memoryLimit(t, &d)
	t.Run("of the Deployment", func(t *testing.T) {
		t.Setenv(name, strconv.FormatInt(bytes, 10))
		wantLimit(t, float64(bytes/10*9))
	})
	t.Run("which somebody has set", func(t *testing.T) {
		t.Setenv(name, strconv.FormatInt(bytes, 10))
		t.Setenv("GOMEMLIMIT", "100MiB")
		wantLimit(t, 100<<20)
	})
}

// memoryLimit is the variable that the kubelet fills in, and what with: the bytes of the limit, as the divisor is 0.
func memoryLimit(t *testing.T, d *appsv1.Deployment) (name string, bytes int64) {
	t.Helper()
	c := d.Spec.Template.Spec.Containers[0]
	i := slices.IndexFunc(c.Env, func(v corev1.EnvVar) bool {
		return v.ValueFrom != nil && v.ValueFrom.ResourceFieldRef != nil && v.ValueFrom.ResourceFieldRef.Resource == "limits.memory"
	})
	if i < 0 {
		t.Fatal("the Deployment does not tell the program its memory limit")
	}
	from := c.Env[i].ValueFrom.ResourceFieldRef
	if from.ContainerName != c.Name || !from.Divisor.IsZero() {
		t.Fatalf("the limit is of %s, in units of %s", from.ContainerName, &from.Divisor)
	}
	limit := c.Resources.Limits[corev1.ResourceMemory]
	if limit.IsZero() {
		t.Fatal("the container has no memory limit")
	}
	return c.Env[i].Name, limit.Value()
}

// wantLimit starts the program and reads from its metrics below what its collector keeps.
func wantLimit(t *testing.T, want float64) {
	t.Helper()
	address := freeAddress(t)
	p := launch(t, "--metrics-bind-address="+address)
	p.metrics = address
	w := &world{T: t}
	w.eventually(func() string {
		if _, err := p.ask(t.Context(), address, "/metrics"); err != nil {
			return err.Error()
		}
		return ""
	})
	for _, line := range p.scrape() {
		if figure, found := strings.CutPrefix(line, "go_gc_gomemlimit_bytes "); found {
			if got, err := strconv.ParseFloat(figure, 64); err != nil || got != want {
				t.Errorf("the limit of the collector is %s (%v), want %s", figure, err, fmt.Sprint(want))
			}
			return
		}
	}
	t.Error("the metrics have no go_gc_gomemlimit_bytes")
}
