// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/testr"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/tally"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

func TestMain(m *testing.M) {
	_ = flag.Set("rapid.checks", "1000") // the command line may say otherwise
	log.SetLogger(logr.Discard())
	os.Exit(testenv.Run(m, testenv.WithControllerManager()))
}

// world is a running engine on a real API server, with a namespace for the ISMS and an account to read evidence with.
type world struct {
	*testing.T
	env    *testenv.Env
	client client.Client
	engine *Engine
	home   string // the namespace of the ISMS
	scope  *isms.ISMSScope
	stop   func()
	// Of engines started from now on; zero is the real one, and the default.
	clock clock.WithTicker
	every time.Duration // how often rights are asked for
}

var serial atomic.Int64

// newWorld starts an engine. The scope selects namespaces by the label scope=<home>, and its account may read the
// resources given as group/resource.
func newWorld(t *testing.T, mayRead ...string) *world {
	t.Helper()
	return newWorldOn(t, testenv.Shared(t), mayRead...)
}

// newWorldOn starts an engine on a control plane of the test's own.
func newWorldOn(t *testing.T, env *testenv.Env, mayRead ...string) *world {
	t.Helper()
	all := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{scheme.AddToScheme, apiextensionsv1.AddToScheme} {
		if err := add(all); err != nil {
			t.Fatal(err)
		}
	}
	c, err := client.New(env.Config, client.Options{Scheme: all})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, env: env, client: c, home: fmt.Sprintf("isms-%d", serial.Add(1))}
	w.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.home}})
	w.create(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: "reader"}})
	if len(mayRead) > 0 {
		w.grant("reader", mayRead...)
	}
	w.scope = w.newScope("scope", "reader")
	w.startEngine()
	w.engine.SetScope(w.scope)
	return w
}

func (w *world) startEngine() {
	w.Helper()
	w.startEngineAs(w.env.Config)
}

// asOperator restarts the engine as an account that may read the given resources, and ask for the rights of others.
func (w *world) asOperator(mayRead ...string) {
	w.Helper()
	w.create(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: "operator"}})
	w.grant("operator", append(mayRead, "/serviceaccounts")...)
	name := w.home + "-reviews"
	w.create(&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: []rbacv1.PolicyRule{{
		APIGroups: []string{"authorization.k8s.io"}, Resources: []string{"subjectaccessreviews"}, Verbs: []string{"create"},
	}}})
	w.create(&rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: "rbac.authorization.k8s.io", Kind: "ClusterRole", Name: name},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: w.home, Name: "operator"}},
	})
	w.stop()
	w.startEngineAs(w.env.AsServiceAccount(w.home, "operator"))
	w.engine.SetScope(w.scope)
}

func (w *world) startEngineAs(config *rest.Config) {
	w.Helper()
	e, err := New(config, Options{Log: testr.New(w.T), Clock: w.clock, RightsEvery: w.every, Tick: 200 * time.Millisecond, CountsEvery: 300 * time.Millisecond})
	if err != nil {
		w.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = e.Run(ctx)
	}()
	w.engine = e
	w.stop = func() {
		cancel()
		<-done
	}
	w.Cleanup(func() { w.stop() })
}

func (w *world) newScope(name, account string) *isms.ISMSScope {
	return &isms.ISMSScope{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: name},
		Spec: isms.ISMSScopeSpec{Evidence: &isms.ScopeEvidence{
			ServiceAccountName: isms.ObjectName(account),
			NamespaceSelector:  &metav1.LabelSelector{MatchLabels: map[string]string{"scope": w.home}},
		}},
	}
}

// grant lets an account list and watch resources, named "group/resource", cluster-wide.
func (w *world) grant(account string, resources ...string) {
	w.Helper()
	name := w.home + "-" + account
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}}
	for _, r := range resources {
		group, resource, _ := strings.Cut(r, "/")
		role.Rules = append(role.Rules, rbacv1.PolicyRule{
			APIGroups: []string{group}, Resources: []string{resource}, Verbs: []string{"get", "list", "watch"},
		})
	}
	w.create(role)
	w.create(&rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: "rbac.authorization.k8s.io", Kind: "ClusterRole", Name: name},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: w.home, Name: account}},
	})
}

// namespace makes a namespace that is in the scope.
func (w *world) namespace(suffix string) string {
	w.Helper()
	name := w.home + "-" + suffix
	w.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"scope": w.home}}})
	return name
}

func (w *world) create(o client.Object) {
	w.Helper()
	if err := w.client.Create(w.Context(), o); err != nil {
		w.Fatal(err)
	}
}

func (w *world) delete(o client.Object) {
	w.Helper()
	if err := w.client.Delete(w.Context(), o); err != nil && !apierrors.IsNotFound(err) {
		w.Fatal(err)
	}
}

// patch applies a merge patch.
func (w *world) patch(o client.Object, patch string) {
	w.Helper()
	if err := w.client.Patch(w.Context(), o, client.RawPatch(types.MergePatchType, []byte(patch))); err != nil {
		w.Fatal(err)
	}
}

// rule is a Control with one rule, named rule.
func (w *world) rule(name string, r isms.ResourceRule, change ...func(*isms.Control)) *isms.Control {
	c := &isms.Control{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: name},
		Spec: isms.ControlSpec{
			ScopeRef: isms.LocalRef{Name: isms.ObjectName(w.scope.Name)},
			Evidence: []isms.EvidenceItem{{Name: "rule", Resources: &r}},
		},
	}
	for _, f := range change {
		f(c)
	}
	return c
}

// set makes a rule known to the engine.
func (w *world) set(name string, r isms.ResourceRule, change ...func(*isms.Control)) types.NamespacedName {
	w.engine.SetControl(w.rule(name, r, change...), w.scope)
	return types.NamespacedName{Namespace: w.home, Name: name}
}

// want waits until the rule of a Control has the counts.
func (w *world) want(key types.NamespacedName, counts tally.Counts) {
	w.Helper()
	w.eventually(func() string {
		got := w.engine.Snapshot(key)["rule"]
		if got.Unavailable != "" {
			return fmt.Sprintf("unavailable: %s %s", got.Unavailable, got.Message)
		}
		return cmp.Diff(counts, got.Counts)
	})
}

// wantReason waits until the rule is unavailable for a reason, and returns the message.
func (w *world) wantReason(key types.NamespacedName, reason string) string {
	w.Helper()
	w.eventually(func() string {
		return cmp.Diff(reason, w.engine.Snapshot(key)["rule"].Unavailable)
	})
	return w.engine.Snapshot(key)["rule"].Message
}

// eventually waits until nothing is wrong.
func (w *world) eventually(wrong func() string) {
	w.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		d := wrong()
		if d == "" {
			return
		}
		if time.Now().After(deadline) {
			w.Fatalf("still wrong after 30 s:\n%s", d)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// object returns an object of a kind with a name, to be deleted or patched.
func object[T any, P interface {
	*T
	client.Object
}](namespace, name string) P {
	var o T
	p := P(&o)
	p.SetNamespace(namespace)
	p.SetName(name)
	return p
}
