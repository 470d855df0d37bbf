// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package corpora

import (
	"strings"
	"time"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
)

func monitors(q isms.Quantifier, expect string) isms.ResourceRule {
	return on("monitoring.coreos.com/v1", "ServiceMonitor", q, expect)
}

func prometheusRules(q isms.Quantifier, expect string) isms.ResourceRule {
	return on("monitoring.coreos.com/v1", "PrometheusRule", q, expect)
}

// stackMonitors are rules on ServiceMonitors, a kind that a CRD defines.
var stackMonitors = []row{
	{
		name: "monitors-verify-tls",
		rule: monitors(None, `object.spec.endpoints.exists(e, e.?tlsConfig.?insecureSkipVerify.orValue(false))`),
		holds: func(o object) bool {
			return some(endpoints(o), func(e any) bool { return yes(e, "tlsConfig", "insecureSkipVerify") })
		},
		verdict: fail,
	}, {
		name: "monitors-use-https",
		rule: monitors(Every, `object.spec.endpoints.all(e, e.?scheme.orValue('http') == 'https')`),
		holds: func(o object) bool {
			return every(endpoints(o), func(e any) bool { return text(e, "scheme") == "https" })
		}, verdict: fail,
	}, {
		name:    "monitors-scrape-often",
		rule:    monitors(Every, `object.spec.endpoints.all(e, duration(e.interval) <= duration('30s'))`),
		holds:   func(o object) bool { return every(endpoints(o), scrapesWithin(30*time.Second)) },
		breaks:  func(o object) bool { return some(endpoints(o), func(e any) bool { return !has(e, "interval") }) },
		verdict: unknown,
	}, {
		name:    "monitors-of-other-namespaces-name-their-job",
		rule:    where(monitors(Every, `object.spec.jobLabel.startsWith('app.kubernetes.io/')`), `has(object.spec.namespaceSelector)`),
		selects: func(o object) bool { return has(o, "spec", "namespaceSelector") },
		holds:   func(o object) bool { return strings.HasPrefix(text(o, "spec", "jobLabel"), "app.kubernetes.io/") },
		breaks:  func(o object) bool { return !has(o, "spec", "jobLabel") },
		verdict: fail, // that of the API server takes another label
	}, {
		name:       "monitors-are-many",
		parameters: parameter("least", "14"),
		rule:       monitors(Set, `objects.size() >= int(params.least[0])`),
		whole:      func(all []object) bool { return len(all) >= 14 },
		verdict:    fail,
	}, {
		name:    "monitors-with-many-endpoints",
		rule:    where(monitors(Set, `objects.map(o, o.spec.endpoints.size()).sum() >= 12`), `object.spec.endpoints.size() > 1`),
		selects: func(o object) bool { return len(endpoints(o)) > 1 },
		whole: func(all []object) bool {
			sum := 0
			for _, o := range all {
				sum += len(endpoints(o))
			}
			return sum >= 12
		},
		verdict: pass,
	}, {
		name: "a-monitor-in-every-namespace",
		rule: monitors(AnyPerNamespace, `object.spec.endpoints.exists(e, e.?honorLabels.orValue(false))`),
		holds: func(o object) bool {
			return some(endpoints(o), func(e any) bool { return yes(e, "honorLabels") })
		},
		verdict: fail,
	},
}

func endpoints(o object) []any { return list(o, "spec", "endpoints") }

func scrapesWithin(limit time.Duration) func(any) bool {
	return func(e any) bool {
		d, err := time.ParseDuration(text(e, "interval"))
		return err == nil && d <= limit
	}
}

// stackAlerts are rules on PrometheusRules and on the custom resources that run them.
var stackAlerts = []row{
	{
		name: "alerts-have-a-severity",
		rule: prometheusRules(Every, `object.spec.groups.all(g, g.?rules.orValue([]).all(r,
			!has(r.alert) || r.?labels.?severity.orValue('') in ['critical', 'warning', 'info']))`),
		holds: func(o object) bool {
			return everyAlert(o, func(r any) bool {
				s := text(r, "labels", "severity")
				return s == "critical" || s == "warning" || s == "info"
			})
		},
		verdict: fail, // the watchdog has none
	}, {
		name: "alerts-have-a-runbook-and-a-summary",
		rule: prometheusRules(Every, `object.spec.groups.all(g, g.?rules.orValue([]).all(r, !has(r.alert) ||
			(r.annotations.runbook_url.startsWith('https://') && r.?annotations.?summary.hasValue())))`),
		holds: func(o object) bool {
			return everyAlert(o, func(r any) bool {
				return strings.HasPrefix(text(r, "annotations", "runbook_url"), "https://") && has(r, "annotations", "summary")
			})
		},
		verdict: fail, // Grafana's has a message instead
	}, {
		name: "alerts-have-patience",
		rule: prometheusRules(None, `object.spec.groups.exists(g, g.?rules.orValue([]).exists(r, has(r.alert) && !('for' in r)))`),
		holds: func(o object) bool {
			return !everyAlert(o, func(r any) bool { return has(r, "for") })
		},
		verdict: fail,
	}, {
		name: "a-watchdog-always-fires",
		rule: prometheusRules(Any, `object.spec.groups.exists(g, g.rules.exists(r, r.?alert.orValue('') == 'Watchdog'))`),
		holds: func(o object) bool {
			return !everyAlert(o, func(r any) bool { return text(r, "alert") != "Watchdog" })
		},
		verdict: pass,
	}, {
		name: "critical-alerts-in-all",
		rule: prometheusRules(Set, `objects.map(o, o.spec.groups.map(g,
			g.rules.filter(r, r.?labels.?severity.orValue('') == 'critical').size()).sum()).sum() >= 34`),
		whole: func(all []object) bool {
			sum := 0
			for _, o := range all {
				for _, r := range alertRules(o) {
					if text(r, "labels", "severity") == "critical" {
						sum++
					}
				}
			}
			return sum >= 34
		},
		verdict: pass,
	}, {
		name: "recorded-series-name-their-level",
		rule: prometheusRules(Every, `object.spec.groups.all(g, g.rules.all(r, !has(r.record) || r.record.contains(':')))`),
		holds: func(o object) bool {
			return every(alertRules(o), func(r any) bool { return !has(r, "record") || strings.Contains(text(r, "record"), ":") })
		},
		verdict: pass,
	}, {
		name: "no-rate-over-a-minute", // expr is an integer or a string
		rule: prometheusRules(None, `object.spec.groups.exists(g, g.rules.exists(r, string(r.expr).contains('[1m]')))`),
		holds: func(o object) bool {
			return some(alertRules(o), func(r any) bool { return strings.Contains(text(r, "expr"), "[1m]") })
		},
		verdict: fail,
	}, {
		name: "prometheus-is-replicated",
		rule: on("monitoring.coreos.com/v1", "Prometheus", Every, `object.spec.replicas >= 2 && object.spec.securityContext.runAsNonRoot`),
		holds: func(o object) bool {
			return number(o, "spec", "replicas") >= 2 && yes(o, "spec", "securityContext", "runAsNonRoot")
		},
		verdict: pass,
	}, {
		name: "the-alertmanager-has-a-quorum",
		rule: on("monitoring.coreos.com/v1", "Alertmanager", Any, `object.spec.replicas >= 3 && object.spec.replicas % 2 == 1`),
		holds: func(o object) bool {
			return number(o, "spec", "replicas") >= 3 && int(number(o, "spec", "replicas"))%2 == 1
		},
		verdict: pass,
	}, {
		name:    "no-probes",
		rule:    on("monitoring.coreos.com/v1", "Probe", Every, `has(object.spec.targets)`),
		holds:   func(o object) bool { return has(o, "spec", "targets") },
		empty:   true,
		verdict: unknown,
	},
}

// alertRules are the rules of all groups, alerts and recordings.
func alertRules(o object) []any {
	var all []any
	for _, g := range list(o, "spec", "groups") {
		all = append(all, list(g, "rules")...)
	}
	return all
}

func everyAlert(o object, is func(any) bool) bool {
	return every(alertRules(o), func(r any) bool { return !has(r, "alert") || is(r) })
}
