// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"os"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const shipped = "../../config/argocd/"

func TestHealth(t *testing.T) {
	text := read(t, shipped+script)
	each(t, func(t *testing.T, s state, o *unstructured.Unstructured) {
		if status, message := health(t, text, o); status != s.argo || message == "" {
			t.Fatalf("%s: %q, want %s", status, message, s.argo)
		}
	})
}

// TestHealthDegradedWhenUnmet is of the opt-in: an implemented Control that is not satisfied is Degraded, and nothing else differs.
func TestHealthDegradedWhenUnmet(t *testing.T) {
	text := strict(t)
	each(t, func(t *testing.T, s state, o *unstructured.Unstructured) {
		want := s.argo
		if o.GetKind() == "Control" {
			want = s.strict
		}
		if status, message := health(t, text, o); status != want || message == "" {
			t.Fatalf("%s: %q, want %s", status, message, want)
		}
	})
}

// TestVerdictInMessage: what a person reads in the tree of Argo CD.
func TestVerdictInMessage(t *testing.T) {
	text := read(t, shipped+script)
	for kind, want := range map[string]string{
		"Control":    "Satisfied False (ObjectsFailed): 3 of 41 subjects fail.",
		"AuditCycle": "AuditReady False (ObjectsFailed): 3 of 41 subjects fail.",
		"Risk":       "Treated False (ObjectsFailed): 3 of 41 subjects fail.",
	} {
		if _, message := health(t, text, stateNamed(t, "unmet").object(t, kind)); message != want {
			t.Errorf("%s: %q, want %q", kind, message, want)
		}
	}
}

func stateNamed(t *testing.T, name string) state {
	t.Helper()
	for _, s := range states {
		if s.name == name {
			return s
		}
	}
	t.Fatalf("no state %q", name)
	return state{}
}

func strict(t *testing.T) string {
	t.Helper()
	text, err := degradedWhenUnmet(read(t, shipped+script))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// health runs a script as Argo CD runs one of argocd-cm.
func health(t *testing.T, script string, o *unstructured.Unstructured) (status, message string) {
	t.Helper()
	l := machine(t)
	l.SetGlobal("obj", toLua(l, o.Object))
	table := result(t, l, script)
	return lua.LVAsString(table.RawGetString("status")), lua.LVAsString(table.RawGetString("message"))
}

// machine is one as Argo CD makes it for argocd-cm: with the libraries package, base and table and two functions of os,
// and for a second. String and math are missing there, so a script that needs them fails here too.
func machine(t *testing.T) *lua.LState {
	t.Helper()
	l := lua.NewState(lua.Options{SkipOpenLibs: true})
	t.Cleanup(l.Close)
	for name, open := range map[string]lua.LGFunction{
		lua.LoadLibName: lua.OpenPackage, lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable, lua.OsLibName: lua.OpenOs,
	} {
		if err := l.CallByParam(lua.P{Fn: l.NewFunction(open), Protect: true}, lua.LString(name)); err != nil {
			t.Fatal(err)
		}
	}
	full := l.GetGlobal(lua.OsLibName)
	safe := l.NewTable()
	for _, name := range []string{"time", "date"} {
		safe.RawSetString(name, l.GetField(full, name))
	}
	l.SetGlobal(lua.OsLibName, safe)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	t.Cleanup(cancel)
	l.SetContext(ctx)
	return l
}

func result(t *testing.T, l *lua.LState, script string) *lua.LTable {
	t.Helper()
	if err := l.DoString(script); err != nil {
		t.Fatal(err)
	}
	table, ok := l.Get(-1).(*lua.LTable)
	if !ok {
		t.Fatalf("the script returns %s", l.Get(-1).Type())
	}
	return table
}

func toLua(l *lua.LState, value any) lua.LValue {
	switch v := value.(type) {
	case map[string]any:
		table := l.NewTable()
		for key, item := range v {
			table.RawSetString(key, toLua(l, item))
		}
		return table
	case []any:
		table := l.NewTable()
		for _, item := range v {
			table.Append(toLua(l, item))
		}
		return table
	case string:
		return lua.LString(v)
	case int64:
		return lua.LNumber(v)
	}
	return lua.LNil
}
