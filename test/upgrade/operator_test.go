// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package upgrade

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/engine"
	"github.com/isms-operator/isms-operator/internal/ledger"
	"github.com/isms-operator/isms-operator/internal/testenv"
	"github.com/isms-operator/isms-operator/test/inprocess"
)

const (
	patience = 3 * time.Minute
	poll     = 100 * time.Millisecond
)

// startOperator runs the operator of the present code on the ISMS of home until it is stopped.
func startOperator(t *testing.T, restConfig *rest.Config, version isms.Version, c *inprocess.Clock) *inprocess.Operator {
	t.Helper()
	return inprocess.Start(t, restConfig, inprocess.Options{
		Engine:  engine.Options{Clock: c, Log: logr.Discard(), Tick: 300 * time.Millisecond, CountsEvery: 500 * time.Millisecond},
		Cache:   cache.Options{DefaultNamespaces: map[string]cache.Config{home: {}}},
		Version: version,
	})
}

// wantOperatorAtWork has the operator of the present code go on where that of the release has stopped: it assesses every
// object anew, and appends to the log of the release, whose chain holds.
func (u *cluster) wantOperatorAtWork() {
	u.Helper()
	u.create(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "evidence-reader"}})
	before := u.logs(u.T)
	o := startOperator(u.T, u.env.Config, next, &inprocess.Clock{})
	defer o.Stop(u.T)
	eventually(u.T, func() string {
		for _, o := range u.objects {
			if o.GetNamespace() != home || o.GetKind() == "EvidenceLog" {
				continue
			}
			got := u.get(o)
			if generation, _, _ := unstructured.NestedInt64(got.Object, "status", "observedGeneration"); generation != got.GetGeneration() {
				return fmt.Sprintf("%s is assessed for generation %d, not %d", u.key(o), generation, got.GetGeneration())
			}
		}
		return ""
	})
	var now isms.EvidenceLogList
	eventually(u.T, func() string {
		if err := u.client.List(u.Context(), &now, client.InNamespace(home)); err != nil {
			return err.Error()
		}
		if !slices.ContainsFunc(now.Items, func(l isms.EvidenceLog) bool {
			return slices.ContainsFunc(l.Spec.Entries, func(e isms.LogEntry) bool {
				return e.Type == isms.LogOperatorChanged && e.OperatorVersion == next
			})
		}) {
			return "the log does not say that the operator has changed"
		}
		if was, is := entries(before), entries(now.Items); is <= was {
			return fmt.Sprintf("%d entries, %d before", is, was)
		}
		return ""
	})
	o.Stop(u.T)
	if err := u.client.List(u.Context(), &now, client.InNamespace(home)); err != nil {
		u.Fatal(err)
	}
	wantSoundLogs(u.T, now.Items)
}

// next is the version that the operator of the present code gives itself here.
const next isms.Version = "999.0.0"

func entries(logs []isms.EvidenceLog) int {
	n := 0
	for _, l := range logs {
		n += len(l.Spec.Entries)
	}
	return n
}

// logs are those of the assessed ISMS.
func (s set) logs(t *testing.T) []isms.EvidenceLog {
	t.Helper()
	var all []isms.EvidenceLog
	for _, o := range s.objects {
		if o.GetKind() != "EvidenceLog" || o.GetNamespace() != home {
			continue
		}
		var log isms.EvidenceLog
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &log); err != nil {
			t.Fatal(err)
		}
		all = append(all, log)
	}
	return all
}

// wantSoundLogs verifies logs, which have a checkpoint.
func wantSoundLogs(t *testing.T, logs []isms.EvidenceLog) {
	t.Helper()
	reports := ledger.Verify(logs, ledger.Options{})
	if len(reports) != 1 || reports[0].Checkpoints == 0 {
		t.Errorf("logs of %d scopes: %+v", len(reports), reports)
	}
	for _, r := range reports {
		for _, p := range r.Problems {
			t.Errorf("the log does not hold: %s", p)
		}
	}
}

func eventually(t *testing.T, wrong func() string) {
	t.Helper()
	testenv.Eventually(t, patience, wrong)
}
