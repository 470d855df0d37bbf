// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"bytes"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/starter"
	"github.com/isms-operator/isms-operator/test/golden"
)

func acme() Input {
	return Input{
		Answers: Answers{
			Organization: "Acme GmbH", Scope: "acme", Namespace: "isms",
			People:     map[string]isms.Person{"SecurityOfficer": {Name: "R. Roe", Email: "r.roe@example.com"}, "Management": {Name: "J. Doe"}},
			Namespaces: []isms.NamespaceName{"shop"}, Stage2On: "2027-11-22",
			Repository: Repository{URL: "https://git.example.com/isms.git", Branch: "main", Path: "."},
		},
		Cluster: Assume([]string{"Velero"}),
	}
}

func render(t *testing.T, in Input) Files {
	t.Helper()
	files, err := Render(in)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// objects are the manifests of a file, as JSON.
func objects(t *testing.T, text []byte) [][]byte {
	t.Helper()
	var list [][]byte
	for part := range strings.SplitSeq(string(text), "\n---\n") {
		json, err := yaml.YAMLToJSONStrict([]byte(part))
		if err != nil {
			t.Fatalf("%v\n%s", err, part)
		}
		list = append(list, json)
	}
	return list
}

func into[T any](t *testing.T, files Files, file string) T {
	t.Helper()
	var v T
	if err := yaml.UnmarshalStrict(files[file], &v); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return v
}

// The list of files is held in a golden: nothing comes or goes unnoticed.
func TestPaths(t *testing.T) {
	got := strings.Join(render(t, acme()).Paths(), "\n") + "\n"
	golden.Equal(t, filepath.Join("testdata", "paths.txt"), got)
}

// The same input gives the same bytes, whatever order maps are walked in.
func TestRenderIsDeterministic(t *testing.T) {
	first := render(t, acme())
	for range 5 {
		if diff := cmp.Diff(first, render(t, acme())); diff != "" {
			t.Fatal(diff)
		}
	}
}

// Nothing looks done: no control is implemented, no document approved, nothing performed, assessed or closed, and what
// is proposed for the Statement of Applicability is marked as a blank.
func TestNothingIsDone(t *testing.T) {
	files := render(t, acme())
	controls := 0
	for _, file := range files.Paths() {
		if path.Dir(file) != "controls" || path.Base(file) == "kustomization.yaml" {
			continue
		}
		controls++
		c := into[isms.Control](t, files, file)
		if c.Spec.Implementation.State != isms.StateNotStarted || c.Spec.Implementation.Description != "" {
			t.Errorf("%s is %s", file, c.Spec.Implementation.State)
		}
		if !strings.HasPrefix(string(c.Spec.Applicability.Justification), "[FILL: ") {
			t.Errorf("%s is justified: %s", file, c.Spec.Applicability.Justification)
		}
		if len(c.Spec.Exceptions) > 0 {
			t.Errorf("%s has exceptions", file)
		}
	}
	if controls != 93 {
		t.Errorf("there are %d controls", controls)
	}
	for _, d := range starter.Documents() {
		got := into[isms.Document](t, files, "documents/"+string(d.Name)+".yaml")
		if got.Spec.Approval != nil || got.Spec.Reviews != nil {
			t.Errorf("%s is approved or reviewed", d.Name)
		}
	}
	cycle := into[isms.AuditCycle](t, files, "cycle.yaml")
	if cycle.Spec.InternalAudits[0].PerformedOn != "" || cycle.Spec.ManagementReviews[0].PerformedOn != "" || cycle.Spec.CertificationBody != nil {
		t.Error("the cycle has records")
	}
	for _, file := range []string{"kustomization.yaml", "records/kustomization.yaml", "registers/kustomization.yaml"} {
		for _, resource := range into[struct {
			APIVersion, Kind, Namespace string
			CommonAnnotations           map[string]string
			Resources                   []string
		}](t, files, file).Resources {
			if strings.HasPrefix(resource, "templates") || strings.HasPrefix(resource, "gitops") || path.Dir(file) != "." {
				t.Errorf("%s applies %s", file, resource)
			}
		}
	}
}

// What people are known to hold stands in the scope; what nobody has stated does not, and no namespace is left out.
func TestScope(t *testing.T) {
	scope := into[isms.ISMSScope](t, render(t, acme()), "scope.yaml")
	want := &isms.Leadership{
		Sponsor: &isms.Sponsor{Person: isms.Person{Name: "J. Doe"}},
		Roles:   []isms.RoleAssignment{{Role: "ISMS manager", Holder: isms.Person{Name: "R. Roe", Email: "r.roe@example.com"}}},
	}
	if diff := cmp.Diff(want, scope.Spec.Leadership); diff != "" {
		t.Error(diff)
	}
	if scope.Spec.Boundaries != nil || scope.Spec.Context != nil || scope.Spec.Objectives != nil || scope.Spec.RiskManagement != nil {
		t.Error("the scope states what nobody has said")
	}
	if diff := cmp.Diff([]isms.NamespaceName{"shop"}, scope.Spec.Evidence.Namespaces); diff != "" || scope.Spec.Evidence.ExcludedNamespaces != nil {
		t.Error(diff, scope.Spec.Evidence.ExcludedNamespaces)
	}
	in := acme()
	in.Answers.People, in.Answers.Namespaces = nil, nil
	scope = into[isms.ISMSScope](t, render(t, in), "scope.yaml")
	if diff := cmp.Diff(map[string]string{"isms-operator.io/scope": "isms.acme"}, scope.Spec.Evidence.NamespaceSelector.MatchLabels); diff != "" {
		t.Error(diff)
	}
	if scope.Spec.Leadership != nil {
		t.Error("somebody leads")
	}
}

var commentedField = regexp.MustCompile(`^ *# +(- )?(\{|[a-z][A-Za-z]*:)`)

// The commented parts of the scope are what they say: without the marks, they are fields of the API.
func TestCommentsOfTheScopeAreFields(t *testing.T) {
	in := acme()
	in.Answers.People, in.Answers.Namespaces = nil, nil
	head, body, _ := strings.Cut(string(render(t, in)["scope.yaml"]), "apiVersion:")
	if !strings.HasPrefix(head, "# ") {
		t.Errorf("the head is %q", head)
	}
	var lines []string
	for line := range strings.SplitSeq("apiVersion:"+body, "\n") {
		switch {
		case !strings.HasPrefix(strings.TrimSpace(line), "#"):
			lines = append(lines, line)
		case commentedField.MatchString(line):
			lines = append(lines, strings.Replace(line, "# ", "", 1))
		}
	}
	var scope isms.ISMSScope
	if err := yaml.UnmarshalStrict([]byte(strings.Join(lines, "\n")), &scope); err != nil {
		t.Fatalf("%v\n%s", err, strings.Join(lines, "\n"))
	}
	s := scope.Spec
	if s.Sites == nil || s.Boundaries == nil || s.Context == nil || s.Leadership == nil || s.Objectives == nil || s.RiskManagement == nil ||
		s.Evidence.ExcludedNamespaces == nil {
		t.Errorf("a part is missing: %+v", s)
	}
}

// The account may list and watch what the rules read, and get namespaces: nothing else, and nothing less.
func TestRightsAreExact(t *testing.T) {
	for name, companions := range map[string][]string{"none": nil, "all": Companions()} {
		t.Run(name, func(t *testing.T) {
			in := acme()
			in.Cluster = Assume(companions)
			files := render(t, in)
			wanted := map[string]bool{"/namespaces": true}
			for _, file := range files.Paths() {
				if path.Dir(file) != "controls" || path.Base(file) == "kustomization.yaml" {
					continue
				}
				for _, e := range into[isms.Control](t, files, file).Spec.Evidence {
					if e.Resources != nil {
						wanted[resourceOf(t, e.Resources)] = true
					}
				}
			}
			granted := map[string]bool{}
			for _, o := range objects(t, files[accountFile]) {
				var role rbacv1.ClusterRole
				if err := yaml.Unmarshal(o, &role); err != nil || role.Kind != "ClusterRole" {
					continue
				}
				for _, rule := range role.Rules {
					for _, resource := range rule.Resources {
						granted[rule.APIGroups[0]+"/"+resource] = true
						verbs := []string{"list", "watch"}
						if resource == "namespaces" {
							verbs = []string{"get", "list", "watch"}
						}
						if !slices.Equal(rule.Verbs, verbs) || len(rule.APIGroups) != 1 {
							t.Errorf("%v", rule)
						}
					}
				}
			}
			if diff := cmp.Diff(wanted, granted); diff != "" {
				t.Errorf("(-wanted +granted)\n%s", diff)
			}
		})
	}
}

func resourceOf(t *testing.T, r *isms.ResourceRule) string {
	t.Helper()
	for _, k := range starter.Kinds() {
		if k.APIVersion == r.APIVersion && k.Kind == r.Kind {
			group, _, grouped := strings.Cut(k.APIVersion, "/")
			if !grouped {
				group = ""
			}
			return group + "/" + k.Resource
		}
	}
	t.Fatalf("the starter does not know %s %s", r.APIVersion, r.Kind)
	return ""
}

// Evidence follows what the cluster serves, and what is left out is said.
func TestEvidenceFollowsTheCluster(t *testing.T) {
	has := func(files Files, item string) bool {
		return slices.ContainsFunc(into[isms.Control](t, files, "controls/a-8-13.yaml").Spec.Evidence,
			func(e isms.EvidenceItem) bool { return string(e.Name) == item })
	}
	in := acme()
	with := render(t, in)
	in.Cluster = Assume(nil)
	without := render(t, in)
	const item = "backup-completed"
	if !has(with, item) || has(without, item) {
		t.Errorf("with Velero: %t, without: %t", has(with, item), has(without, item))
	}
	if bytes.Contains(with["README.md"], []byte("| Velero |")) || !bytes.Contains(without["README.md"], []byte("| Velero |")) {
		t.Error("the README does not say what is left out")
	}
	if !bytes.Contains(with[operatorFile], []byte("velero.io")) || bytes.Contains(without[operatorFile], []byte("aggregate-to-evidence")) {
		t.Error("the operator's rights do not follow")
	}
	in.Cluster.Present = nil
	if none := render(t, in); bytes.Contains(none["controls/a-5-14.yaml"], []byte("ingress-tls")) {
		t.Error("a rule on Ingresses is there without one")
	}
}

// Each type of record that a Control asks for has a form, marked so that neither Argo CD nor Flux prunes it.
func TestForms(t *testing.T) {
	files := render(t, acme())
	forms := 0
	for _, file := range files.Paths() {
		if path.Dir(file) != "templates/attestations" {
			continue
		}
		forms++
		a := into[isms.Attestation](t, files, file)
		if diff := cmp.Diff(keep, a.Annotations); diff != "" {
			t.Errorf("%s: %s", file, diff)
		}
		if !strings.Contains(string(a.Spec.PerformedOn), "[FILL: ") || len(a.Spec.Controls) == 0 {
			t.Errorf("%s: %+v", file, a.Spec)
		}
	}
	asked := map[isms.TypeName]bool{}
	for _, c := range starter.Controls() {
		for _, e := range c.Evidence {
			if e.Item.Attestation != nil {
				asked[e.Item.Attestation.Type] = true
			}
		}
	}
	if forms != len(asked) || forms == 0 {
		t.Errorf("%d forms for %d types", forms, len(asked))
	}
	into[isms.Risk](t, files, "templates/risk.yaml")
	into[isms.Finding](t, files, "templates/finding.yaml")
	for _, name := range []string{"asset", "supplier", "legal-requirement", "competence", "incident", "change"} {
		into[isms.RegisterEntry](t, files, "templates/"+name+".yaml")
	}
}

// What is kept when its file is gone says so: the namespace, and by their kustomization all records.
func TestRecordsAreKept(t *testing.T) {
	files := render(t, acme())
	for _, file := range []string{"namespace.yaml", "records/kustomization.yaml", "templates/finding.yaml"} {
		for key, value := range keep {
			if !bytes.Contains(files[file], []byte(key+": "+scalar(value))) {
				t.Errorf("%s lacks %s", file, key)
			}
		}
	}
}

// The samples name the repository, or leave a blank.
func TestGitOps(t *testing.T) {
	in := acme()
	in.Answers.Repository = Repository{URL: "https://git.example.com/x: y.git", Path: "deploy/isms"}
	files := render(t, in)
	for _, file := range []string{"gitops/argocd.yaml", "gitops/flux.yaml"} {
		for _, part := range []string{`"https://git.example.com/x: y.git"`, "deploy/isms", "main"} {
			if !bytes.Contains(files[file], []byte(part)) {
				t.Errorf("%s lacks %s", file, part)
			}
		}
		if n := len(objects(t, files[file])); n != 2 {
			t.Errorf("%s has %d objects", file, n)
		}
	}
	in.Answers.Repository = Repository{}
	if !bytes.Contains(render(t, in)["gitops/flux.yaml"], []byte("url: \"[FILL: ")) {
		t.Error("the address is not blank")
	}
}

// The plan ends on the day that was wished for, and no step comes before what it depends on.
func TestPlan(t *testing.T) {
	cycle := into[isms.AuditCycle](t, render(t, acme()), "cycle.yaml")
	on := map[isms.Step]isms.Date{}
	for _, m := range cycle.Spec.Milestones {
		on[m.Step] = m.DueDate
		for _, d := range m.DependsOn {
			if on[d] == "" || on[d] > m.DueDate {
				t.Errorf("%s on %s depends on %s on %s", m.Step, m.DueDate, d, on[d])
			}
		}
	}
	if on[isms.StepStage2] != "2027-11-22" || on[isms.StepStage1] != "2027-10-18" {
		t.Errorf("the stages are on %s and %s", on[isms.StepStage1], on[isms.StepStage2])
	}
	in := acme()
	in.Answers.Stage2On = ""
	if without := into[isms.AuditCycle](t, render(t, in), "cycle.yaml"); without.Spec.Milestones != nil || without.Spec.Audits != nil {
		t.Error("there is a plan that nobody asked for")
	}
}

func TestRefused(t *testing.T) {
	for name, change := range map[string]func(*Answers){
		"no organization":        func(a *Answers) { a.Organization = "" },
		"an organization of two": func(a *Answers) { a.Organization = "Acme\nGmbH" },
		"no scope":               func(a *Answers) { a.Scope = "" },
		"a scope with dots":      func(a *Answers) { a.Scope = "a.b" },
		"a namespace in capital": func(a *Answers) { a.Namespace = "ISMS" },
		"a label that is long":   func(a *Answers) { a.Scope = isms.ObjectName(strings.Repeat("a", 60)) },
		"a statement too long":   func(a *Answers) { a.Statement = isms.Text(strings.Repeat("a", maxText+1)) },
		"a place in capitals":    func(a *Answers) { a.Namespaces = []isms.NamespaceName{"Shop"} },
		"a role that is none":    func(a *Answers) { a.People = map[string]isms.Person{"CISO": {Name: "X"}} },
		"a day that is none":     func(a *Answers) { a.Stage2On = "2027-02-30" },
	} {
		in := acme()
		change(&in.Answers)
		if _, err := Render(in); err == nil {
			t.Errorf("%s is rendered", name)
		}
	}
}
