// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/isms-operator/isms-operator/internal/engine"
)

type source engine.Stats

func (s source) Stats() engine.Stats { return engine.Stats(s) }

// scrape returns the lines that Prometheus gets, without comments.
func scrape(t *testing.T, c prometheus.Collector) []string {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(c); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorHandling: promhttp.HTTPErrorOnError}))
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%v: %s: %s", err, response.Status, text)
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

func TestScrape(t *testing.T) {
	got := scrape(t, NewEngine(source{
		Kinds: []engine.KindStats{
			{
				Kind: schema.GroupVersionKind{Version: "v1", Kind: "Pod"}, Streams: 1, Objects: 20000, Rules: 30, Evaluations: 600000, Waiting: 7,
				Lag: 1500 * time.Millisecond, Suspended: 2, LastContact: time.UnixMilli(1_000_500),
			},
			{Kind: schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "Deployment"}, Streams: 1},
		},
		Rules:        map[string]int{"ObjectsPassed": 40, "AccessDenied": 3},
		ReviewsAsked: 12, ReviewsWaiting: 5,
	}))
	want := []string{
		`isms_access_reviews_total 12`,
		`isms_access_reviews_waiting 5`,
		`isms_engine_evaluated_rules{group="",kind="Pod",version="v1"} 30`,
		`isms_engine_evaluated_rules{group="apps",kind="Deployment",version="v1"} 0`,
		`isms_engine_evaluations_total{group="",kind="Pod",version="v1"} 600000`,
		`isms_engine_evaluations_total{group="apps",kind="Deployment",version="v1"} 0`,
		`isms_engine_lag_seconds{group="",kind="Pod",version="v1"} 1.5`,
		`isms_engine_lag_seconds{group="apps",kind="Deployment",version="v1"} 0`,
		`isms_engine_last_contact_timestamp_seconds{group="",kind="Pod",version="v1"} 1000.5`,
		`isms_engine_last_contact_timestamp_seconds{group="apps",kind="Deployment",version="v1"} 0`,
		`isms_engine_objects{group="",kind="Pod",version="v1"} 20000`,
		`isms_engine_objects{group="apps",kind="Deployment",version="v1"} 0`,
		`isms_engine_rules{reason="AccessDenied"} 3`,
		`isms_engine_rules{reason="ObjectsPassed"} 40`,
		`isms_engine_streams{group="",kind="Pod",version="v1"} 1`,
		`isms_engine_streams{group="apps",kind="Deployment",version="v1"} 1`,
		`isms_engine_suspended_evaluations{group="",kind="Pod",version="v1"} 2`,
		`isms_engine_suspended_evaluations{group="apps",kind="Deployment",version="v1"} 0`,
		`isms_engine_waiting_evaluations{group="",kind="Pod",version="v1"} 7`,
		`isms_engine_waiting_evaluations{group="apps",kind="Deployment",version="v1"} 0`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNothingYet(t *testing.T) {
	want := []string{"isms_access_reviews_total 0", "isms_access_reviews_waiting 0"}
	if diff := cmp.Diff(want, scrape(t, NewEngine(source{}))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestEveryMetricIsDocumented: operations.md has a line for each, and for no other.
func TestEveryMetricIsDocumented(t *testing.T) {
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(isms_[a-z_]+)` \\|").FindAllStringSubmatch(read(t, "../../docs/operations.md"), -1) {
		documented[m[1]] = true
	}
	if diff := cmp.Diff(shown(), documented); diff != "" {
		t.Errorf("(-shown +documented):\n%s", diff)
	}
}

// TestAlertsAskForWhatIsShown: an alert on a metric that nobody shows never fires. `make test-alerts` tests the rest.
func TestAlertsAskForWhatIsShown(t *testing.T) {
	names := regexp.MustCompile(`isms_[a-z_]+`).FindAllString(read(t, "../../config/prometheus/prometheusrule.yaml"), -1)
	if len(names) < 10 {
		t.Fatalf("the alerts name %d metrics", len(names))
	}
	for _, name := range names {
		if !shown()[name] {
			t.Errorf("an alert asks for %s", name)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// shown are the names of all metrics of ours.
func shown() map[string]bool {
	described := make(chan *prometheus.Desc, 100)
	NewEngine(source{}).Describe(described)
	NewISMS(nil, nil).Describe(described)
	close(described)
	name := regexp.MustCompile(`fqName: "([^"]+)"`)
	out := map[string]bool{}
	for d := range described {
		out[name.FindStringSubmatch(d.String())[1]] = true
	}
	return out
}
