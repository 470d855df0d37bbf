// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package install

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/isms-operator/isms-operator/internal/testenv"
)

// repository reads files of the repository.
type repository struct {
	*testing.T
	root string
}

func newRepository(t *testing.T) repository {
	t.Helper()
	root, err := testenv.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	return repository{t, root}
}

func (r repository) read(name string) string {
	r.Helper()
	text, err := os.ReadFile(filepath.Join(r.root, name))
	if err != nil {
		r.Fatal(err)
	}
	return string(text)
}

// instructions are those of the Dockerfile, each on a line, without comments.
func (r repository) instructions() []string {
	r.Helper()
	text := regexp.MustCompile(`(?m)^#.*\n`).ReplaceAllString(r.read("Dockerfile"), "")
	text = regexp.MustCompile(`\\\n\s*`).ReplaceAllString(text, "")
	return slices.DeleteFunc(strings.Split(text, "\n"), func(l string) bool { return l == "" })
}

// flags are those of the command that builds the operator, with what differs between the two places left open.
func (r repository) flags(where, text string) string {
	r.Helper()
	found := regexp.MustCompile(`CGO_ENABLED=0 (?:GOOS=\S+ GOARCH=\S+ )?go build (.*) -o (?:/|bin/)isms-operator \.`).FindStringSubmatch(text)
	if found == nil {
		r.Fatalf("%s does not build the operator without cgo", where)
	}
	return regexp.MustCompile(`main\.version=[^" ]+`).ReplaceAllString(found[1], "main.version=V")
}

// TestImageIsBuiltAsByMake: whoever builds with make gets the program that the image has.
func TestImageIsBuiltAsByMake(t *testing.T) {
	r := newRepository(t)
	image, here := r.flags("the Dockerfile", strings.Join(r.instructions(), "\n")), r.flags("the Makefile", r.read("Makefile"))
	if image != here {
		t.Errorf("the Dockerfile builds with %s, the Makefile with %s", image, here)
	}
	for _, flag := range []string{"-trimpath", "-buildvcs=false", "-s -w"} {
		if !strings.Contains(image, flag) {
			t.Errorf("built without %s", flag)
		}
	}
}

// TestImageHasAllThatIsBuilt: the packages that the program is made of are copied, and .dockerignore lets them through.
func TestImageHasAllThatIsBuilt(t *testing.T) {
	r := newRepository(t)
	ignore := strings.Split(r.read(".dockerignore"), "\n")
	var copied []string
	for _, line := range r.instructions() {
		fields := strings.Fields(line)
		if fields[0] != "COPY" || strings.HasPrefix(fields[1], "--from") {
			continue
		}
		for _, source := range fields[1 : len(fields)-1] {
			copied = append(copied, strings.TrimSuffix(source, "/"))
			if !slices.Contains(ignore, "!"+source) {
				t.Errorf("%s is copied, and .dockerignore leaves it out", source)
			}
		}
	}
	used := goTool(t, "list", "-deps", "-f", `{{if .Module}}{{if .Module.Main}}{{$d := .Dir}}{{range .GoFiles}}{{$d}}/{{.}} {{end}}{{range .EmbedFiles}}{{$d}}/{{.}} {{end}}{{end}}{{end}}`, ".")
	files := strings.Fields(used)
	if len(files) < 50 {
		t.Fatalf("%d files", len(files))
	}
	for _, file := range files {
		name, err := filepath.Rel(r.root, file)
		if err != nil {
			t.Fatal(err)
		}
		if top, _, _ := strings.Cut(name, string(filepath.Separator)); !slices.Contains(copied, top) {
			t.Errorf("%s is not copied into the image", name)
		}
		if strings.Contains(name, "testdata") || strings.HasSuffix(name, "_test.go") {
			t.Errorf("%s is left out by .dockerignore", name)
		}
	}
}

// TestImageRunsAsTheDeploymentSays: the last stage has no shell, and its user is the one that the Deployment asks for.
func TestImageRunsAsTheDeploymentSays(t *testing.T) {
	lines := newRepository(t).instructions()
	last := lines[slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "FROM gcr.io/distroless/static:nonroot") })+1:]
	if len(last) == len(lines) {
		t.Fatal("the last stage is not of distroless")
	}
	for _, want := range []string{"USER 65532:65532", `ENTRYPOINT ["/isms-operator"]`, "COPY --from=builder /isms-operator /isms-operator"} {
		if !slices.Contains(last, want) {
			t.Errorf("the last stage has no %s:\n%s", want, strings.Join(last, "\n"))
		}
	}
	for _, object := range objects(t) {
		if object.GetKind() != "Deployment" {
			continue
		}
		var d appsv1.Deployment
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &d); err != nil {
			t.Fatal(err)
		}
		if c := d.Spec.Template.Spec.SecurityContext; *c.RunAsUser != 65532 || *c.RunAsGroup != 65532 {
			t.Errorf("the Deployment runs it as %d:%d", *c.RunAsUser, *c.RunAsGroup)
		}
		return
	}
	t.Error("no Deployment")
}
