// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// The annotation of the sample scope that names the day of which all dates of the samples are meant.
const referenceDateAnnotation = "example.com/reference-date"

// A full-date, or a timestamp that begins with one.
var dated = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})(T[0-9:.]+Z)?$`)

// parse reads the objects of a stream of YAML documents, in their order.
func parse(text []byte) ([]*unstructured.Unstructured, error) {
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	var objects []*unstructured.Unstructured
	for {
		var content map[string]any
		err := decoder.Decode(&content)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, fmt.Errorf("parse manifests: %w", err)
		}
		if len(content) > 0 {
			objects = append(objects, &unstructured.Unstructured{Object: content})
		}
	}
}

// referenceDate is the day that the sample scope names in its annotation.
func referenceDate(objects []*unstructured.Unstructured) (time.Time, error) {
	for _, object := range objects {
		if text, ok := object.GetAnnotations()[referenceDateAnnotation]; ok {
			return time.Parse(time.DateOnly, text)
		}
	}
	return time.Time{}, fmt.Errorf("no object has the annotation %s", referenceDateAnnotation)
}

// shiftDates moves each date and timestamp of the objects by the days, so that samples which were written for one day
// mean the same on another. Text in which a date is only a part stays as it is.
func shiftDates(objects []*unstructured.Unstructured, days int) {
	for _, object := range objects {
		shifted(object.Object, days)
	}
}

func shifted(value any, days int) any {
	switch value := value.(type) {
	case map[string]any:
		for key, element := range value {
			value[key] = shifted(element, days)
		}
	case []any:
		for i, element := range value {
			value[i] = shifted(element, days)
		}
	case string:
		return shiftedText(value, days)
	}
	return value
}

func shiftedText(text string, days int) string {
	match := dated.FindStringSubmatch(text)
	if match == nil {
		return text
	}
	day, err := time.Parse(time.DateOnly, match[1])
	if err != nil {
		return text
	}
	return day.AddDate(0, 0, days).Format(time.DateOnly) + match[2]
}

// daysBetween is the number of days from the one day to the day of the other time, both in UTC.
func daysBetween(day, now time.Time) int {
	return int(now.UTC().Truncate(24*time.Hour).Sub(day.UTC().Truncate(24*time.Hour)) / (24 * time.Hour))
}

// waves puts the objects in the order in which they can be created: kinds and namespaces, then what they hold, and
// last the pods, whose admission reads the quotas' status and the service accounts.
func waves(objects []*unstructured.Unstructured) [3][]*unstructured.Unstructured {
	var ordered [3][]*unstructured.Unstructured
	for _, object := range objects {
		wave := 1
		switch object.GetKind() {
		case "CustomResourceDefinition", "Namespace":
			wave = 0
		case "Pod":
			wave = 2
		}
		ordered[wave] = append(ordered[wave], object)
	}
	return ordered
}

// statusOnly is the object's identity and its status, or nil where the manifest has none.
func statusOnly(object *unstructured.Unstructured) *unstructured.Unstructured {
	status, ok := object.Object["status"]
	if !ok {
		return nil
	}
	only := &unstructured.Unstructured{Object: map[string]any{"status": status}}
	only.SetGroupVersionKind(object.GroupVersionKind())
	only.SetNamespace(object.GetNamespace())
	only.SetName(object.GetName())
	return only
}
