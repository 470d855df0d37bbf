// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package adversary

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// marker is in every object of a victim, and in nothing that a tenant writes.
const marker = "xyzzy"

// world is one attack in one of two worlds that differ in a bit.
type world struct {
	*testing.T
	attack *attack
	bit    int
	crowd  string // the worlds that share an operator
	id     string // of equal length in both worlds, and the only thing but the bit in which their manifests differ
	admin  client.Client
	tenant client.Client // may do anything with the ISMS kinds of home, and read its events
	home   string        // the tenant's namespace
	victim string        // another's
}

// crowdLabel is on the ISMS objects of a crowd of worlds, so that one operator sees them and no other.
const crowdLabel = "crowd"

func newWorld(t *testing.T, a *attack, crowd string, n, bit int) *world {
	t.Helper()
	env := testenv.Shared(t)
	w := &world{T: t, attack: a, bit: bit, crowd: crowd, id: fmt.Sprintf("%04d-%d", n, bit)}
	w.home, w.victim = "tenant-"+w.id, "victim-"+w.id
	w.admin = testenv.Client(t, env.Config)
	w.tenant = testenv.Client(t, env.As("mallory-"+w.id))
	w.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.home}})
	if !a.noVictim {
		w.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.victim}})
	}
	w.account(w.home)
	w.allow(w.home, rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: "User", Name: "mallory-" + w.id},
		rule("*", "isms-operator.io", "*"), rule("get list", "events.k8s.io", "events"))
	return w
}

// is is one of two texts of equal length, by the bit of the world.
func (w *world) is() string { return fmt.Sprintf("hunter%d", w.bit) }

// secret is that text beside the marker.
func (w *world) secret() string { return marker + "-" + w.is() }

// base64Secret is the secret as a Secret's data shows it.
func base64Secret(bit int) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s-hunter%d", marker, bit))
}

func (w *world) create(objects ...client.Object) {
	w.Helper()
	for _, o := range objects {
		w.label(o)
		if err := w.admin.Create(context.Background(), o); err != nil {
			w.Fatalf("create %T %s: %v", o, o.GetName(), err)
		}
	}
}

// label marks ISMS objects for the operator of the world.
func (w *world) label(o client.Object) {
	w.Helper()
	if gvk, err := w.admin.GroupVersionKindFor(o); err != nil {
		w.Fatal(err)
	} else if gvk.Group == isms.GroupVersion.Group {
		o.SetLabels(map[string]string{crowdLabel: w.crowd})
	}
}

// write creates objects as the tenant. The right to do so is a moment old.
func (w *world) write(objects ...client.Object) {
	w.Helper()
	for _, o := range objects {
		w.label(o)
		eventually(w.T, func() string {
			err := w.tenant.Create(context.Background(), o)
			switch {
			case apierrors.IsForbidden(err):
				return err.Error()
			case err != nil:
				w.Fatalf("create %T %s: %v", o, o.GetName(), err)
			}
			return ""
		})
	}
}

func eventually(t testing.TB, wrong func() string) {
	t.Helper()
	testenv.Eventually(t, time.Minute, wrong)
}

// rule is a rule of RBAC; verbs and resources are separated by spaces.
func rule(verbs, group, resources string, names ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{
		Verbs: strings.Fields(verbs), APIGroups: []string{group}, Resources: strings.Fields(resources), ResourceNames: names,
	}
}

const (
	read    = "get list watch"
	account = "reader"
)

// reads is the right to read resources of the core group.
func reads(resources string) rbacv1.PolicyRule { return rule(read, "", resources) }

// account makes a service account that may read everything in its namespace.
func (w *world) account(namespace string) {
	w.Helper()
	w.create(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: account}})
	w.allow(namespace, serviceAccount(namespace, account), rule(read, "*", "*"))
}

func serviceAccount(namespace, name string) rbacv1.Subject {
	return rbacv1.Subject{Kind: "ServiceAccount", Namespace: namespace, Name: name}
}

// grant gives the tenant's account rights in a namespace, or cluster-wide with none.
func (w *world) grant(namespace string, rules ...rbacv1.PolicyRule) {
	w.Helper()
	w.allow(namespace, serviceAccount(w.home, account), rules...)
}

func (w *world) allow(namespace string, who rbacv1.Subject, rules ...rbacv1.PolicyRule) {
	w.Helper()
	name := strings.ToLower(fmt.Sprintf("%s-%s-%s", w.id, who.Kind, who.Name))
	meta := metav1.ObjectMeta{Namespace: namespace, Name: name}
	ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: name}
	if namespace != "" {
		w.create(&rbacv1.Role{ObjectMeta: meta, Rules: rules},
			&rbacv1.RoleBinding{ObjectMeta: meta, RoleRef: ref, Subjects: []rbacv1.Subject{who}})
		return
	}
	ref.Kind = "ClusterRole"
	w.create(&rbacv1.ClusterRole{ObjectMeta: meta, Rules: rules},
		&rbacv1.ClusterRoleBinding{ObjectMeta: meta, RoleRef: ref, Subjects: []rbacv1.Subject{who}})
}

// pod makes a pod. Those of the victim carry the secret as image, environment, annotation and label.
func (w *world) pod(namespace, name string, change ...func(*corev1.Pod)) {
	w.Helper()
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "registry.example.com/app:1"}}},
	}
	if namespace == w.victim {
		p.Labels = map[string]string{"project": w.is(), marker: marker}
		p.Annotations = map[string]string{"pin": w.secret(), "version": w.is()}
		p.Spec.Containers[0].Image = marker + "/" + w.is()
		p.Spec.Containers[0].Env = []corev1.EnvVar{{Name: "TOKEN", Value: w.secret()}}
	}
	for _, f := range change {
		f(p)
	}
	w.create(p)
}

// scope is an ISMS frame over namespaces.
func (w *world) scope(home string, namespaces ...string) *isms.ISMSScope {
	evidence := &isms.ScopeEvidence{ServiceAccountName: account}
	for _, n := range namespaces {
		evidence.Namespaces = append(evidence.Namespaces, isms.NamespaceName(n))
	}
	return &isms.ISMSScope{
		ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "acme"},
		Spec: isms.ISMSScopeSpec{
			Organization: "Acme GmbH", Statement: "Operation of the platform.", Framework: isms.FrameworkISO27001, Evidence: evidence,
		},
	}
}

var roe, smith = isms.Person{Name: "R. Roe", Email: "r.roe@example.com"}, isms.Person{Name: "A. Smith", Email: "a.smith@example.com"}

// control is a Control with the attack's rule.
func (w *world) control(home string) *isms.Control {
	c := &isms.Control{
		ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "control"},
		Spec: isms.ControlSpec{
			ScopeRef: isms.LocalRef{Name: "acme"}, Source: isms.SourceAnnexA, ID: "A.8.22", Owner: roe,
			Applicability: isms.Applicability{
				Decision: isms.DecisionApplicable, Reasons: []isms.InclusionReason{isms.InclusionBestPractice}, Justification: "Needed.",
			},
			Implementation: &isms.Implementation{State: isms.StateImplemented, Description: "In place."},
		},
	}
	if r := w.attack.rule; r.Kind != "" {
		if r.APIVersion == "" {
			r.APIVersion = "v1"
		}
		r.APIVersion = strings.ReplaceAll(r.APIVersion, "ID", w.id)
		r.Expect = strings.ReplaceAll(r.Expect, "ID", w.id)
		r.Where = strings.ReplaceAll(r.Where, "ID", w.id)
		c.Spec.Evidence = []isms.EvidenceItem{{Name: "rule", Strength: isms.StrengthSubstantial, Resources: &r}}
	}
	return c
}

// isms writes a whole ISMS, with the same rule, into the victim's namespace.
func (w *world) victimsISMS(change ...func(*isms.Control)) {
	w.Helper()
	w.account(w.victim)
	c := w.control(w.victim)
	for _, f := range change {
		f(c)
	}
	w.create(w.scope(w.victim, w.victim), c)
}

// plain takes out of a text what differs between worlds by construction.
func (w *world) plain(text string) string { return strings.ReplaceAll(text, w.id, "ID") }

// rest is the API server itself, for what no client has a type for.
func (w *world) rest() rest.Interface {
	w.Helper()
	set, err := kubernetes.NewForConfig(testenv.Shared(w.T).Config)
	if err != nil {
		w.Fatal(err)
	}
	return set.Discovery().RESTClient()
}

// remove deletes an APIService, so that no later test meets it.
func (w *world) remove(apiService string) {
	err := w.rest().Delete().AbsPath("/apis/apiregistration.k8s.io/v1/apiservices/" + apiService).Do(context.Background()).Error()
	if err != nil {
		w.Error(err)
	}
}
