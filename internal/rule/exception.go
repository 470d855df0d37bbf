// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/tally"
)

// Exception is one of the Control's that names a rule.
type Exception struct {
	Name    string
	Objects []Match
	Until   time.Time // the first moment at which it no longer waives
}

// Match selects subjects. What is given must all match.
type Match struct {
	Namespace, Name string
	Prefix          bool            // Name is the beginning of a name
	Labels          labels.Selector // nil: by name
}

func (m Match) matches(key tally.Key, l labels.Labels) bool {
	if m.Namespace != "" && m.Namespace != key.Namespace {
		return false
	}
	name := key.Name
	if name == "" {
		name = key.Namespace // the subject is a namespace
	}
	switch {
	case m.Prefix && !strings.HasPrefix(name, m.Name):
		return false
	case !m.Prefix && m.Name != "" && m.Name != name:
		return false
	}
	return m.Labels == nil || m.Labels.Matches(l)
}

// Waives returns the bits of the exceptions that match a subject.
func Waives(exceptions []Exception, key tally.Key, l labels.Labels) uint32 {
	var out uint32
	for i, x := range exceptions {
		for _, m := range x.Objects {
			if m.matches(key, l) {
				out |= 1 << i
				break
			}
		}
	}
	return out
}

func exceptionsOf(item isms.ItemName, all []isms.Exception) ([]Exception, error) {
	var out []Exception
	for _, x := range all {
		if slices.Contains(x.Evidence, item) {
			e, err := newException(x)
			if err != nil {
				return nil, err
			}
			out = append(out, e)
		}
	}
	return out, nil
}

func newException(x isms.Exception) (Exception, error) {
	out := Exception{Name: string(x.Name)}
	if day, err := x.ExpiresOn.Time(); err == nil {
		out.Until = day.AddDate(0, 0, 1) // it waives to the end of the named day
	}
	for _, o := range x.Objects {
		m := Match{Namespace: string(o.Namespace), Name: strings.TrimSuffix(o.Name, "*"), Prefix: strings.HasSuffix(o.Name, "*")}
		if o.LabelSelector != nil {
			selector, err := metav1.LabelSelectorAsSelector(o.LabelSelector)
			if err != nil {
				return out, fmt.Errorf("exception %s: its labelSelector can't be read: %w", x.Name, err)
			}
			m.Labels = selector
		}
		out.Objects = append(out.Objects, m)
	}
	return out, nil
}
