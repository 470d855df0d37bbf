// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package install holds tests of config/default: that it installs, and which rights it gives.
package install

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

const (
	namespace      = "isms-operator-system"
	serviceAccount = "isms-operator-controller-manager"
	ismsGroup      = "isms-operator.io"
)

// publishedKeys is the one ConfigMap that the operator writes.
var publishedKeys = []string{"isms-operator-signing-keys"}

func TestRolesAreNarrow(t *testing.T) {
	roles := 0
	for _, object := range objects(t) {
		if object.GetKind() != "ClusterRole" && object.GetKind() != "Role" {
			continue
		}
		roles++
		var role rbacv1.ClusterRole
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &role); err != nil {
			t.Fatal(err)
		}
		for _, rule := range role.Rules {
			all := slices.Concat(rule.APIGroups, rule.Resources, rule.Verbs, rule.NonResourceURLs)
			if strings.Contains(strings.Join(all, " "), "*") {
				t.Errorf("%s has a wildcard: %v", role.Name, rule)
			}
			for _, resource := range []string{"secrets", "configmaps"} {
				if slices.Contains(rule.Resources, resource) && !slices.Equal(rule.ResourceNames, publishedKeys) {
					t.Errorf("%s gives a right on %s", role.Name, resource)
				}
			}
			for _, verb := range []string{"impersonate", "escalate", "bind", "deletecollection"} {
				if slices.Contains(rule.Verbs, verb) {
					t.Errorf("%s gives the verb %s", role.Name, verb)
				}
			}
			if role.Labels[ismsGroup+"/aggregate-to-evidence"] != "" && !slices.Equal(rule.Verbs, []string{"list", "watch"}) {
				t.Errorf("%s gives more than following: %v", role.Name, rule.Verbs)
			}
		}
	}
	if roles == 0 {
		t.Fatal("config/default has no roles")
	}
}

func TestInstall(t *testing.T) {
	env := testenv.Start(t, testenv.WithoutCRDs(), testenv.WithControllerManager())
	warnings := &recorder{}
	config := rest.CopyConfig(env.Config)
	config.WarningHandler = warnings
	admin := testenv.Client(t, config)
	ctx := t.Context()
	for _, object := range objects(t) {
		apply := client.ApplyConfigurationFromUnstructured(object)
		if err := admin.Apply(ctx, apply, client.FieldOwner("install-test"), client.ForceOwnership); err != nil {
			t.Fatalf("%s %s: %v", object.GetKind(), object.GetName(), err)
		}
	}
	if got := warnings.all(); len(got) > 0 {
		t.Errorf("the API server warns: %s", strings.Join(got, "; "))
	}
	operator := testenv.Client(t, env.AsServiceAccount(namespace, serviceAccount))
	waitForAggregation(ctx, t, operator)
	for _, right := range rights {
		t.Run(right.String(), func(t *testing.T) {
			if got := may(ctx, t, operator, right.attributes()); got != right.allowed {
				t.Errorf("the operator is allowed: %t, want %t", got, right.allowed)
			}
		})
	}
	t.Run("the account for restores has no right before it is bound", func(t *testing.T) {
		restore := testenv.Client(t, env.AsServiceAccount(namespace, "isms-operator-restore"))
		for _, right := range []right{
			{verb: "create", group: ismsGroup, resource: "evidencelogs", namespace: "isms"},
			{verb: "get", group: ismsGroup, resource: "evidencelogs", namespace: "isms"},
			{verb: "patch", group: ismsGroup, resource: "controls", subresource: "status", namespace: "isms"},
		} {
			if may(ctx, t, restore, right.attributes()) {
				t.Errorf("it may %s", right)
			}
		}
	})
}

type right struct {
	verb, group, resource, subresource, namespace string
	allowed                                       bool
}

var rights = []right{
	{verb: "list", group: ismsGroup, resource: "controls", namespace: "isms", allowed: true},
	{verb: "watch", group: ismsGroup, resource: "auditcycles", namespace: "isms", allowed: true},
	{verb: "patch", group: ismsGroup, resource: "controls", subresource: "status", namespace: "isms", allowed: true},
	{verb: "patch", group: ismsGroup, resource: "ismsscopes", subresource: "status", namespace: "isms", allowed: true},
	{verb: "patch", group: ismsGroup, resource: "findings", subresource: "status", namespace: "isms", allowed: true},
	{verb: "patch", group: ismsGroup, resource: "registerentries", subresource: "status", namespace: "isms", allowed: true},
	{verb: "create", group: ismsGroup, resource: "evidencelogs", namespace: "isms", allowed: true},
	{verb: "update", group: ismsGroup, resource: "evidencelogs", namespace: "isms", allowed: true},
	{verb: "patch", group: ismsGroup, resource: "evidencelogs", namespace: "isms"},
	{verb: "deletecollection", group: ismsGroup, resource: "evidencelogs", namespace: "isms"},
	{verb: "get", resource: "serviceaccounts", namespace: "isms", allowed: true},
	{verb: "watch", resource: "namespaces", allowed: true},
	{verb: "watch", group: "apiextensions.k8s.io", resource: "customresourcedefinitions", allowed: true},
	{verb: "create", group: "authorization.k8s.io", resource: "subjectaccessreviews", allowed: true},
	{verb: "create", group: "events.k8s.io", resource: "events", namespace: "isms", allowed: true},
	{verb: "create", group: "coordination.k8s.io", resource: "leases", namespace: namespace, allowed: true},
	{verb: "watch", resource: "pods", namespace: "shop", allowed: true},
	{verb: "watch", group: "networking.k8s.io", resource: "networkpolicies", namespace: "shop", allowed: true},
	{verb: "watch", group: "cert-manager.io", resource: "certificates", namespace: "shop", allowed: true},

	{verb: "update", group: ismsGroup, resource: "controls", namespace: "isms"},
	{verb: "delete", group: ismsGroup, resource: "controls", namespace: "isms"},
	{verb: "update", group: ismsGroup, resource: "findings", namespace: "isms"},
	{verb: "delete", group: ismsGroup, resource: "findings", namespace: "isms"},
	{verb: "list", resource: "secrets", namespace: "shop"},
	{verb: "get", resource: "configmaps", namespace: "shop"},
	{verb: "create", resource: "configmaps", namespace: "shop"},
	{verb: "patch", resource: "configmaps", namespace: "shop"},
	{verb: "create", resource: "pods", namespace: "shop"},
	{verb: "delete", resource: "pods", namespace: "shop"},
	{verb: "get", resource: "pods", subresource: "log", namespace: "shop"},
	{verb: "update", resource: "namespaces"},
	{verb: "impersonate", resource: "serviceaccounts", namespace: "isms"},
	{verb: "create", resource: "serviceaccounts", subresource: "token", namespace: "isms"},
	{verb: "update", group: "coordination.k8s.io", resource: "leases", namespace: "kube-system"},
}

func (r right) String() string {
	return strings.Join([]string{r.verb, r.group, r.resource, r.subresource, r.namespace}, " ")
}

func (r right) attributes() *authorizationv1.ResourceAttributes {
	return &authorizationv1.ResourceAttributes{
		Verb: r.verb, Group: r.group, Resource: r.resource, Subresource: r.subresource, Namespace: r.namespace,
	}
}

func may(ctx context.Context, t *testing.T, c client.Client, attributes *authorizationv1.ResourceAttributes) bool {
	t.Helper()
	review := &authorizationv1.SelfSubjectAccessReview{
		Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: attributes},
	}
	if err := c.Create(ctx, review); err != nil {
		t.Fatal(err)
	}
	return review.Status.Allowed
}

// waitForAggregation waits until the control plane has put the rules of the labelled roles together.
func waitForAggregation(ctx context.Context, t *testing.T, operator client.Client) {
	t.Helper()
	last := right{verb: "watch", group: "cert-manager.io", resource: "certificates"}
	err := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		return may(ctx, t, operator, last.attributes()), nil
	})
	if err != nil {
		t.Fatalf("the evidence role gets no rules: %v", err)
	}
}

// objects are what `kubectl apply -k config/default` applies.
func objects(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	return objectsOf(t, "config", "default")
}

// objectsOf are those of a kustomization, by its path below the root.
func objectsOf(t *testing.T, path ...string) []*unstructured.Unstructured {
	t.Helper()
	root, err := testenv.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	command := exec.CommandContext(t.Context(), kubectl(t, root), "kustomize", filepath.Join(append([]string{root}, path...)...))
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("kubectl kustomize: %v\n%s", err, stderr.String())
	}
	return parse(t, string(out))
}

// parse reads the objects of YAML documents.
func parse(t *testing.T, text string) []*unstructured.Unstructured {
	t.Helper()
	var all []*unstructured.Unstructured
	for decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096); ; {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(object)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(object.Object) > 0 {
			all = append(all, object)
		}
	}
}

// kubectl is the machine's own, or the one among the assets, which are there where the machine has none.
func kubectl(t *testing.T, root string) string {
	t.Helper()
	if path, err := exec.LookPath("kubectl"); err == nil {
		return path
	}
	assets, err := testenv.AssetsDir(root)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(assets, "kubectl")
	if _, err := os.Stat(path); err != nil {
		t.Fatal("kubectl is neither on the path nor among the assets")
	}
	return path
}

// recorder keeps the warnings that the API server sends.
type recorder struct {
	mu   sync.Mutex
	text []string
}

func (r *recorder) HandleWarningHeader(_ int, _, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text = append(r.text, text)
}

func (r *recorder) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.text)
}

// take returns the warnings, and forgets them.
func (r *recorder) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.text
	r.text = nil
	return out
}
