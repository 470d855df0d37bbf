// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package assess

import isms "github.com/isms-operator/isms-operator/api/v1alpha1"

// Graded returns a finding with the severity that it has now: a regrading whose day has not come does not count yet, so
// that nobody rids a control of a nonconformity by a day in the future. It is the finding itself where nothing differs.
func Graded(f *isms.Finding, clock *Clock) *isms.Finding {
	for _, r := range f.Spec.Regrading { // in the order of their days, which is asked at admission
		if clock.Come(r.RegradedOn) {
			continue
		}
		if r.From == f.Spec.Severity {
			return f
		}
		now := *f
		now.Spec.Severity = r.From
		return &now
	}
	return f
}
