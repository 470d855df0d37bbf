// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package system

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// TestTenants runs the program, with its shipped rights, on config/multitenancy: two teams with an ISMS each. Each team sees
// its own alone, by the API and by the plugin, and its scope learns nothing of the other's namespaces. All optional policies are on, which the operator
// does not notice.
func TestTenants(t *testing.T) {
	w := install(t)
	kubeconfig := testenv.Kubeconfig(t, testenv.Shared(t).Config)
	for _, dir := range []string{"policy/optional/impersonation", "policy/optional/exceptions", "policy/optional/decisions", "multitenancy"} {
		run(t, kubectl(t), "--kubeconfig", kubeconfig, "apply", "--server-side", "-k", "config/"+dir)
		if dir != "multitenancy" { // other tests do without them
			t.Cleanup(func() {
				command := exec.Command(kubectl(t), "--kubeconfig", kubeconfig, "delete", "-k", "config/"+dir) // t.Context() has ended
				command.Dir = moduleRoot(t)
				if out, err := command.CombinedOutput(); err != nil {
					t.Errorf("%v\n%s", err, out)
				}
			})
		}
	}
	payments := w.team("payments")
	search := w.team("search")
	startProgram(t)
	w.create(defaultDeny("payments"))
	w.want(payments.control(), isms.ResultEffective, isms.EvidencePass, isms.ReasonObjectsPassed)
	w.want(search.control(), isms.ResultIneffective, isms.EvidenceFail, isms.ReasonObjectsFailed, "")
	payments.seesItsOwnAlone(search)
	search.seesItsOwnAlone(payments)
	payments.asker().hearsOfItsOwnAlone(search)
	search.mayNotNameAnotherAccount()
	search.learnsNothingOf(payments)
	w.want(payments.control(), isms.ResultEffective, isms.EvidencePass, isms.ReasonObjectsPassed)
}

// team is one of config/multitenancy, with a member of it.
type team struct {
	*world
	name   string
	member client.Client
}

func (w *world) team(name string) *team {
	w.Helper()
	return &team{w, name, newClient(w.T, testenv.Shared(w.T).As("somebody", name))}
}

func (m *team) isms() string { return m.name + "-isms" }

func (m *team) control() *isms.Control {
	return &isms.Control{ObjectMeta: metav1.ObjectMeta{Namespace: m.isms(), Name: "a-8-22"}}
}

// defaultDeny is a policy that lets nothing in.
func defaultDeny(namespace string) *networkingv1.NetworkPolicy {
	return &networkingv1.NetworkPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "default-deny"},
		Spec:       networkingv1.NetworkPolicySpec{PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}},
	}
}

// seesItsOwnAlone asks what a member of the team may read.
func (m *team) seesItsOwnAlone(other *team) {
	m.Helper()
	for what, list := range map[string]client.ObjectList{
		"scopes": &isms.ISMSScopeList{}, "Controls": &isms.ControlList{}, "Risks": &isms.RiskList{}, "Findings": &isms.FindingList{},
		"EvidenceLogs": &isms.EvidenceLogList{},
	} {
		m.eventually(func() string { // the binding is a moment old
			if err := m.member.List(m.Context(), list, client.InNamespace(m.isms())); err != nil {
				return err.Error()
			}
			return ""
		})
		for where, options := range map[string][]client.ListOption{"of " + other.name: {client.InNamespace(other.isms())}, "of all": nil} {
			if err := m.member.List(m.Context(), list, options...); !apierrors.IsForbidden(err) {
				m.Errorf("%s reads the %s %s: %v", m.name, what, where, err)
			}
		}
	}
	if err := m.member.List(m.Context(), &corev1.NamespaceList{}); !apierrors.IsForbidden(err) {
		m.Errorf("%s lists the namespaces: %v", m.name, err)
	}
}

// mayNotNameAnotherAccount: the optional policy asks who names an account whether they may act as it.
func (m *team) mayNotNameAnotherAccount() {
	m.Helper()
	scope := &isms.ISMSScope{
		ObjectMeta: metav1.ObjectMeta{Namespace: m.isms(), Name: "second"},
		Spec: isms.ISMSScopeSpec{
			Organization: "Acme GmbH", Statement: "Another.", Framework: isms.FrameworkISO27001,
			Evidence: &isms.ScopeEvidence{ServiceAccountName: "default", Namespaces: []isms.NamespaceName{"payments"}},
		},
	}
	m.eventually(func() string {
		switch err := m.member.Create(m.Context(), scope.DeepCopy()); {
		case err == nil:
			if err := m.client.Delete(m.Context(), scope); err != nil {
				m.Fatal(err)
			}
			return "a member names an account as which they may not act"
		case !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), "may not impersonate"):
			return err.Error()
		}
		return ""
	})
}

// learnsNothingOf has the team's scope take in namespaces that are not the team's: it hears the same of one that is
// another team's, whatever is in it, and of one that does not exist.
func (m *team) learnsNothingOf(other *team) {
	m.Helper()
	heard := map[string]string{}
	asker := m.asker()
	hear := func(state string, namespace isms.NamespaceName) {
		m.merge(&isms.ISMSScope{ObjectMeta: metav1.ObjectMeta{Namespace: m.isms(), Name: m.name}},
			fmt.Sprintf(`{"spec": {"evidence": {"namespaces": [%q]}}}`, namespace))
		c := m.control()
		m.eventually(func() string {
			m.get(client.ObjectKeyFromObject(c), c)
			if len(c.Status.Evidence) != 1 || !strings.Contains(c.Status.Evidence[0].Message, string(namespace)) {
				return fmt.Sprintf("the evidence does not speak of %s: %+v", namespace, c.Status.Evidence)
			}
			return ""
		})
		m.want(c, isms.ResultUnknown, isms.EvidenceUnknown, isms.ReasonAccessDenied)
		said := fmt.Sprint(c.Status.Evidence[0].Subjects, c.Status.Evidence[0].Failing, c.Status.Evidence[0].Message) + asker.explained()
		heard[strings.ReplaceAll(said, string(namespace), "NAMESPACE")] += " " + state
	}
	hear("a namespace with a policy", isms.NamespaceName(other.name))
	hear("one that does not exist", "nowhere")
	if err := m.client.Delete(m.Context(), defaultDeny(other.name)); err != nil {
		m.Fatal(err)
	}
	m.want(other.control(), isms.ResultIneffective, isms.EvidenceFail, isms.ReasonObjectsFailed, "")
	hear("a namespace without a policy", isms.NamespaceName(other.name))
	m.create(defaultDeny(other.name))
	if len(heard) != 1 {
		m.Errorf("%s hears differences: %q", m.name, heard)
	}
}
