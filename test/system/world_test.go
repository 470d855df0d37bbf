// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package system

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

const patience = 90 * time.Second

// world is a cluster in which config/default is installed, and the ISMS in one namespace.
type world struct {
	*testing.T
	client client.Client
	home   string
}

func newClient(t *testing.T, config *rest.Config) client.Client {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, isms.AddToScheme, apiextensionsv1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	c, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// install applies config/default, and waits until the evidence role has its rules.
func install(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, client: newClient(t, testenv.Shared(t).Config)}
	run(t, kubectl(t), "--kubeconfig", testenv.Kubeconfig(t, testenv.Shared(t).Config),
		"apply", "--server-side", "--force-conflicts", "-k", "config/default")
	w.awaitRules("isms-operator-evidence")
	return w
}

// awaitRules waits until an aggregated role has the rules of all roles with the label.
func (w *world) awaitRules(name string) {
	w.Helper()
	w.eventually(func() string {
		role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}}
		if err := w.client.Get(w.Context(), client.ObjectKeyFromObject(role), role); err != nil {
			return err.Error()
		}
		var parts rbacv1.ClusterRoleList
		if err := w.client.List(w.Context(), &parts, client.MatchingLabels{"isms-operator.io/aggregate-to-evidence": "true"}); err != nil {
			return err.Error()
		}
		for _, part := range parts.Items {
			for _, rule := range part.Rules {
				if !slices.ContainsFunc(role.Rules, func(r rbacv1.PolicyRule) bool { return apiequality.Semantic.DeepEqual(r, rule) }) {
					return fmt.Sprintf("the evidence role has not the rules of %s", part.Name)
				}
			}
		}
		if len(parts.Items) == 0 {
			return "no role has the label"
		}
		return ""
	})
}

// isms makes a namespace with a scope, whose account may read everything: what rules may not read is for the
// operator's own rights to say.
func (w *world) isms(home string) {
	w.Helper()
	w.home = home
	w.create(
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: home}},
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.shop()}},
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "reader"}},
		&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: home}, Rules: []rbacv1.PolicyRule{{
			APIGroups: []string{"*"}, Resources: []string{"*"}, Verbs: []string{"get", "list", "watch"},
		}}},
		&rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: home},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: home},
			Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: home, Name: "reader"}},
		},
		&isms.ISMSScope{
			ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "acme"},
			Spec: isms.ISMSScopeSpec{
				Organization: "Acme GmbH", Statement: "Operation of the platform.", Framework: isms.FrameworkISO27001,
				Evidence: &isms.ScopeEvidence{
					ServiceAccountName: "reader", Namespaces: []isms.NamespaceName{isms.NamespaceName(w.shop())},
				},
			},
		})
}

func (w *world) shop() string { return w.home + "-shop" }

// control asks something of every object of a kind.
func (w *world) control(id, apiVersion, kind, expect string) *isms.Control {
	c := &isms.Control{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: fmt.Sprintf("every-%x", id)},
		Spec: isms.ControlSpec{
			ScopeRef: isms.LocalRef{Name: "acme"}, Source: isms.SourceAnnexA, ID: isms.ControlID(id),
			Owner: isms.Person{Name: "R. Roe", Email: "r.roe@example.com"},
			Applicability: isms.Applicability{
				Decision: isms.DecisionApplicable, Reasons: []isms.InclusionReason{isms.InclusionBestPractice}, Justification: "Needed.",
			},
			Implementation: &isms.Implementation{State: isms.StateImplemented, Description: "In place."},
			Evidence: []isms.EvidenceItem{{
				Name: "rule", Strength: isms.StrengthSubstantial,
				Resources: &isms.ResourceRule{APIVersion: apiVersion, Kind: kind, Quantifier: isms.QuantifierEvery, Expect: expect},
			}},
		},
	}
	w.create(c)
	return c
}

// approvedPods asks that every pod has the label approved=yes.
func (w *world) approvedPods(id string) *isms.Control {
	return w.control(id, "v1", "Pod", `object.metadata.?labels[?"approved"].orValue("") == "yes"`)
}

func (w *world) pod(name, approved string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.shop(), Name: name, Labels: map[string]string{"approved": approved}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "registry.example.com/app:1"}}},
	}
}

func (w *world) create(objects ...client.Object) {
	w.Helper()
	for _, o := range objects {
		if err := w.client.Create(context.Background(), o); err != nil {
			w.Fatalf("create %T %s: %v", o, o.GetName(), err)
		}
	}
}

func (w *world) merge(o client.Object, patch string) {
	w.Helper()
	if err := w.client.Patch(context.Background(), o, client.RawPatch(types.MergePatchType, []byte(patch))); err != nil {
		w.Fatal(err)
	}
}

// want waits until the one evidence item of a Control has a result and a reason, and names what fails.
func (w *world) want(c *isms.Control, result isms.ControlResult, evidence isms.EvidenceResult, reason string, failing ...string) {
	w.Helper()
	w.eventually(func() string {
		if err := w.client.Get(context.Background(), client.ObjectKeyFromObject(c), c); err != nil {
			return err.Error()
		}
		want := fmt.Sprint(result, evidence, reason, failing)
		got := fmt.Sprint(c.Status.Result, "no evidence")
		if e := c.Status.Evidence; len(e) == 1 {
			var names []string
			for _, f := range e[0].Failures {
				names = append(names, f.Name)
			}
			got = fmt.Sprint(c.Status.Result, e[0].Result, e[0].Reason, names)
		}
		if got != want {
			return fmt.Sprintf("%s is %s, want %s", c.Spec.ID, got, want)
		}
		return ""
	})
}

// eventually waits until nothing is wrong.
func (w *world) eventually(wrong func() string) {
	w.Helper()
	deadline := time.Now().Add(patience)
	for {
		d := wrong()
		if d == "" {
			return
		}
		if time.Now().After(deadline) {
			w.Fatalf("still wrong after %s: %s", patience, d)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
