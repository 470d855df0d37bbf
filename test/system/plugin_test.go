// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package system

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

// questions are the commands of the plugin that ask a cluster, each as one asks about an ISMS.
var questions = [][]string{
	{"status"},
	{"gaps"},
	{"explain", "A.8.22"},
	{"explain", "--failing"},
	{"soa"},
	{"risks"},
	{"documents"},
	{"attestations"},
	{"findings"},
	{"registers"},
	{"calendar"},
	{"verify"},
	{"anchor"},
}

// asker runs the plugin with the rights of a member of a team.
type asker struct {
	*team
	program, kubeconfig string
}

// asker builds the plugin for a member.
func (m *team) asker() *asker {
	m.Helper()
	program := filepath.Join(workDir, "kubectl-isms")
	run(m.T, "go", "build", "-buildvcs=false", "-o", program, "./cmd/kubectl-isms")
	return &asker{m, program, testenv.Kubeconfig(m.T, testenv.Shared(m.T).As("somebody", m.name))}
}

// ask returns what the plugin prints, errors too, and the code that it ends with.
func (a *asker) ask(args ...string) (text string, code int) {
	a.Helper()
	command := exec.CommandContext(a.Context(), a.program, args...)
	command.Env = append(os.Environ(), "KUBECONFIG="+a.kubeconfig)
	out, err := command.CombinedOutput()
	if failed := (*exec.ExitError)(nil); err != nil && !errors.As(err, &failed) {
		a.Fatal(err)
	}
	return string(out), command.ProcessState.ExitCode()
}

// hearsOfItsOwnAlone asks everything about the team's ISMS, and then about another's, which sounds like one that does not
// exist.
func (a *asker) hearsOfItsOwnAlone(other *team) {
	a.Helper()
	for _, q := range questions {
		what := strings.Join(q, " ")
		text, code := a.ask(append(q, "-n", a.isms())...)
		answered := code == 0 && text != "" || what == "anchor" && strings.Contains(text, "there is no checkpoint yet")
		if !answered || strings.Contains(text, other.name) {
			a.Errorf("%s asks %s, and it ends with %d:\n%s", a.name, what, code, text)
		}
		if text, code := a.ask(q...); code == 0 || strings.Contains(text, other.name) {
			a.Errorf("%s asks %s of all namespaces, and it ends with %d:\n%s", a.name, what, code, text)
		}
		const nowhere = "nowhere-isms"
		there, code := a.ask(append(q, "-n", other.isms())...)
		notThere, _ := a.ask(append(q, "-n", nowhere)...)
		if diff := cmp.Diff(strings.ReplaceAll(notThere, nowhere, "NAMESPACE"), strings.ReplaceAll(there, other.isms(), "NAMESPACE")); code == 0 || diff != "" {
			a.Errorf("%s asks %s in the namespace of %s, and it ends with %d (-no such namespace +that one):\n%s", a.name, what, other.name, code, diff)
		}
	}
}

var times = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)

// explained is why the team's Control is as it is, as the plugin says it: by its status, and with the rights of the member.
func (a *asker) explained() string {
	a.Helper()
	text, code := a.ask("explain", "A.8.22", "-n", a.isms())
	if code != 0 {
		a.Errorf("%s asks to explain A.8.22, and it ends with %d:\n%s", a.name, code, text)
	}
	return times.ReplaceAllString(text, "TIME")
}
