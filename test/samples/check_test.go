// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package samples

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/engine"
	"github.com/isms-operator/isms-operator/internal/filecheck"
	stream "github.com/isms-operator/isms-operator/internal/manifest"
	"github.com/isms-operator/isms-operator/internal/tally"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// realManifests are manifests that others wrote. They are not part of the repository.
const realManifests = "../shared/corpora"

const wideReader = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: check-reader}
rules: [{apiGroups: ["*"], resources: ["*"], verbs: [get, list, watch]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: check-reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: check-reader}
subjects: [{kind: ServiceAccount, namespace: isms, name: evidence-reader}]
`

// TestCheckAgreesWithTheCluster: the sample ISMS gets the same verdicts from the engine on a real API server as from check
// on files. Twice: on what the API server has, as kubectl get would print it, count by count and name by name; and on the
// manifests from which that was made, object by object.
func TestCheckAgreesWithTheCluster(t *testing.T) {
	env := testenv.Shared(t)
	c := connect(t, env.Config)
	world := manifests(t, "hack/demo/cluster")
	if _, err := os.Stat(filepath.Join(root, realManifests)); err == nil {
		world = append(world, foreign(t)...)
	} else {
		t.Logf("without the real manifests: no folder %s beside the repository", realManifests)
	}
	home := manifests(t, "config/samples")
	slices.SortStableFunc(world, namespacesFirst)
	for _, m := range world {
		apply(t, c, m)
		if m.object.GetKind() == "CustomResourceDefinition" {
			awaitVersion(t, env.Config, m.object)
		}
		applyStatus(t, c, m)
	}
	slices.SortStableFunc(home, namespacesFirst)
	for _, m := range append(home, parse(t, "reader", []byte(wideReader))...) {
		m.object.SetNamespace(namespaceFor(m.object))
		apply(t, c, m)
	}
	now := time.Now()
	inCluster := judgedByTheEngine(t, engineFor(t, home), home)
	onCluster := judgedByCheck(t, now, filecheck.Sources{Controls: written(t, home), Objects: listed(t, c, home)})
	if d := cmp.Diff(inCluster, onCluster.counts); d != "" {
		t.Errorf("on what the API server has (-engine +check):\n%s", d)
	}
	onFiles := judgedByCheck(t, now, filecheck.Sources{Objects: append(written(t, home), written(t, world)...)})
	objects := 0
	for rule, verdicts := range onFiles.objects {
		for object, v := range verdicts {
			objects++
			if in := onCluster.objects[rule][object]; in != v {
				t.Errorf("%s about %s: %s on its manifest, %q in the cluster", rule, object, v, in)
			}
		}
	}
	templatesAgree(t, c, now, home, world)
	t.Logf("%d rules, %d verdicts on objects", len(inCluster), objects)
	if len(inCluster) < 40 || objects < 100 {
		t.Errorf("%d rules and %d verdicts on objects show little", len(inCluster), objects)
	}
}

// templatesAgree: what check says of the Pod that a workload would make, it says of the Pod that is made of it, as the API
// server has it. There are no controllers here, so the test makes the Pods.
func templatesAgree(t *testing.T, c client.Client, now time.Time, home, world []manifest) {
	t.Helper()
	var pods unstructured.UnstructuredList
	for _, m := range world {
		template, found := templateIn(t, m.object)
		if !found {
			continue
		}
		pod := unstructured.Unstructured{Object: template}
		pod.SetAPIVersion("v1")
		pod.SetKind("Pod")
		pod.SetNamespace("default") // where admission enforces nothing; what it fills in is the same everywhere
		pod.SetName("made-of-" + strings.ToLower(m.object.GetKind()) + "-" + m.object.GetName())
		yes := true
		pod.SetOwnerReferences([]metav1.OwnerReference{{
			APIVersion: m.object.GetAPIVersion(), Kind: m.object.GetKind(), Name: m.object.GetName(), UID: "0", Controller: &yes,
		}})
		if err := c.Create(t.Context(), &pod, client.DryRunAll); err != nil {
			t.Fatalf("a Pod of %s %s: %v", m.object.GetKind(), m.object.GetName(), err)
		}
		pod.SetNamespace(m.object.GetNamespace())
		pods.Items = append(pods.Items, pod)
	}
	pods.SetAPIVersion("v1")
	pods.SetKind("List")
	text, err := json.Marshal(&pods)
	if err != nil {
		t.Fatal(err)
	}
	direct := judgedByCheck(t, now, filecheck.Sources{Controls: written(t, append(slices.Clone(home), world...)), Objects: []stream.Source{source("pods", text)}})
	workloads, err := filecheck.Run(t.Context(), filecheck.Sources{Objects: append(written(t, home), written(t, world)...)}, filecheck.Options{
		Namespace: "isms", Complete: true, ObjectsOnly: true, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for i := range workloads.Controls {
		control := &workloads.Controls[i]
		for j := range control.Evidence {
			name := control.Name + "/" + control.Evidence[j].Name
			for s := range control.Evidence[j].Subjects() {
				if !s.PodTemplate {
					continue
				}
				compared++
				pod := "Pod " + s.Namespace + "/made-of-" + strings.ToLower(s.Kind) + "-" + s.Name
				if made := direct.objects[name][pod]; made != s.Verdict {
					t.Errorf("%s about %s: %s, and %q about the Pod that is made of it", name, s, s.Verdict, made)
				}
			}
		}
	}
	t.Logf("%d Pods, %d verdicts on templates", len(pods.Items), compared)
	if compared < 20 {
		t.Errorf("%d verdicts on templates show little", compared)
	}
}

// templateIn is the pod template of a workload.
func templateIn(t *testing.T, object *unstructured.Unstructured) (map[string]any, bool) {
	t.Helper()
	path := []string{"spec", "template"}
	switch object.GetKind() {
	case "Deployment", "StatefulSet", "DaemonSet", "Job":
	case "CronJob":
		path = []string{"spec", "jobTemplate", "spec", "template"}
	default:
		return nil, false
	}
	template, found, err := unstructured.NestedMap(object.Object, path...)
	if err != nil {
		t.Fatal(err)
	}
	return template, found
}

// foreign are the real manifests, with the namespace that their kustomizations give.
func foreign(t *testing.T) []manifest {
	t.Helper()
	var out []manifest
	for _, folder := range []string{realManifests + "/kube-prometheus", realManifests + "/online-boutique"} {
		for _, m := range manifests(t, folder) {
			if m.object.GetKind() == "Namespace" || strings.HasSuffix(m.object.GetKind(), "List") || m.object.GetKind() == "Kustomization" ||
				m.object.GetKind() == "Component" || m.object.GetKind() == "APIService" {
				continue // lists are read by check alone, and an APIService without its server would make discovery fail
			}
			if !clusterWide(m.object.GetKind()) {
				m.object.SetNamespace("payments") // one of the demo's, in scope
			}
			out = append(out, m)
		}
	}
	return out
}

func clusterWide(kind string) bool {
	return strings.HasPrefix(kind, "Cluster") || kind == "CustomResourceDefinition"
}

// verdict is what is said of a rule: the verdict, the counts, and the names of what fails.
type verdict struct {
	Result, Reason                             string
	Subjects, Passing, Failing, Errors, Waived int
	Failures                                   []string
}

func engineFor(t *testing.T, home []manifest) *engine.Engine {
	t.Helper()
	e, err := engine.New(testenv.Shared(t).Config, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = e.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	scopes := decode[isms.ISMSScope](t, home)
	for i := range scopes {
		scopes[i].Namespace = "isms"
		e.SetScope(&scopes[i])
	}
	for _, control := range decode[isms.Control](t, home) {
		control.Namespace = "isms"
		e.SetControl(&control, &scopes[0])
	}
	return e
}

// judgedByTheEngine waits until the engine has evaluated everything.
func judgedByTheEngine(t *testing.T, e *engine.Engine, home []manifest) map[string]verdict {
	t.Helper()
	scope := decode[isms.ISMSScope](t, home)[0]
	deadline := time.Now().Add(2 * time.Minute)
	for !e.Synced(types.NamespacedName{Namespace: "isms", Name: scope.Name}, time.Hour) {
		if time.Now().After(deadline) {
			t.Fatal("the engine has not evaluated everything after two minutes")
		}
		time.Sleep(50 * time.Millisecond)
	}
	out := map[string]verdict{}
	for _, control := range decode[isms.Control](t, home) {
		snapshots := e.Snapshot(types.NamespacedName{Namespace: "isms", Name: control.Name})
		for _, item := range control.Spec.Evidence {
			if item.Resources == nil {
				continue
			}
			snapshot := snapshots[string(item.Name)]
			out[control.Name+"/"+string(item.Name)] = verdictOf(tally.Judge(tally.PolicyOf(item.Resources), snapshot), snapshot.Counts)
		}
	}
	return out
}

func verdictOf(v tally.Verdict, c tally.Counts) verdict {
	out := verdict{string(v.Result), v.Reason, c.Subjects, c.Passing, c.Failing, c.Errors, c.Waived, nil}
	for _, f := range c.Failures {
		out.Failures = append(out.Failures, f.Namespace+"/"+f.Name)
	}
	return out
}

// checked is what check says: of each rule, and of each object.
type checked struct {
	counts  map[string]verdict
	objects map[string]map[string]filecheck.Verdict
}

func judgedByCheck(t *testing.T, now time.Time, sources filecheck.Sources) checked {
	t.Helper()
	report, err := filecheck.Run(t.Context(), sources, filecheck.Options{
		Namespace: "isms", Complete: true, ObjectsOnly: true, NoPodTemplates: true, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range report.Errors {
		t.Error(err)
	}
	out := checked{map[string]verdict{}, map[string]map[string]filecheck.Verdict{}}
	for i := range report.Controls {
		c := &report.Controls[i]
		for j := range c.Evidence {
			e := &c.Evidence[j]
			name := c.Name + "/" + e.Name
			out.objects[name] = map[string]filecheck.Verdict{}
			for s := range e.Subjects() {
				out.objects[name][s.String()] = s.Verdict
			}
			out.counts[name] = verdictOf(tally.Verdict{Result: e.Result, Reason: e.Reason}, e.Counts)
		}
	}
	return out
}

// written are manifests as one stream of YAML each.
func written(t *testing.T, all []manifest) []stream.Source {
	t.Helper()
	var out []stream.Source
	for _, m := range all {
		text, err := yaml.Marshal(m.object.Object)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, source(m.source+" "+m.object.GetName(), text))
	}
	return out
}

func source(name string, text []byte) stream.Source {
	return stream.Source{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }}
}

// listed are the objects of the kinds that rules read, as the API server has them, a List of JSON for each kind.
func listed(t *testing.T, c client.Client, home []manifest) []stream.Source {
	t.Helper()
	kinds := map[schema.GroupVersionKind]bool{
		{Version: "v1", Kind: "Namespace"}: true, {Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"}: true,
	}
	for _, control := range decode[isms.Control](t, home) {
		for _, item := range control.Spec.Evidence {
			if item.Resources != nil {
				kinds[schema.FromAPIVersionAndKind(item.Resources.APIVersion, item.Resources.Kind)] = true
			}
		}
	}
	var out []stream.Source
	for _, kind := range slices.SortedFunc(maps.Keys(kinds), func(a, b schema.GroupVersionKind) int { return strings.Compare(a.String(), b.String()) }) {
		var list unstructured.UnstructuredList
		list.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Kind + "List"))
		if err := c.List(t.Context(), &list); err != nil {
			if meta.IsNoMatchError(err) {
				continue
			}
			t.Fatal(err)
		}
		text, err := json.Marshal(&list)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, source("cluster "+kind.Kind, text))
	}
	return out
}

// awaitVersion waits until the first served version of a definition is.
func awaitVersion(t *testing.T, config *rest.Config, object *unstructured.Unstructured) {
	t.Helper()
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	definition := &apiextensionsv1.CustomResourceDefinition{}
	if err := json.Unmarshal(text, definition); err != nil {
		t.Fatal(err)
	}
	options := envtest.CRDInstallOptions{MaxTime: time.Minute, PollInterval: 50 * time.Millisecond}
	if err := envtest.WaitForCRDs(config, []*apiextensionsv1.CustomResourceDefinition{definition}, options); err != nil {
		t.Fatal(err)
	}
}
