// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build isms_monitoring

// Package monitoring has a real Prometheus scrape the operator at work on config/samples. `make test-monitoring` builds
// Prometheus, and says where in the environment: ISMS_PROMETHEUS and ISMS_PROMTOOL.
package monitoring

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/ledger"
	"github.com/isms-operator/isms-operator/internal/ledgerstore"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

const patience = 5 * time.Minute

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	os.Exit(testenv.Run(m, testenv.WithControllerManager(), testenv.WithoutCRDs()))
}

// world is a cluster with the operator and Prometheus.
type world struct {
	*testing.T
	root       string
	prometheus string // the address of its API
	metrics    string // the address of the operator's metrics
}

// The account that the manifests make for the operator: it alone may write an evidence log.
const (
	systemNamespace = "isms-operator-system"
	serviceAccount  = "isms-operator-controller-manager"
)

// scope is that of config/samples.
var scope = ledger.Scope{Namespace: "isms", Name: "acme-platform"}

// begun is how long ago the evidence log begins, so that the operator finds whole days of operation, and a daily checkpoint
// that is due when it starts.
const begun = 3 * 24 * time.Hour

// shown are the figures that the operator has to show, each by a query that finds it on the sample ISMS.
var shown = map[string]string{
	"controls by result":              `isms_controls{result!=""}`,
	"evidence by result and reason":   `isms_evidence_items{result!="", reason!=""}`,
	"gates":                           `isms_cycle_condition{condition="AuditReady"}`,
	"days to the next audit":          `(isms_cycle_next_audit_timestamp_seconds - time()) / 86400`,
	"days to each deadline":           `(isms_cycle_deadline_timestamp_seconds - time()) / 86400`,
	"operating period: coverage":      `isms_cycle_coverage_ratio`,
	"operating period: effective":     `isms_cycle_effective_ratio`,
	"open findings":                   `isms_open_findings`,
	"expiries":                        `isms_control_evidence_due_timestamp_seconds`,
	"engine: objects":                 `isms_engine_objects > 0`,
	"engine: rules":                   `isms_engine_evaluated_rules > 0`,
	"engine: evaluations":             `isms_engine_evaluations_total > 0`,
	"engine: errors":                  `sum(isms_engine_rules{reason=~"ExpressionError|CostExceeded|KindNotServed|AccessDenied|OperatorForbidden"})`,
	"engine: lag":                     `isms_engine_lag_seconds`,
	"engine: synced":                  `isms_engine_last_contact_timestamp_seconds > 0`,
	"log: head":                       `isms_log_entries_total > 0`,
	"log: last checkpoint":            `isms_log_last_checkpoint_timestamp_seconds > 0`,
	"log: last verification":          `isms_log_last_verification_timestamp_seconds > 0`,
	"log: verified":                   `isms_scope_condition{condition="EvidenceLogIntact", status="True"} == 1`,
	"API requests":                    `sum by (code, method) (rest_client_requests_total) > 0`,
	"API requests: reviews of rights": `isms_access_reviews_total > 0`,
}

// TestMonitoring: a real scrape is as Prometheus wants it, and has each figure; each query of the dashboard returns a
// series, and each alert is evaluated.
func TestMonitoring(t *testing.T) {
	w := newWorld(t)
	for what, expr := range shown {
		w.eventually(what, func() string { return w.series(expr) })
	}
	w.check()
	for _, q := range w.dashboard() {
		w.eventually(fmt.Sprintf("%q has a series", q.title), func() string { return w.series(q.expr) })
	}
	w.eventually("each alert is evaluated", w.alerts)
}

// series says what is wrong where a query returns none.
func (w *world) series(expr string) string {
	var answer struct {
		Data struct{ Result []any }
	}
	if says := w.get("http://"+w.prometheus+"/api/v1/query?query="+url.QueryEscape(expr), &answer); says != "" {
		return says
	}
	if len(answer.Data.Result) == 0 {
		return expr + " has none"
	}
	return ""
}

// check holds what the operator shows against `promtool check metrics`. What it says of metrics that are not ours, of
// controller-runtime and its libraries, is shown and not judged.
func (w *world) check() {
	w.Helper()
	text, says := w.fetch("http://" + w.metrics + "/metrics")
	if says != "" {
		w.Fatal(says)
	}
	promtool := exec.CommandContext(w.Context(), program(w.T, "ISMS_PROMTOOL"), "check", "metrics")
	promtool.Stdin = bytes.NewReader(text)
	out, err := promtool.CombinedOutput()
	const lint = 3 // its status where it has something to say
	if status := promtool.ProcessState.ExitCode(); status != 0 && status != lint {
		w.Fatalf("promtool: %v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "isms_") {
			w.Error(line)
		} else {
			w.Log(line)
		}
	}
}

type query struct{ title, expr string }

// dashboard reads the queries, with the variable of the dashboard as Grafana fills it in.
func (w *world) dashboard() []query {
	w.Helper()
	text, err := os.ReadFile(filepath.Join(w.root, "config", "grafana", "isms.json"))
	if err != nil {
		w.Fatal(err)
	}
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &board); err != nil {
		w.Fatal(err)
	}
	var out []query
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			out = append(out, query{p.Title, strings.ReplaceAll(target.Expr, "$namespace", ".*")})
		}
	}
	if len(out) < 15 {
		w.Fatalf("the dashboard has %d queries", len(out))
	}
	return out
}

// alerts says which alert could not be evaluated.
func (w *world) alerts() string {
	var answer struct {
		Data struct {
			Groups []struct {
				Rules []struct{ Name, Health, LastError string }
			}
		}
	}
	if says := w.get("http://"+w.prometheus+"/api/v1/rules", &answer); says != "" {
		return says
	}
	evaluated := 0
	for _, g := range answer.Data.Groups {
		for _, r := range g.Rules {
			if r.Health != "ok" {
				return r.Name + " is " + r.Health + " " + r.LastError
			}
			evaluated++
		}
	}
	if evaluated < 10 {
		return fmt.Sprint(evaluated, " alerts")
	}
	return ""
}

// get reads JSON, and says what is wrong.
func (w *world) get(url string, into any) string {
	text, says := w.fetch(url)
	if says != "" || into == nil {
		return says
	}
	if err := json.Unmarshal(text, into); err != nil {
		return err.Error()
	}
	return ""
}

func (w *world) fetch(url string) (text []byte, says string) {
	request, err := http.NewRequestWithContext(w.Context(), http.MethodGet, url, nil)
	if err != nil {
		return nil, err.Error()
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	text, err = io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return nil, fmt.Sprintf("%s: %s", response.Status, text)
	}
	return text, ""
}

// program is one that make test-monitoring builds and names. Without it the test fails: it is never skipped.
func program(t *testing.T, name string) string {
	t.Helper()
	path := os.Getenv(name)
	if path == "" {
		t.Fatalf("%s is not set: run make test-monitoring", name)
	}
	return path
}

// newWorld runs the operator with the rights of its account on config/samples, and Prometheus that scrapes it.
func newWorld(t *testing.T) *world {
	t.Helper()
	root, err := testenv.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	env := testenv.Shared(t)
	w := &world{T: t, root: root, prometheus: freeAddress(t), metrics: freeAddress(t)}
	kubeconfig := "KUBECONFIG=" + testenv.Kubeconfig(t, env.Config)
	w.run(kubeconfig, "kubectl", "apply", "--server-side", "-k", "config/default")
	w.run(kubeconfig, "kubectl", "wait", "--for=condition=Established", "crd", "--all")
	w.run(kubeconfig, "kubectl", "apply", "--server-side", "-k", "config/samples")
	binary := filepath.Join(t.TempDir(), "isms-operator")
	w.run("", "go", "build", "-buildvcs=false", "-o", binary, ".")
	account := env.AsServiceAccount(systemNamespace, serviceAccount)
	w.beginLog(account)
	w.start("KUBECONFIG="+testenv.Kubeconfig(t, account), binary, "--metrics-bind-address="+w.metrics, "--health-probe-bind-address=0")
	w.start("", program(t, "ISMS_PROMETHEUS"), "--config.file="+w.configure(w.metrics), "--storage.tsdb.path="+t.TempDir(), "--web.listen-address="+w.prometheus)
	w.eventually("Prometheus is ready", func() string { return w.get("http://"+w.prometheus+"/-/ready", nil) })
	return w
}

// beginLog writes the first entry of the scope's evidence log, as the operator of that day did.
func (w *world) beginLog(account *rest.Config) {
	w.Helper()
	scheme := runtime.NewScheme()
	if err := isms.AddToScheme(scheme); err != nil {
		w.Fatal(err)
	}
	c, err := client.New(account, client.Options{Scheme: scheme})
	if err != nil {
		w.Fatal(err)
	}
	then := time.Now().Add(-begun)
	store := ledgerstore.New(ledgerstore.Options{Reader: c, Writer: c, Version: "0.1.0", Clock: clocktesting.NewFakePassiveClock(then)})
	err = store.Append(w.Context(), ledger.Key{Scope: scope, Series: isms.SeriesScope}, func(context.Context, *ledgerstore.View) ([]isms.LogEntry, error) {
		return []isms.LogEntry{{Type: isms.LogOperatorChanged, ObservedTime: metav1.NewTime(then)}}, nil
	})
	if err != nil {
		w.Fatal(err)
	}
}

// configure writes the configuration of Prometheus, with the rules that are shipped.
func (w *world) configure(metrics string) string {
	w.Helper()
	text, err := os.ReadFile(filepath.Join(w.root, "config", "prometheus", "prometheusrule.yaml"))
	if err != nil {
		w.Fatal(err)
	}
	_, groups, _ := strings.Cut(string(text), "\nspec:\n")
	dir := w.TempDir()
	rules, config := filepath.Join(dir, "rules.yaml"), filepath.Join(dir, "prometheus.yaml")
	groups = regexp.MustCompile("(?m)^  ").ReplaceAllString(groups, "")
	scrape := fmt.Sprintf(`global: {scrape_interval: 2s, evaluation_interval: 2s}
rule_files: [%s]
scrape_configs:
- job_name: isms-operator
  static_configs: [{targets: [%q], labels: {pod: isms-operator-0}}]
`, rules, metrics)
	for file, content := range map[string]string{rules: groups, config: scrape} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			w.Fatal(err)
		}
	}
	return config
}

func (w *world) run(environment, program string, args ...string) {
	w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	command := exec.CommandContext(ctx, program, args...)
	command.Dir, command.Env = w.root, append(os.Environ(), environment)
	if out, err := command.CombinedOutput(); err != nil {
		w.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
}

// start runs a program until the test ends; the end of its output is shown when the test fails.
func (w *world) start(environment, program string, args ...string) {
	w.Helper()
	command := exec.Command(program, args...)
	command.Env = append(os.Environ(), environment)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	if err := command.Start(); err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		timer := time.AfterFunc(20*time.Second, func() { _ = command.Process.Kill() })
		_ = command.Wait()
		timer.Stop()
		if text := out.String(); w.Failed() {
			w.Logf("%s ends with:\n%s", filepath.Base(program), text[max(0, len(text)-1500):])
		}
	})
}

func (w *world) eventually(what string, want func() string) {
	w.Helper()
	says := ""
	for begin := time.Now(); time.Since(begin) < patience; time.Sleep(200 * time.Millisecond) {
		if says = want(); says == "" {
			return
		}
	}
	w.Errorf("%s: not within %s: %s", what, patience, says)
}

// freeAddress is one on loopback at which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
