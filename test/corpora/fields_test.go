// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package corpora

import (
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"
)

// at is what stands at a path of a manifest, nil where nothing does.
func at(v any, path ...string) any {
	for _, key := range path {
		m, ok := v.(object)
		if !ok {
			return nil
		}
		v = m[key]
	}
	return v
}

func has(v any, path ...string) bool { return at(v, path...) != nil }

func text(v any, path ...string) string {
	s, _ := at(v, path...).(string)
	return s
}

// number is zero where there is none.
func number(v any, path ...string) float64 {
	n, _ := at(v, path...).(float64)
	return n
}

func list(v any, path ...string) []any {
	l, _ := at(v, path...).([]any)
	return l
}

// yes says that there is a true at the path; no, that there is a false. Absent is neither.
func yes(v any, path ...string) bool { b, ok := at(v, path...).(bool); return ok && b }
func no(v any, path ...string) bool  { b, ok := at(v, path...).(bool); return ok && !b }

func every(values []any, is func(any) bool) bool {
	return !slices.ContainsFunc(values, func(v any) bool { return !is(v) })
}

func some(values []any, is func(any) bool) bool { return slices.ContainsFunc(values, is) }

func name(o object) string      { return text(o, "metadata", "name") }
func namespace(o object) string { return text(o, "metadata", "namespace") }

func label(o object, key string) string { return text(o, "metadata", "labels", key) }

// pod is the pod template of a workload.
func pod(o object) any { return at(o, "spec", "template", "spec") }

func containers(o object) []any { return list(pod(o), "containers") }

func allContainers(o object) []any {
	return slices.Concat(list(pod(o), "initContainers"), containers(o))
}

// atMost compares two quantities, such as 180Mi and 1Gi. No quantity is not at most anything.
func atMost(q any, limit string) bool {
	s, ok := q.(string)
	if !ok {
		return false
	}
	value, err := resource.ParseQuantity(s)
	return err == nil && value.Cmp(resource.MustParse(limit)) <= 0
}
