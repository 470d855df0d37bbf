// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package metrics shows Prometheus what the operator is doing. Figures are read when they are scraped, so that nothing
// has to be counted twice. Labels are kinds and reasons: never the name or the namespace of an object that rules look at.
package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/isms-operator/isms-operator/internal/engine"
)

// Source is the engine.
type Source interface {
	Stats() engine.Stats
}

// kindGauge is a gauge for each kind that rules are evaluated on.
type kindGauge struct {
	desc  *prometheus.Desc
	value func(engine.KindStats) float64
}

func newKindGauge(name, help string, value func(engine.KindStats) float64) kindGauge {
	return kindGauge{prometheus.NewDesc("isms_engine_"+name, help, []string{"group", "version", "kind"}, nil), value}
}

var kindGauges = []kindGauge{
	newKindGauge("streams", "Watches that rules are evaluated on.",
		func(k engine.KindStats) float64 { return float64(k.Streams) }),
	newKindGauge("objects", "Objects that rules are evaluated on.",
		func(k engine.KindStats) float64 { return float64(k.Objects) }),
	newKindGauge("evaluated_rules", "Rules that are evaluated, identical ones counted once.",
		func(k engine.KindStats) float64 { return float64(k.Rules) }),
	newKindGauge("lag_seconds", "How long the first waiting evaluation of a rule that costs much has waited.",
		func(k engine.KindStats) float64 { return k.Lag.Seconds() }),
	newKindGauge("waiting_evaluations", "Evaluations of rules that cost much, and that wait.",
		func(k engine.KindStats) float64 { return float64(k.Waiting) }),
	newKindGauge("suspended_evaluations", "Pairs of a rule and a namespace that are suspended for exceeding the cost limit.",
		func(k engine.KindStats) float64 { return float64(k.Suspended) }),
	newKindGauge("last_contact_timestamp_seconds", "When the API server was last heard, 0 for not yet.",
		func(k engine.KindStats) float64 { return seconds(k.LastContact) }),
}

var (
	evaluations = prometheus.NewDesc("isms_engine_evaluations_total",
		"Evaluations of one rule on one object; what is spared because nothing has changed is none.", []string{"group", "version", "kind"}, nil)
	rules = prometheus.NewDesc("isms_engine_rules", "Resource rules of Controls, by the reason of their verdict.", []string{"reason"}, nil)
	asked = prometheus.NewDesc("isms_access_reviews_total", "Questions to the API server about rights of scopes' accounts.", nil, nil)
	queue = prometheus.NewDesc("isms_access_reviews_waiting", "Questions about rights that wait for their turn.", nil, nil)
)

// Engine collects the figures of an engine.
type Engine struct{ source Source }

var _ prometheus.Collector = Engine{}

// NewEngine returns a collector to register.
func NewEngine(s Source) Engine { return Engine{s} }

// Describe names all figures.
func (Engine) Describe(out chan<- *prometheus.Desc) {
	for _, g := range kindGauges {
		out <- g.desc
	}
	out <- evaluations
	out <- rules
	out <- asked
	out <- queue
}

// Collect reads the figures as they are now.
func (e Engine) Collect(out chan<- prometheus.Metric) {
	s := e.source.Stats()
	for _, k := range s.Kinds {
		kind := []string{k.Kind.Group, k.Kind.Version, k.Kind.Kind}
		for _, g := range kindGauges {
			out <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, g.value(k), kind...)
		}
		out <- prometheus.MustNewConstMetric(evaluations, prometheus.CounterValue, float64(k.Evaluations), kind...)
	}
	for reason, n := range s.Rules {
		out <- prometheus.MustNewConstMetric(rules, prometheus.GaugeValue, float64(n), reason)
	}
	out <- prometheus.MustNewConstMetric(asked, prometheus.CounterValue, float64(s.ReviewsAsked))
	out <- prometheus.MustNewConstMetric(queue, prometheus.GaugeValue, float64(s.ReviewsWaiting))
}

func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}
