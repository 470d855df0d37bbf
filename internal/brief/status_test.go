// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"bytes"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/isms-operator/isms-operator/internal/export"
	"github.com/isms-operator/isms-operator/internal/readiness"
	"github.com/isms-operator/isms-operator/test/fixture"
	"github.com/isms-operator/isms-operator/test/golden"
)

func TestStatus(t *testing.T) {
	good, drift := fixture.Sample(t, nil), fixture.Sample(t, fixture.Drift)
	alone := fixture.Sample(t, nil)
	alone.Cycles = nil
	alone.Now = alone.Now.Add(time.Hour)
	blank := fixture.Sample(t, nil)
	for i := range 3 {
		blank.Controls[i].Spec.Applicability.Justification = "[FILL: why]"
	}
	for name, in := range map[string]readiness.ScopeInput{"good": good, "drift": drift, "no-cycle": alone, "blank": blank} {
		var out bytes.Buffer
		s := StatusOf(in, nil)
		if len(in.Cycles) > 0 {
			s = StatusOf(in, &in.Cycles[0])
		}
		if err := s.Text(&out, export.Text{Width: 100}); err != nil {
			t.Fatal(err)
		}
		golden.Equal(t, filepath.Join("testdata", "status-"+name+".txt"), out.String())
	}
}

// TestStatusReadsBack: what the status is as JSON, it is as YAML.
func TestStatusReadsBack(t *testing.T) {
	in := fixture.Sample(t, fixture.Drift)
	status := StatusOf(in, &in.Cycles[0])
	var asJSON, asYAML bytes.Buffer
	if err := errors.Join(export.JSON(&asJSON, status), export.YAML(&asYAML, status)); err != nil {
		t.Fatal(err)
	}
	var fromJSON, fromYAML Status
	if err := errors.Join(yaml.UnmarshalStrict(asJSON.Bytes(), &fromJSON), yaml.UnmarshalStrict(asYAML.Bytes(), &fromYAML)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fromJSON, fromYAML, cmp.AllowUnexported(Status{})); diff != "" {
		t.Errorf("(-JSON +YAML):\n%s", diff)
	}
	if fromJSON.Cycle.Name != "acme-2026" || len(fromJSON.Missing) < 1 || len(fromJSON.Due) != dueSoon {
		t.Errorf("%+v", fromJSON)
	}
}
