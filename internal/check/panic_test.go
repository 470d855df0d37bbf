// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types/ref"
)

// TestPanicsShowNoValue: a library's function that ends in a panic with a value of the object in its text is an error as
// any other. Which library would is not known, so the test has a function of its own.
func TestPanicsShowNoValue(t *testing.T) {
	celEnv, err := env().object.Extend(cel.Function("explode", cel.Overload("explode_dyn", []*cel.Type{cel.DynType}, cel.BoolType,
		cel.UnaryBinding(func(v ref.Val) ref.Val { panic(fmt.Sprintf("can't digest %v", v.Value())) }))))
	if err != nil {
		t.Fatal(err)
	}
	for _, tracked := range []bool{false, true} {
		e := &expression{field: fieldExpect, limit: 1_000_000, bound: bound{ok: true}}
		checked, invalid := e.check(celEnv, `explode(object.metadata.labels.a)`, false)
		if invalid != nil {
			t.Fatal(invalid)
		}
		if err := e.plan(celEnv, checked, false, tracked); err != nil {
			t.Fatal(err)
		}
		program, err := Compile(Rule{Expect: `object.metadata.name != ""`}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		program.expect = e
		for _, s := range []Subject{TypedSubject(marked(), podKind), MapSubject(overTheWire(t, marked()))} {
			verdict, failed := program.Eval(t.Context(), s, Env{Now: noon})
			if failed == nil || verdict != Errored || failed.Class != Other {
				t.Errorf("tracked %t: %v, %+v, want an error of class %s", tracked, verdict, failed, Other)
			}
			if said := fmt.Sprintf("%v %v %+v %#v", verdict, evalText(failed), failed, failed); strings.Contains(said, marker) {
				t.Errorf("tracked %t: %s", tracked, said)
			}
		}
	}
}
