// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

var binary string

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

// buildAndRun builds the plugin, which the tests run as kubectl would.
func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "kubectl-isms-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // A directory of the system's.
	binary = filepath.Join(dir, "kubectl-isms")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	return testenv.Run(m)
}

// plugin runs the plugin and returns its exit code and what it prints.
func plugin(t *testing.T, in string, args ...string) (code int, out, errout string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(t.Context(), binary, args...)
	command.Stdin, command.Stdout, command.Stderr = strings.NewReader(in), &stdout, &stderr
	var exit *exec.ExitError
	if err := command.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return command.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// want runs the plugin and holds what it does against a code, and against parts of what it prints.
func want(t *testing.T, code int, parts []string, args ...string) string {
	t.Helper()
	got, out, errout := plugin(t, "", args...)
	if got != code {
		t.Errorf("kubectl isms %s ends with %d, want %d\n%s%s", strings.Join(args, " "), got, code, out, errout)
	}
	for _, part := range parts {
		if !strings.Contains(out+errout, part) {
			t.Errorf("kubectl isms %s does not print %q:\n%s%s", strings.Join(args, " "), part, out, errout)
		}
	}
	return out
}

// newKey makes a key pair and returns the files.
func newKey(t *testing.T, name string) (private, public string) {
	t.Helper()
	dir := t.TempDir()
	want(t, 0, []string{"key id sha256:"}, "keygen", name, "--dir", dir)
	return filepath.Join(dir, name+".key"), filepath.Join(dir, name+".pub")
}

var scope = ledger.Scope{Namespace: "isms", Name: "acme"}

// history is a log of a control and one of the scope: two days, each sealed, signed with the keys.
func history(t *testing.T, keys ...string) []isms.EvidenceLog {
	t.Helper()
	var signers []*ledger.Signer
	for _, file := range keys {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		signer, err := ledger.ParseSigner(text)
		if err != nil {
			t.Fatal(err)
		}
		signers = append(signers, signer)
	}
	own := ledger.Head{Key: ledger.Key{Scope: scope, Series: isms.SeriesScope}}
	control := ledger.Head{Key: ledger.Key{Scope: scope, Series: isms.SeriesControl, ControlID: "A.8.22"}}
	logs := []isms.EvidenceLog{{Spec: ledger.Next(control.Key, nil)}, {Spec: ledger.Next(own.Key, nil)}}
	for i, name := range []string{"acme.a.8.22.1", "acme.1"} {
		logs[i].APIVersion, logs[i].Kind = isms.GroupVersion.String(), "EvidenceLog"
		logs[i].Namespace, logs[i].Name = scope.Namespace, name
	}
	for day := range 2 {
		at := time.Date(2026, 11, 20+day, 0, 0, 0, 0, time.UTC)
		entry, head, err := ledger.Append(control, isms.LogEntry{
			Type: isms.LogEvidenceChanged, Epoch: int64(day + 1), ObservedTime: metav1.NewTime(at), Item: "default-deny",
			Result: isms.EvidenceFail, Reason: "ObjectsFailed", OperatorVersion: "0.1.0",
		})
		if err != nil {
			t.Fatal(err)
		}
		control = head
		logs[0].Spec.Entries = append(logs[0].Spec.Entries, entry)
		entry, own, err = ledger.AppendCheckpoint(scope, []ledger.Head{own, control}, ledger.Seal{
			Time: at.AddDate(0, 0, 1), Epoch: int64(day + 1), ObservedSeconds: 86400, OperatorVersion: "0.1.0", Signers: signers,
		})
		if err != nil {
			t.Fatal(err)
		}
		logs[1].Spec.Entries = append(logs[1].Spec.Entries, entry)
	}
	return logs
}

// exported writes what kubectl get would print.
func exported(t *testing.T, marshal func(any) ([]byte, error), logs []isms.EvidenceLog) string {
	t.Helper()
	text, err := marshal(map[string]any{"apiVersion": "v1", "kind": "List", "items": logs})
	if err != nil {
		t.Fatal(err)
	}
	return file(t, text)
}

func file(t *testing.T, text []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func toYAML(value any) ([]byte, error) { return yaml.Marshal(value) }

func TestKeygen(t *testing.T) {
	private, public := newKey(t, "2026")
	info, err := os.Stat(private)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the private key has the mode %v, %v", info.Mode(), err)
	}
	want(t, 1, []string{"file exists"}, "keygen", "2026", "--dir", filepath.Dir(private))
	want(t, 2, []string{"give the directory with --dir"}, "keygen", "../2026")
	if openssl, err := exec.LookPath("openssl"); err == nil {
		out, err := exec.CommandContext(t.Context(), openssl, "pkey", "-in", private, "-pubout").Output()
		text, readErr := os.ReadFile(public)
		if err != nil || readErr != nil || !bytes.Equal(out, text) {
			t.Errorf("openssl reads another key: %s, %v, %v", out, err, readErr)
		}
	}
}

func TestVerifyExport(t *testing.T) {
	private, public := newKey(t, "2026")
	_, stranger := newKey(t, "stranger")
	logs := history(t, private)
	good := exported(t, toYAML, logs)
	want(t, 0, []string{
		"isms/acme: 4 entries in 2 logs of 2 series, 2 checkpoints", "sealed until 2026-11-22T00:00:00Z",
		"signatures not checked", "not anchored",
	}, "verify", "-f", good)
	anchor := file(t, []byte(want(t, 0, []string{`"payloadType":"application/vnd.isms-operator.checkpoint+json"`}, "anchor", "-f", good)))
	want(t, 0, []string{"2 of 2 signatures checked", "anchored until 2026-11-22T00:00:00Z"},
		"verify", "-f", exported(t, json.Marshal, logs), "--keys", filepath.Dir(public), "--anchor", anchor)
	want(t, 1, []string{"UnknownKey"}, "verify", "-f", good, "--keys", stranger)
	want(t, 1, []string{"no EvidenceLog"}, "verify", "-f", good, "--scope", "other")
	want(t, 1, []string{"Unsigned"}, "verify", "-f", exported(t, toYAML, history(t)), "--keys", public)

	logs[0].Spec.Entries[1].Result = isms.EvidencePass
	bad := exported(t, toYAML, logs)
	want(t, 1, []string{"FAILED acme.a.8.22.1, the series of A.8.22, entry 2: Altered", "does not verify"}, "verify", "-f", bad)
	want(t, 1, []string{"Altered"}, "anchor", "-f", bad)
	code, out, _ := plugin(t, "", "verify", "-f", good, "--anchor", anchor, "-n", "elsewhere")
	if code != 1 {
		t.Errorf("verification of nothing ends with %d: %s", code, out)
	}
}

func TestVerifyFindsWhatTheAnchorKnows(t *testing.T) {
	logs := history(t)
	anchor := file(t, []byte(want(t, 0, nil, "anchor", "-f", exported(t, toYAML, logs))))
	logs[1].Spec.Entries = logs[1].Spec.Entries[:1]
	shortened := exported(t, toYAML, logs)
	want(t, 0, []string{"1 entry after that not sealed yet"}, "verify", "-f", shortened)
	logs[0].Spec.Entries = logs[0].Spec.Entries[:1]
	unsealed := exported(t, toYAML, logs[:1])
	want(t, 0, []string{"chains whole; no checkpoint yet; 1 entry not sealed yet; not signed; not anchored\n"}, "verify", "-f", unsealed)
	want(t, 1, []string{"Truncated", "the checkpoint of the anchor, of 2026-11-22, is not in the log"}, "verify", "-f", shortened, "--anchor", anchor)
	want(t, 1, []string{"Truncated"}, "verify", "-f", file(t, []byte("{}")), "--anchor", anchor)
}

func TestVerifyStandardInput(t *testing.T) {
	text, err := yaml.Marshal(history(t)[1])
	if err != nil {
		t.Fatal(err)
	}
	more, err := yaml.Marshal(history(t)[0])
	if err != nil {
		t.Fatal(err)
	}
	code, out, errout := plugin(t, string(text)+"---\n"+string(more)+"---\n", "verify", "-f", "-")
	if code != 0 || !strings.Contains(out, "4 entries in 2 logs") {
		t.Errorf("it ends with %d\n%s%s", code, out, errout)
	}
	unknown := strings.Replace(string(more), "reason:", "comment: added\n    reason:", 1)
	if code, _, errout := plugin(t, unknown, "verify", "-f", "-"); code != 1 || !strings.Contains(errout, "Malformed") {
		t.Errorf("an unknown field: it ends with %d\n%s", code, errout)
	}
}

func TestMisuse(t *testing.T) {
	for _, args := range [][]string{
		{},
		{"verfiy"},
		{"verify", "--nonsense"},
		{"verify", "more"},
		{"keygen"},
		{"anchor", "more"},
		{"verify", "-f", "x", "--keys", "/nonexistent"},
		{"verify", "-f", "x", "--anchor", "/nonexistent"},
		{"verify", "-f", "x", "--kubeconfig", "y"},
	} {
		want(t, 2, []string{"error: ", "--help"}, args...)
	}
	want(t, 0, []string{"keygen", "verify", "anchor"}, "--help")
	want(t, 1, []string{"no such file"}, "verify", "-f", "/nonexistent")
}

// What is wrong is said in the caller's words, with what to do instead.
func TestMisuseSaysWhatToDo(t *testing.T) {
	value, empty := file(t, []byte("hello\n")), file(t, []byte("# nothing\n"))
	one := file(t, []byte(`{"apiVersion": "isms-operator.io/v1alpha1", "kind": "ISMSScope", "metadata": {"name": "acme", "namespace": "isms"}}`))
	for _, tt := range []struct {
		code int
		says string
		args []string
	}{
		{2, "error: there is no command stauts: is status meant?\nsee kubectl isms --help\n", []string{"stauts"}},
		{2, "error: there is no command nonsense\nsee kubectl isms --help\n", []string{"nonsense"}},
		{2, "error: unknown flag: --outptu\nsee kubectl isms status --help\n", []string{"status", "--outptu", "json"}},
		{2, "error: gaps takes flags alone, not isms\nsee kubectl isms gaps --help\n", []string{"gaps", "isms"}},
		{2, "error: check takes files, directories, or - for standard input\n", []string{"check"}},
		{2, "error: explain takes one control, by its id or name\n", []string{"explain", "A.8.2", "A.8.3"}},
		{2, "error: prepare takes one occasion: internal-audit, management-review, stage1, stage2, surveillance\n", []string{"prepare", "stage3"}},
		{2, `error: the day of Stage 2: date "1.2.2027" is not a full-date such as 2026-11-24` + "\n", []string{
			"init", t.TempDir(), "--offline", "--organization", "Acme", "--stage2-on", "1.2.2027",
		}},
		{1, value + ", document 1: is no object but a list or a single value\n", []string{"gaps", "-f", value}},
		{1, value + ", document 1: is no object but a list or a single value\n", []string{"verify", "-f", value}},
		{1, "error: there is no ISMSScope in " + empty + ": export with kubectl get isms -n NAMESPACE -o yaml\n", []string{"gaps", "-f", empty}},
		{1, "error: there is no ISMSScope in namespace other in " + one + ": leave out -n, or name the namespace of one that is there, such as isms\n", []string{
			"gaps", "-f", one, "-n", "other",
		}},
		{1, "error: there is no ISMSScope shop in " + one + "; there is isms/acme\n", []string{"gaps", "-f", one, "--scope", "shop"}},
		{1, "error: the scope acme has no control A.8.99: kubectl isms soa lists those that it has\n", []string{"explain", "-f", one, "A.8.99"}},
		{2, "error: --days is a number of days from today on: 0 or more\n", []string{"calendar", "-f", one, "--days", "-3"}},
	} {
		code, out, errout := plugin(t, "", tt.args...)
		if code != tt.code || !strings.Contains(errout, tt.says) || out != "" {
			t.Errorf("kubectl isms %s ends with %d, want %d; want %q in:\n%s%s", strings.Join(tt.args, " "), code, tt.code, tt.says, errout, out)
		}
	}
}

func TestVerifyCluster(t *testing.T) {
	config := testenv.Shared(t).Config
	c := testenv.Client(t, config)
	private, public := newKey(t, "2026")
	logs := history(t, private)
	if err := c.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: scope.Namespace}}); err != nil {
		t.Fatal(err)
	}
	kubeconfig := testenv.Kubeconfig(t, config)
	want(t, 1, []string{"no EvidenceLog"}, "verify", "--kubeconfig", kubeconfig)
	for i := range logs {
		if err := c.Create(t.Context(), &logs[i]); err != nil {
			t.Fatalf("the API server refuses what the ledger writes: %v", err)
		}
	}
	want(t, 0, []string{"2 of 2 signatures checked"}, "verify", "--kubeconfig", kubeconfig, "-n", "isms", "--keys", public)
	want(t, 0, []string{`"payload":`}, "anchor", "--kubeconfig", kubeconfig)
	want(t, 0, []string{"not checked, for want of --keys"}, "verify", "--kubeconfig", kubeconfig)
	text, err := os.ReadFile(public)
	if err != nil {
		t.Fatal(err)
	}
	published := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: scope.Namespace, Name: publishedKeys}, Data: map[string]string{"a.pub": string(text)},
	}
	if err := c.Create(t.Context(), published); err != nil {
		t.Fatal(err)
	}
	want(t, 0, []string{"with 1 key from the cluster itself", "2 of 2 signatures checked"}, "verify", "--kubeconfig", kubeconfig)
	if err := c.Delete(t.Context(), &logs[0]); err != nil {
		t.Fatal(err)
	}
	want(t, 1, []string{"Truncated"}, "verify", "--kubeconfig", kubeconfig, "--keys", public)
}

// TestExampleOfTheDocs: the logs that docs/evidencelog.md shows verify, and their digests are those of the recipe there.
func TestExampleOfTheDocs(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "evidencelog.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```yaml\n")
	example, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("the page has no example")
	}
	want(t, 0, []string{"isms/acme-platform: 4 entries in 2 logs of 2 series, 1 checkpoint\n", "chains whole; sealed until 2026-11-21T00:00:00Z"},
		"verify", "-f", file(t, []byte(example)))
}
