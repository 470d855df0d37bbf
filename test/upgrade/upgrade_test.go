// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package upgrade

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	kjson "sigs.k8s.io/json"

	"github.com/isms-operator/isms-operator/internal/testenv"
	"github.com/isms-operator/isms-operator/test/upgrade/compat"
)

// TestSchemasAreCompatible: no change of the CRDs since a release stands in the way of what it has left, but those that
// accepted.yaml names, each with its reason.
func TestSchemasAreCompatible(t *testing.T) {
	present := readCRDs(t, presentCRDs)
	for _, s := range releases(t) {
		found := map[string]bool{}
		for _, change := range compat.CompareAll(s.crds, present) {
			found[change.String()] = true
			if s.accepted[change.String()] == "" {
				t.Errorf("since %s: %s", s.release, change)
			}
		}
		for change := range s.accepted {
			if !found[change] {
				t.Errorf("since %s: accepted, and there is no such change: %s", s.release, change)
			}
		}
	}
}

// TestSetsAreWhole: each set has every kind, with a status where the kind has one, and a log whose chain holds.
func TestSetsAreWhole(t *testing.T) {
	for _, s := range releases(t) {
		for _, crd := range s.crds {
			kind := crd.Spec.Names.Kind
			of := slices.DeleteFunc(slices.Clone(s.objects), func(o *unstructured.Unstructured) bool {
				return o.GetKind() != kind || o.GetNamespace() != home
			})
			written := slices.ContainsFunc(of, func(o *unstructured.Unstructured) bool { return o.Object["status"] != nil })
			if len(of) == 0 || !written {
				t.Errorf("%s: %d objects of the kind %s, one with a status: %t", s.release, len(of), kind, written)
			}
		}
		wantSoundLogs(t, s.logs(t))
	}
}

// TestUpgrade stores what a release has left, upgrades the CRDs, and uses each object through the API server, as the
// present code does.
func TestUpgrade(t *testing.T) {
	for _, s := range releases(t) {
		t.Run(s.release, func(t *testing.T) {
			u := newCluster(t, s)
			u.install(s.crds)
			u.store()
			for _, o := range s.objects {
				u.wantAsStored(o, "before the upgrade")
			}
			u.install(readCRDs(t, presentCRDs))
			u.restart()
			for _, o := range s.objects {
				u.wantAsStored(o, "after the upgrade")
				u.wantDecoded(o)
				u.wantWritable(o)
			}
			if got := u.warnings.all(); len(got) > 0 {
				t.Errorf("the API server warns: %s", strings.Join(got, "; "))
			}
			u.wantOperatorAtWork()
		})
	}
}

// cluster is one with what a release has left.
type cluster struct {
	*testing.T
	set
	env      *testenv.Env
	client   client.Client
	warnings *recorder
}

func newCluster(t *testing.T, s set) *cluster {
	t.Helper()
	env := testenv.Start(t, testenv.WithoutCRDs())
	u := &cluster{T: t, set: s, env: env, warnings: &recorder{}}
	config := rest.CopyConfig(env.Config)
	config.WarningHandler = u.warnings
	u.client = newClient(t, config)
	u.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: home}}, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: fields}})
	return u
}

func newClient(t *testing.T, config *rest.Config) client.Client {
	t.Helper()
	return client.WithFieldValidation(testenv.Client(t, config), metav1.FieldValidationStrict)
}

func (u *cluster) create(objects ...client.Object) {
	u.Helper()
	for _, o := range objects {
		if err := u.client.Create(u.Context(), o); err != nil {
			u.Fatalf("create %T %s: %v", o, o.GetName(), err)
		}
	}
}

// install applies CRDs as an installation does, and waits until they are served.
func (u *cluster) install(crds []*apiextensionsv1.CustomResourceDefinition) {
	u.Helper()
	for _, crd := range crds {
		content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(crd)
		if err != nil {
			u.Fatal(err)
		}
		delete(content, "status")
		o := &unstructured.Unstructured{Object: content}
		o.SetCreationTimestamp(metav1.Time{})
		o.SetGroupVersionKind(apiextensionsv1.SchemeGroupVersion.WithKind("CustomResourceDefinition"))
		apply := client.ApplyConfigurationFromUnstructured(o)
		if err := u.client.Apply(u.Context(), apply, client.FieldOwner("kubectl"), client.ForceOwnership); err != nil {
			u.Fatalf("the API server does not take %s: %v", crd.Name, err)
		}
	}
	if err := envtest.WaitForCRDs(u.env.Config, crds, envtest.CRDInstallOptions{MaxTime: patience, PollInterval: poll}); err != nil {
		u.Fatal(err)
	}
}

// store puts the objects into etcd as the release has left them.
func (u *cluster) store() {
	u.Helper()
	values := map[string][]byte{}
	for i, o := range u.objects {
		values[u.key(o)] = u.values[i]
		if len(values) == testenv.MaxPut || i == len(u.objects)-1 {
			if err := u.env.Put(u.Context(), values); err != nil {
				u.Fatal(err)
			}
			clear(values)
		}
	}
}

// restart has the API server read the CRDs anew, so that no request meets an earlier schema.
func (u *cluster) restart() {
	u.Helper()
	if err := u.env.StopAPIServer(); err != nil {
		u.Fatal(err)
	}
	if err := u.env.StartAPIServer(); err != nil {
		u.Fatal(err)
	}
}

// get reads an object through the API server.
func (u *cluster) get(o *unstructured.Unstructured) *unstructured.Unstructured {
	u.Helper()
	got := &unstructured.Unstructured{}
	got.SetGroupVersionKind(o.GroupVersionKind())
	if err := u.client.Get(u.Context(), client.ObjectKeyFromObject(o), got); err != nil {
		u.Fatalf("%s: %v", u.key(o), err)
	}
	return got
}

// wantAsStored asks that the API server returns what is stored: no field is dropped, none is added.
func (u *cluster) wantAsStored(o *unstructured.Unstructured, when string) {
	u.Helper()
	got := u.get(o)
	got.SetResourceVersion("")
	if diff := cmp.Diff(o.Object, got.Object); diff != "" {
		u.Errorf("%s, %s (-stored +read):\n%s", u.key(o), when, diff)
	}
}

// wantDecoded asks that the types of the present code know each field, and write it as it was.
func (u *cluster) wantDecoded(o *unstructured.Unstructured) {
	u.Helper()
	typed, err := testenv.Scheme().New(o.GroupVersionKind())
	if err != nil {
		u.Errorf("%s: %v", u.key(o), err)
		return
	}
	text, err := json.Marshal(o.Object)
	if err != nil {
		u.Fatal(err)
	}
	if strict, err := kjson.UnmarshalStrict(text, typed); err != nil || len(strict) > 0 {
		u.Errorf("%s: %v, %v", u.key(o), err, strict)
	}
	again, err := runtime.DefaultUnstructuredConverter.ToUnstructured(typed)
	if err != nil {
		u.Fatal(err)
	}
	if diff := cmp.Diff(plain(o.Object), plain(again)); diff != "" {
		u.Errorf("%s (-stored +decoded and encoded):\n%s", u.key(o), diff)
	}
}

// plain is an object as JSON, in the types that JSON has, without lists in which there is nothing: to the code, which writes no
// spec, such a list and none are the same.
func plain(o map[string]any) any {
	text, _ := json.Marshal(o)
	var out any
	_ = json.Unmarshal(text, &out)
	return withoutEmptyLists(out)
}

func withoutEmptyLists(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key, field := range v {
			if list, ok := field.([]any); ok && len(list) == 0 {
				delete(v, key)
			} else {
				v[key] = withoutEmptyLists(field)
			}
		}
	case []any:
		for i := range v {
			v[i] = withoutEmptyLists(v[i])
		}
	}
	return value
}

// wantWritable asks that an object can be written: as it is, which writes nothing; with a label, by an update and by
// server-side apply of its whole spec; and its status, by an update.
func (u *cluster) wantWritable(o *unstructured.Unstructured) {
	u.Helper()
	before := u.get(o)
	for what, write := range map[string]func(*unstructured.Unstructured) error{
		"an update":               func(x *unstructured.Unstructured) error { return u.client.Update(u.Context(), x) },
		"an update of its status": func(x *unstructured.Unstructured) error { return u.client.Status().Update(u.Context(), x) },
	} {
		same := before.DeepCopy()
		if err := write(same); err != nil {
			u.Errorf("%s: %s that changes nothing: %v", u.key(o), what, err)
		} else if same.GetResourceVersion() != before.GetResourceVersion() {
			u.Errorf("%s: %s that changes nothing has written", u.key(o), what)
		}
	}
	labelled := before.DeepCopy()
	labelled.SetLabels(map[string]string{"upgraded": "by-update"})
	if err := u.client.Update(u.Context(), labelled); err != nil {
		u.Errorf("%s: an update of its labels: %v", u.key(o), err)
	}
	u.wantApplied(o)
	u.wantStatusWritable(o)
}

// wantApplied applies an object as it stands in Git, with another label.
func (u *cluster) wantApplied(o *unstructured.Unstructured) {
	u.Helper()
	manifest := &unstructured.Unstructured{Object: map[string]any{"spec": o.DeepCopy().Object["spec"]}}
	manifest.SetGroupVersionKind(o.GroupVersionKind())
	manifest.SetNamespace(o.GetNamespace())
	manifest.SetName(o.GetName())
	manifest.SetLabels(map[string]string{"upgraded": "by-apply"})
	apply := client.ApplyConfigurationFromUnstructured(manifest)
	if err := u.client.Apply(u.Context(), apply, client.FieldOwner("git"), client.ForceOwnership); err != nil {
		u.Errorf("%s: server-side apply: %v", u.key(o), err)
		return
	}
	got := u.get(o)
	if got.GetLabels()["upgraded"] != "by-apply" {
		u.Errorf("%s: labels %v after server-side apply", u.key(o), got.GetLabels())
	}
	if got.GetGeneration() != o.GetGeneration() {
		u.Errorf("%s: server-side apply of the spec as it is changes the generation from %d to %d", u.key(o), o.GetGeneration(), got.GetGeneration())
	}
}

// wantStatusWritable has the status say that it is of a later generation, as the operator writes it after an edit.
func (u *cluster) wantStatusWritable(o *unstructured.Unstructured) {
	u.Helper()
	if o.GetKind() == "EvidenceLog" || o.Object["status"] == nil {
		return // has no generation there, or nothing yet
	}
	assessed := u.get(o)
	if err := unstructured.SetNestedField(assessed.Object, o.GetGeneration()+1, "status", "observedGeneration"); err != nil {
		u.Fatal(err)
	}
	if err := u.client.Status().Update(u.Context(), assessed); err != nil {
		u.Errorf("%s: an update of its status: %v", u.key(o), err)
	}
}

// recorder keeps the warnings that the API server sends.
type recorder struct {
	mu   sync.Mutex
	text []string
}

func (r *recorder) HandleWarningHeaderWithContext(_ context.Context, code int, _, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text = append(r.text, fmt.Sprint(code, " ", text))
}

func (r *recorder) HandleWarningHeader(code int, agent, text string) {
	r.HandleWarningHeaderWithContext(context.Background(), code, agent, text)
}

func (r *recorder) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.text)
}
