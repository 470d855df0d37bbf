// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/scaffold"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

func state(t *testing.T, dir string) scaffold.State {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, scaffold.StateFile))
	if err != nil {
		t.Fatal(err)
	}
	s, err := scaffold.ReadState(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestInitOffline: flags answer everything, the answers are kept, and the second run knows them.
func TestInitOffline(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "isms")
	want(t, 0, []string{"files would be written to"}, "init", dir, "--offline", "--organization", "Acme GmbH", "--dry-run")
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("a dry run made the directory: %v", err)
	}
	want(t, 0, []string{"files written to", "kubectl apply --server-side -k " + dir}, "init", dir, "--offline", "--organization", "Acme GmbH",
		"-n", "compliance", "--person", "SecurityOfficer=R. Roe <r.roe@example.com>", "--in-scope", "shop,billing,shop", "--companion", "Velero",
		"--stage2-on", "2027-11-22", "--repository", "https://git.example.com/isms.git", "--statement", "Operation of the shop.")
	first := state(t, dir)
	if diff := cmp.Diff(scaffold.Answers{
		Organization: "Acme GmbH", Statement: "Operation of the shop.", Scope: "acme-gmbh", Namespace: "compliance",
		People:     map[string]isms.Person{"SecurityOfficer": {Name: "R. Roe", Email: "r.roe@example.com"}},
		Namespaces: []isms.NamespaceName{"billing", "shop"}, Stage2On: "2027-11-22",
		Repository: scaffold.Repository{URL: "https://git.example.com/isms.git"},
	}, first.Answers); diff != "" {
		t.Error(diff)
	}
	if !slices.Contains(first.Cluster.Kinds, "velero.io/v1/Backup") {
		t.Errorf("the companion is not taken for granted: %v", first.Cluster.Kinds)
	}
	want(t, 0, []string{"nothing has changed"}, "init", dir, "--offline")
	want(t, 0, []string{"nothing has changed"}, "init", dir, "--offline", "--update")
	if diff := cmp.Diff(first, state(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// TestInitShowsAndTakesChanges: what would be otherwise is shown, and written only when asked for.
func TestInitShowsAndTakesChanges(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "isms")
	want(t, 0, nil, "init", dir, "--offline", "--organization", "Acme GmbH")
	plan := filepath.Join(dir, "cycle.yaml")
	before, err := os.ReadFile(plan)
	if err != nil {
		t.Fatal(err)
	}
	want(t, 0, []string{"cycle.yaml would be written otherwise now", "+  milestones:", "nothing written; 1 file differs"},
		"init", dir, "--offline", "--stage2-on", "2027-11-22")
	if after, err := os.ReadFile(plan); err != nil || string(after) != string(before) || state(t, dir).Answers.Stage2On != "" {
		t.Error("it is written unasked", err)
	}
	want(t, 0, []string{"1 file written"}, "init", dir, "--offline", "--stage2-on", "2027-11-22", "--update")
	if after, err := os.ReadFile(plan); err != nil || !strings.Contains(string(after), "2027-11-22") || state(t, dir).Answers.Stage2On != "2027-11-22" {
		t.Error("it is not written when asked for", err)
	}
}

// TestInitNamesUnfinishedDocuments: an approval of a text with blanks in it is named until these are filled.
func TestInitNamesUnfinishedDocuments(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "isms")
	want(t, 0, nil, "init", dir, "--offline", "--organization", "Acme GmbH")
	text, manifest := filepath.Join(dir, "documents", "privacy-policy.md"), filepath.Join(dir, "documents", "privacy-policy.yaml")
	head, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	approval := `  approval: {version: "0.1", approvedBy: {name: A, email: a@example.com}, approvedOn: "2026-11-20"}` + "\n"
	if err := os.WriteFile(manifest, append(head, approval...), 0o600); err != nil {
		t.Fatal(err)
	}
	const says = "documents/privacy-policy.yaml records an approval, but documents/privacy-policy.md still has "
	want(t, 0, []string{"1 file differs\n" + says}, "init", dir, "--offline")
	if err := os.WriteFile(text, []byte("# Privacy\n\nAll of it is written.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := want(t, 0, []string{"2 files differ"}, "init", dir, "--offline"); strings.Contains(out, says) {
		t.Errorf("a finished text is named:\n%s", out)
	}
}

// TestInitKeepsWhatIsThere: a file that was there before the first run stays, with a diff.
func TestInitKeepsWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	readme := filepath.Join(dir, "README.md")
	if err := os.WriteFile(readme, []byte("ours\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, 0, []string{"README.md was edited, and stays so", "-ours", "files written"}, "init", dir, "--offline", "--organization", "Acme GmbH")
	if text, err := os.ReadFile(readme); err != nil || string(text) != "ours\n" {
		t.Errorf("it holds %q, %v", text, err)
	}
	want(t, 0, []string{"1 file written"}, "init", dir, "--offline", "--overwrite", "README.md")
}

func TestInitMisuse(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "isms")
	for _, args := range [][]string{
		{"a", "b"},
		{dir, "--offline"},
		{dir, "--offline", "--organization", "A", "--person", "CISO=R. Roe"},
		{dir, "--offline", "--organization", "A", "--person", "Legal=R. Roe <r.roe>"},
		{dir, "--offline", "--organization", "A", "--companion", "Nagios"},
		{dir, "--organization", "A", "--companion", "Velero"},
		{dir, "--offline", "--organization", "A", "--overwrite", "["},
		{dir, "--offline", "--organization", "A", "--stage2-on", "soon"},
		{dir, "--offline", "--organization", "A", "-n", "Not A Name"},
		{"--offline", "--organization", "A"}, // The directory of this test is not empty.
	} {
		want(t, 2, []string{"error: "}, append([]string{"init"}, args...)...)
	}
	want(t, 1, []string{"--offline looks at no cluster"}, "init", dir, "--organization", "A", "--kubeconfig", "/nonexistent")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, scaffold.StateFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, 1, []string{scaffold.StateFile}, "init", dir, "--offline")
}

func TestQuestions(t *testing.T) {
	const typed = "Acme GmbH\n\nR. Roe <r.roe@\nR. Roe <r.roe@example.com>\n\n shop, billing\n"
	var a scaffold.Answers
	var asked strings.Builder
	q := &questions{in: bufio.NewReader(strings.NewReader(typed)), out: &asked}
	if err := q.all(&a, []isms.NamespaceName{"billing", "sandbox", "shop"}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(scaffold.Answers{
		Organization: "Acme GmbH", People: map[string]isms.Person{"SecurityOfficer": {Name: "R. Roe", Email: "r.roe@example.com"}},
		Namespaces: []isms.NamespaceName{"billing", "shop"},
	}, a); diff != "" {
		t.Error(diff)
	}
	for _, part := range []string{"[billing,sandbox,shop]", "is no address"} {
		if !strings.Contains(asked.String(), part) {
			t.Errorf("it does not say %q:\n%s", part, asked.String())
		}
	}
	// What is answered already is not asked, and the end of the input is an empty answer.
	before := asked.Len()
	q = &questions{in: bufio.NewReader(strings.NewReader("")), out: &asked}
	if err := q.all(&a, nil); err != nil || strings.Contains(asked.String()[before:], "Organization") {
		t.Errorf("%v: %s", err, asked.String()[before:])
	}
	var none *questions
	if err := none.all(&a, nil); err != nil {
		t.Error(err)
	}
}

func TestScopeName(t *testing.T) {
	for organization, want := range map[string]string{
		"Acme GmbH": "acme-gmbh", "  Müller & Söhne (AG) ": "m-ller-s-hne-ag", "日本": "isms", "4 You": "4-you",
		strings.Repeat("long ", 20): "long-long-long-long-long-long-long-long",
	} {
		if got := scopeName(organization); got != want {
			t.Errorf("%q is %q, want %q", organization, got, want)
		}
	}
}

// TestInitLooks: namespaces, kinds and what is present are seen, and only what the caller's rights let be seen.
func TestInitLooks(t *testing.T) {
	env := testenv.Shared(t)
	c := testenv.Client(t, env.Config)
	pathType := networkingv1.PathTypePrefix
	for _, o := range []client.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "look-shop"}},
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "look-other"}},
		&networkingv1.Ingress{
			ObjectMeta: metav1.ObjectMeta{Namespace: "look-shop", Name: "shop"},
			Spec: networkingv1.IngressSpec{Rules: []networkingv1.IngressRule{{
				IngressRuleValue: networkingv1.IngressRuleValue{HTTP: &networkingv1.HTTPIngressRuleValue{
					Paths: []networkingv1.HTTPIngressPath{{
						Path: "/", PathType: &pathType,
						Backend: networkingv1.IngressBackend{
							Service: &networkingv1.IngressServiceBackend{Name: "shop", Port: networkingv1.ServiceBackendPort{Number: 80}},
						},
					}},
				}},
			}}},
		},
		&corev1.Service{ // The operator's own objects satisfy no check, so they make none belong.
			ObjectMeta: metav1.ObjectMeta{Namespace: "look-shop", Name: "metrics", Labels: map[string]string{isms.LabelPartOf: isms.PartOf}},
			Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 80}}},
		},
		&rbacv1.ClusterRoleBinding{ // Discovery is for all; of objects this account sees nothing.
			ObjectMeta: metav1.ObjectMeta{Name: "look-nobody"},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "system:discovery"},
			Subjects:   []rbacv1.Subject{{Kind: "User", APIGroup: rbacv1.GroupName, Name: "nobody"}},
		},
	} {
		if err := c.Create(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	dir := filepath.Join(t.TempDir(), "isms")
	admin := testenv.Kubeconfig(t, env.Config)
	want(t, 0, []string{"the operator's Deployment is not to be seen"}, "init", dir, "--kubeconfig", admin, "--organization", "Acme")
	s := state(t, dir)
	if !slices.Contains(s.Answers.Namespaces, "look-shop") || slices.Contains(s.Answers.Namespaces, "kube-system") {
		t.Errorf("in scope are %v", s.Answers.Namespaces)
	}
	for _, other := range []isms.NamespaceName{"default", "isms", "kube-system"} {
		if !slices.Contains(s.Cluster.Others, other) {
			t.Errorf("%s is not among the others: %v", other, s.Cluster.Others)
		}
	}
	if !slices.Contains(s.Cluster.Kinds, "apps/v1/Deployment") || slices.Contains(s.Cluster.Kinds, "velero.io/v1/Backup") {
		t.Errorf("the kinds are %v", s.Cluster.Kinds)
	}
	if !slices.Contains(s.Cluster.Present, "ingress-tls") || slices.Contains(s.Cluster.Present, "no-node-ports") {
		t.Errorf("present are %v", s.Cluster.Present)
	}
	want(t, 0, []string{"nothing has changed"}, "init", dir, "--kubeconfig", admin)
	t.Run("the namespaces are answered", func(t *testing.T) { answersWhatIsInScope(t, admin) })

	dir = filepath.Join(t.TempDir(), "isms")
	nobody := testenv.Kubeconfig(t, env.As("nobody"))
	want(t, 0, []string{"you may not list namespaces", "you may not list ingresses", "files written"},
		"init", dir, "--kubeconfig", nobody, "--organization", "Acme")
	if s := state(t, dir); len(s.Answers.Namespaces) > 0 || slices.Contains(s.Cluster.Present, "ingress-tls") || len(s.Cluster.Kinds) == 0 {
		t.Errorf("without rights it sees %+v", s.Input)
	}
}

// answersWhatIsInScope: who answers that less is in scope than is there finds the rest among the others, no rule on what is
// there in the rest alone, and the same when it is gathered again.
func answersWhatIsInScope(t *testing.T, kubeconfig string) {
	s := newSession(time.Now)
	s.rules.ExplicitPath = kubeconfig
	c := newInit(s)
	c.SetContext(t.Context())
	c.SetErr(io.Discard)
	f, dir := &initFlags{}, t.TempDir()
	ask := &questions{in: bufio.NewReader(strings.NewReader("Acme\n\n\n\nlook-other\n")), out: io.Discard}
	first, err := f.gather(c, s, nil, dir, ask)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(first.Cluster.Others, "look-shop") || slices.Contains(first.Cluster.Others, "look-other") {
		t.Errorf("the others are %v", first.Cluster.Others)
	}
	if slices.Contains(first.Cluster.Present, "ingress-tls") {
		t.Errorf("present are %v", first.Cluster.Present)
	}
	second, err := f.gather(c, s, &scaffold.State{Input: first}, dir, nil)
	if diff := cmp.Diff(first, second); diff != "" || err != nil {
		t.Errorf("gathered again: %v\n%s", err, diff)
	}
}
