// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v4/pkg/chart/v2/lint"
	"helm.sh/helm/v4/pkg/chart/v2/lint/support"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"github.com/isms-operator/isms-operator/hack/helm/render"
)

const (
	chart     = "../../charts/isms-operator"
	namespace = "isms-operator-system"
)

type object = map[string]any

// objectsOf are what `helm install isms-operator` installs.
func objectsOf(values object) (map[string]object, error) {
	files, err := render.Chart(chart, render.Release{Name: "isms-operator", Namespace: namespace, Values: values})
	if err != nil {
		return nil, err
	}
	objects := map[string]object{}
	for _, f := range files {
		if err := parse(f.Text, objects); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return objects, nil
}

// parse adds the objects of a text of several documents by kind and name.
func parse(text string, objects map[string]object) error {
	for _, document := range strings.Split("\n"+text, "\n---") {
		var o object
		if err := yaml.Unmarshal([]byte(document), &o); err != nil {
			return fmt.Errorf("%w in:\n%s", err, document)
		}
		if o == nil {
			continue
		}
		metadata, _ := o["metadata"].(object)
		key := fmt.Sprint(o["kind"], " ", metadata["name"])
		if objects[key] != nil {
			return fmt.Errorf("%s twice", key)
		}
		objects[key] = o
	}
	return nil
}

func rendered(t *testing.T, values object) map[string]object {
	t.Helper()
	objects, err := objectsOf(values)
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

// TestEqualsKustomize: without values the chart is config/default, but for the namespace, which Helm makes itself.
func TestEqualsKustomize(t *testing.T) {
	want := kustomized(t, "../../config/default")
	delete(want, "Namespace "+namespace)
	for key, o := range want {
		// kustomize takes these for namespaced, and the API server drops that.
		if strings.HasPrefix(key, "ValidatingAdmissionPolicy") {
			delete(o["metadata"].(object), "namespace")
		}
	}
	got := rendered(t, nil)
	if diff := cmp.Diff(want, got, folded); diff != "" {
		t.Errorf("(-config/default +chart):\n%s", diff)
	}
	if len(want) < 30 {
		t.Errorf("only %d objects", len(want))
	}
}

// folded compares texts as kustomize leaves them: it folds long ones once more, and doubles line breaks in them.
var folded = cmp.Transformer("fold", func(s string) string { return strings.Join(strings.Fields(s), " ") })

// kustomized are the objects of a kustomization.
func kustomized(t *testing.T, dir string) map[string]object {
	t.Helper()
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		t.Fatal(err)
	}
	text, err := resources.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]object{}
	if err := parse(string(text), all); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestOptionalPolicies: each value adds what its directory of config has, and nothing else; under another name of the release
// they have that.
func TestOptionalPolicies(t *testing.T) {
	for _, policy := range []string{"impersonation", "exceptions", "decisions"} {
		on := object{"policies": object{"optional": object{policy: true}}}
		got := rendered(t, on)
		for key := range rendered(t, nil) {
			delete(got, key)
		}
		want := kustomized(t, "../../config/policy/optional/"+policy)
		if diff := cmp.Diff(want, got, folded); diff != "" || len(want) < 2 {
			t.Errorf("%s, %d objects (-config +chart):\n%s", policy, len(want), diff)
		}
		on["fullnameOverride"] = "acme"
		named := rendered(t, on)
		for key, o := range want {
			renamed := strings.Replace(key, "isms-operator-", "acme-", 1)
			if named[renamed] == nil {
				t.Errorf("%s: there is no %s", policy, renamed)
			}
			if o["kind"] != "ValidatingAdmissionPolicyBinding" {
				continue
			}
			if bound := fmt.Sprint(named[renamed]["spec"].(object)["policyName"]); named["ValidatingAdmissionPolicy "+bound] == nil {
				t.Errorf("%s binds %s, which is not there", renamed, bound)
			}
		}
	}
}

func TestLint(t *testing.T) {
	for name, values := range map[string]object{"defaults": nil, "everything": everything()} {
		for _, m := range lint.RunAll(chart, values, namespace).Messages {
			if m.Severity > support.InfoSev {
				t.Errorf("%s: %s", name, m)
			}
		}
	}
}

// everything switches on what is off by default.
func everything() object {
	return object{
		"fullnameOverride": "acme", "replicas": 2,
		"image":            object{"repository": "registry.example.com/isms", "digest": "sha256:" + strings.Repeat("a", 64), "pullPolicy": "Always"},
		"imagePullSecrets": []any{object{"name": "registry"}},
		"operator":         object{"allowKinds": []any{"Event.events.k8s.io"}, "extraArgs": []any{"--max-kinds-per-scope=100"}},
		"evidence": object{"rbac": false, "extraRules": []any{object{
			"apiGroups": []any{"velero.io"}, "resources": []any{"backups"}, "verbs": []any{"get", "list", "watch"},
		}}},
		"monitoring": object{
			"podMonitor":     object{"enabled": true, "labels": object{"release": "prometheus"}},
			"prometheusRule": object{"enabled": true, "labels": object{"release": "prometheus"}},
		},
		"nodeSelector": object{"kubernetes.io/os": "linux"}, "tolerations": []any{object{"operator": "Exists"}},
		"podAnnotations": object{"a": "b"}, "podLabels": object{"team": "platform"}, "priorityClassName": "system-cluster-critical",
	}
}

func TestValues(t *testing.T) {
	objects := rendered(t, everything())
	for _, key := range []string{
		"PodMonitor acme", "PrometheusRule acme", "PodDisruptionBudget acme-controller-manager", "ClusterRole acme-evidence-extra",
		"ClusterRole acme-evidence-network", "ValidatingAdmissionPolicy acme-guard-evidence",
	} {
		if objects[key] == nil {
			t.Errorf("%s is missing", key)
		}
	}
	if objects["ClusterRole acme-evidence-rbac"] != nil {
		t.Error("evidence.rbac is off, and its role is there")
	}
	deployment, _ := yaml.Marshal(objects["Deployment acme-controller-manager"])
	for _, want := range []string{
		"image: registry.example.com/isms@sha256:aaaa", "- --allow-kind=Event.events.k8s.io", "- --max-kinds-per-scope=100",
		"replicas: 2", "team: platform", "kubernetes.io/os: linux", "priorityClassName: system-cluster-critical", "imagePullPolicy: Always",
	} {
		if !strings.Contains(string(deployment), want) {
			t.Errorf("the Deployment has no %q:\n%s", want, deployment)
		}
	}
	policy := fmt.Sprint(objects["ValidatingAdmissionPolicy acme-guard-evidence"])
	if want := "['system:serviceaccount', 'isms-operator-system', 'acme-controller-manager']"; !strings.Contains(policy, want) {
		t.Errorf("the policy does not name %s:\n%s", want, policy)
	}
}

// TestCRDsStay: the CRDs, and with them the evidence log, stay behind whoever uninstalls, unless they ask for it.
func TestCRDsStay(t *testing.T) {
	keep := []string{"helm.sh/resource-policy", "argocd.argoproj.io/sync-options", "kustomize.toolkit.fluxcd.io/prune"}
	for _, kept := range []bool{true, false} {
		crds := 0
		for key, o := range rendered(t, object{"crds": object{"keep": kept}}) {
			if !strings.HasPrefix(key, "CustomResourceDefinition") {
				continue
			}
			crds++
			annotations := o["metadata"].(object)["annotations"].(object)
			for _, name := range keep {
				if (annotations[name] != nil) != kept {
					t.Errorf("crds.keep is %t, and %s has the annotation %s: %v", kept, key, name, annotations[name])
				}
			}
		}
		if crds != 9 {
			t.Errorf("%d CRDs", crds)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	for name, values := range map[string]object{
		"a name that is unknown":       {"replica": 2},
		"a nested one":                 {"image": object{"name": "isms"}},
		"a word for a number":          {"replicas": "two"},
		"too many replicas":            {"replicas": 50},
		"half a digest":                {"image": object{"digest": "sha256:abc"}},
		"a policy of pulling":          {"image": object{"pullPolicy": "Sometimes"}},
		"a right on Secrets":           {"evidence": object{"extraRules": []any{rule("", "secrets", "list")}}},
		"a right on everything":        {"evidence": object{"extraRules": []any{rule("*", "*", "list")}}},
		"a right to write":             {"evidence": object{"extraRules": []any{rule("velero.io", "backups", "create")}}},
		"a policy that is unknown":     {"policies": object{"optional": object{"everything": true}}},
		"a policy that is half on":     {"policies": object{"optional": object{"exceptions": "yes"}}},
		"a shell instead of a flag":    {"operator": object{"extraArgs": []any{"; sh"}}},
		"a kind in small letters":      {"operator": object{"allowKinds": []any{"events"}}},
		"scrapes from every namespace": {"networkPolicy": object{"scraperNamespaceLabels": object{"metrics": nil}}},
		"a name for an address":        {"networkPolicy": object{"apiServerCIDRs": []any{"kubernetes.default.svc"}}},
		"an interval without a unit":   {"monitoring": object{"podMonitor": object{"interval": "30"}}},
		"a PodMonitor without a token": {"metrics": object{"secure": true}, "monitoring": object{"podMonitor": object{"enabled": true}}},
		"two scrapes of the same":      {"monitoring": object{"podMonitor": object{"enabled": true}, "serviceMonitor": object{"enabled": true}}},
	} {
		if _, err := objectsOf(values); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func rule(group, resource, verb string) object {
	return object{"apiGroups": []any{group}, "resources": []any{resource}, "verbs": []any{verb}}
}
