// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/starter"
)

// The roles whose people the scope itself names.
const (
	roleSponsor = "Management"
	roleManager = "SecurityOfficer"
)

// Answers are what people decide. They are kept in the directory, so that nothing is asked twice.
type Answers struct {
	// Organization runs the ISMS. Required.
	Organization isms.ShortText `json:"organization"`
	// Statement of the scope (clause 4.3); empty: a blank.
	Statement isms.Text `json:"statement,omitempty"`
	// Scope and Namespace name the ISMSScope. Required.
	Scope     isms.ObjectName    `json:"scope"`
	Namespace isms.NamespaceName `json:"namespace"`
	// People hold the starter's roles, by the role's name. A role without one is named by its title, with no address.
	People map[string]isms.Person `json:"people,omitempty"`
	// Namespaces whose workloads are in scope; empty: those with the label of ScopeLabel.
	Namespaces []isms.NamespaceName `json:"namespaces,omitempty"`
	// Stage2On is the day on which Stage 2 is wished for; empty: no plan with dates is written.
	Stage2On isms.Date `json:"stage2On,omitempty"`
	// Repository is where the directory is kept.
	Repository Repository `json:"repository,omitzero"`
}

// Repository is the Git repository that Argo CD or Flux reads. Empty fields become blanks.
type Repository struct {
	URL    string `json:"url,omitempty"`
	Branch string `json:"branch,omitempty"`
	// Path of the directory in the repository; empty or . is its root.
	Path string `json:"path,omitempty"`
}

// Cluster is what was seen of the cluster, or what is taken for granted where nobody looked.
type Cluster struct {
	// Kinds of the starter that are served, each as apiVersion and kind, such as velero.io/v1/Schedule.
	Kinds []string `json:"kinds,omitempty"`
	// Present names the checks of starter.WhenPresent that have an object.
	Present []isms.ItemName `json:"present,omitempty"`
	// Others are namespaces that are not in scope. They are only suggested as what to leave out.
	Others []isms.NamespaceName `json:"others,omitempty"`
	// Operator is the account of the operator.
	Operator Account `json:"operator"`
}

// Account is a service account.
type Account struct {
	Namespace isms.NamespaceName `json:"namespace"`
	Name      isms.ObjectName    `json:"name"`
}

// DefaultOperator is the account of the operator as config/default installs it.
var DefaultOperator = Account{Namespace: "isms-operator-system", Name: "isms-operator-controller-manager"}

// Input is all that a rendering depends on.
type Input struct {
	Answers Answers `json:"answers"`
	Cluster Cluster `json:"cluster"`
}

// KindName is how Cluster.Kinds names a kind.
func KindName(apiVersion, kind string) string { return apiVersion + "/" + kind }

// Assume is a cluster that nobody has looked at: one with the kinds of Kubernetes itself, and those of the companions.
func Assume(companions []string) Cluster {
	seen := Cluster{Operator: DefaultOperator}
	has := func(companion string) bool { return companion == "" || slices.Contains(companions, companion) }
	for _, k := range starter.Kinds() {
		if has(k.Companion) {
			seen.Kinds = append(seen.Kinds, KindName(k.APIVersion, k.Kind))
		}
	}
	for _, c := range starter.Checks() {
		if c.When == starter.WhenPresent && has(c.Companion) && slices.Contains(seen.Kinds, KindName(c.Resources.APIVersion, c.Resources.Kind)) {
			seen.Present = append(seen.Present, c.Name)
		}
	}
	return seen
}

// Companions are the projects whose kinds or workloads the starter's checks read, sorted.
func Companions() []string {
	var names []string
	for _, k := range starter.Kinds() {
		names = append(names, k.Companion)
	}
	for _, c := range starter.Checks() {
		names = append(names, c.Companion)
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(n string) bool { return n == "" })
}

// ScopeLabel is the label by which namespaces are in scope where they are not named.
func (a Answers) ScopeLabel() (key, value string) {
	return isms.GroupVersion.Group + "/scope", fmt.Sprintf("%s.%s", a.Namespace, a.Scope)
}

// check says what is wrong with the input, before the API server would.
func (in Input) check() error {
	a := in.Answers
	name := string(a.Organization)
	if name == "" || len(name) > 253 || !printable(name) || strings.Contains(name, "\n") {
		return errors.New("the organization's name must have 1 to 253 characters on one line")
	}
	if len(a.Statement) > maxText {
		return fmt.Errorf("the statement must have at most %d characters", maxText)
	}
	names := []string{string(a.Scope), string(a.Namespace)}
	for _, n := range a.Namespaces {
		names = append(names, string(n))
	}
	for _, n := range names {
		if problems := validation.IsDNS1123Label(n); len(problems) > 0 {
			return fmt.Errorf("%q is no name of a scope or a namespace: %s", n, problems[0])
		}
	}
	if _, value := a.ScopeLabel(); len(value) > validation.LabelValueMaxLength {
		return fmt.Errorf("%q is too long for the value of a label: choose a shorter name for the scope or its namespace", value)
	}
	for role := range a.People {
		if !slices.ContainsFunc(starter.Roles(), func(r starter.Role) bool { return r.Name == role }) {
			return fmt.Errorf("there is no role %s", role)
		}
	}
	if a.Stage2On != "" {
		if _, err := a.Stage2On.Time(); err != nil {
			return fmt.Errorf("the day of Stage 2: %w", err)
		}
	}
	return nil
}

// person who holds a role: by name if known, else the role itself.
func (in Input) person(role string) isms.Person {
	if p, ok := in.Answers.People[role]; ok {
		return p
	}
	return isms.Person{Name: title(role)}
}

func title(role string) isms.ShortText {
	for _, r := range starter.Roles() {
		if r.Name == role {
			return r.Title
		}
	}
	return isms.ShortText(role)
}

func (in Input) statement() isms.Text {
	return cmp.Or(in.Answers.Statement, isms.Text(starter.Blank("what is done, where and for whom, as it is to stand on the certificate")))
}

// includes says whether a piece of evidence belongs into this cluster.
func (in Input) includes(e starter.Evidence) bool {
	if e.Check == nil || e.Check.When == starter.WhenAlways {
		return true
	}
	served := slices.Contains(in.Cluster.Kinds, KindName(e.Check.Resources.APIVersion, e.Check.Resources.Kind))
	return served && (e.Check.When != starter.WhenPresent || slices.Contains(in.Cluster.Present, e.Check.Name))
}
