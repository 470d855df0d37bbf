// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
	"github.com/isms-operator/isms-operator/internal/testenv"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
	sigsyaml "sigs.k8s.io/yaml"
)

const version = "v9.8.7-rc.1"

// made makes a release for this machine's platform, once for all tests.
func made(t *testing.T) release {
	t.Helper()
	r := release{version: version, root: "../..", out: t.TempDir(), platforms: []string{runtime.GOOS + "/" + runtime.GOARCH}}
	if runtime.GOOS != "linux" {
		r.platforms = append(r.platforms, "linux/"+runtime.GOARCH)
	}
	if err := r.make(); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r release) read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(r.out, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (r release) archive() string {
	return fmt.Sprintf("kubectl-isms_%s_%s_%s.tar.gz", version, runtime.GOOS, runtime.GOARCH)
}

func TestRelease(t *testing.T) {
	r := made(t)
	want := []string{
		sumsFile, manifestFile, "isms-operator-9.8.7-rc.1.tgz", "isms-operator_" + version + ".cdx.json", "isms.yaml",
		"kubectl-isms_" + version + ".cdx.json",
	}
	for _, platform := range r.platforms {
		want = append(want, fmt.Sprintf("kubectl-isms_%s_%s.tar.gz", version, strings.ReplaceAll(platform, "/", "_")))
	}
	entries, err := os.ReadDir(r.out)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("artefacts %v, want %v", got, want)
	}
	t.Run("checksums", func(t *testing.T) { r.wantSums(t, len(want)-1) })
	t.Run("chart", r.wantChart)
	t.Run("krew", r.wantKrew)
	t.Run("materials", r.wantMaterials)
	t.Run("manifest", r.wantManifest)
	t.Run("again", r.wantSameChartAndManifest)
}

func (r release) wantSums(t *testing.T, files int) {
	lines := strings.Split(strings.TrimSpace(string(r.read(t, sumsFile))), "\n")
	if len(lines) != files {
		t.Errorf("%d checksums of %d files", len(lines), files)
	}
	for _, line := range lines {
		sum, name, _ := strings.Cut(line, "  ")
		if got := fmt.Sprintf("%x", sha256.Sum256(r.read(t, name))); got != sum {
			t.Errorf("%s: %s, want %s", name, got, sum)
		}
	}
}

// wantChart: the chart that is packed renders, with the image of the release.
func (r release) wantChart(t *testing.T) {
	c, err := loader.LoadArchive(bytes.NewReader(r.read(t, "isms-operator-9.8.7-rc.1.tgz")))
	if err != nil {
		t.Fatal(err)
	}
	options := common.ReleaseOptions{Name: "isms-operator", Namespace: "isms-operator-system", IsInstall: true}
	values, err := util.ToRenderValues(c, map[string]any{}, options, nil)
	if err != nil {
		t.Fatal(err)
	}
	files, err := engine.Render(c, values)
	if err != nil {
		t.Fatal(err)
	}
	deployment := files["isms-operator/templates/deployment.yaml"]
	if want := image + ":" + version; !strings.Contains(deployment, want) {
		t.Errorf("the Deployment has no %s:\n%s", want, deployment)
	}
	if got := strings.Count(files["isms-operator/templates/crds.yaml"], "kind: CustomResourceDefinition"); got != 9 {
		t.Errorf("%d CRDs", got)
	}
}

// wantKrew: the manifest for krew has the checksum of the archive, in which there is a plugin that knows its version.
func (r release) wantKrew(t *testing.T) {
	var manifest struct {
		Spec struct {
			Version   string
			Platforms []struct{ URI, SHA256 string }
		}
	}
	if err := sigsyaml.Unmarshal(r.read(t, "isms.yaml"), &manifest); err != nil {
		t.Fatal(err)
	}
	if manifest.Spec.Version != version || len(manifest.Spec.Platforms) != len(r.platforms) {
		t.Fatalf("%+v", manifest.Spec)
	}
	for _, p := range manifest.Spec.Platforms {
		name := p.URI[strings.LastIndex(p.URI, "/")+1:]
		if got := fmt.Sprintf("%x", sha256.Sum256(r.read(t, name))); got != p.SHA256 {
			t.Errorf("%s: %s, want %s", name, got, p.SHA256)
		}
	}
	isms := filepath.Join(t.TempDir(), "isms.yaml")
	if err := os.WriteFile(isms, []byte("apiVersion: v1\nkind: Namespace\nmetadata: {name: isms}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(r.unpackPlugin(t), "check", "--controls", "../../config/samples", "-o", "sarif", isms)
	out, err := command.CombinedOutput()
	if !strings.Contains(string(out), version) {
		t.Errorf("the plugin does not say that it is %s: %v\n%s", version, err, out)
	}
}

// unpackPlugin takes the program out of the archive of this machine's platform.
func (r release) unpackPlugin(t *testing.T) string {
	t.Helper()
	zipped, err := gzip.NewReader(bytes.NewReader(r.read(t, r.archive())))
	if err != nil {
		t.Fatal(err)
	}
	for reader := tar.NewReader(zipped); ; {
		header, err := reader.Next()
		if err != nil {
			t.Fatalf("no program in the archive: %v", err)
		}
		if header.Name != "kubectl-isms" {
			continue
		}
		text, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), header.Name)
		if err := os.WriteFile(file, text, 0o700); err != nil {
			t.Fatal(err)
		}
		return file
	}
}

// wantMaterials: the bills are valid by the schema of CycloneDX, and that of the plugin has the very modules that its
// compiler wrote into it.
func (r release) wantMaterials(t *testing.T) {
	schema := billSchema(t)
	for _, name := range []string{"isms-operator", "kubectl-isms"} {
		text := r.read(t, name+"_"+version+".cdx.json")
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(document); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	var bill cyclonedx.BOM
	if err := json.Unmarshal(r.read(t, "kubectl-isms_"+version+".cdx.json"), &bill); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range *bill.Components {
		got = append(got, c.Name+" "+c.Version)
	}
	info, err := buildinfo.ReadFile(r.unpackPlugin(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"std " + strings.TrimPrefix(info.GoVersion, "go")}
	for _, m := range info.Deps {
		want = append(want, m.Path+" "+m.Version)
	}
	slices.Sort(got)
	slices.Sort(want)
	if runtime.GOOS == "linux" && !slices.Equal(got, want) {
		t.Errorf("the bill has\n%v\nthe program\n%v", got, want)
	}
	if len(*bill.Dependencies) != len(got)+1 || len(*(*bill.Dependencies)[0].Dependencies) < 10 {
		t.Errorf("%d dependencies of %d components", len(*bill.Dependencies), len(got))
	}
}

// billSchema is that of CycloneDX, as its module brings it along.
func billSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go").Output()
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	const base = "http://cyclonedx.org/schema/"
	for _, name := range []string{"bom-1.6.schema.json", "spdx.schema.json", "jsf-0.82.schema.json"} {
		file := name
		if strings.HasPrefix(name, "jsf") {
			file = "jsf-0.82.schemax.json"
		}
		text, err := os.Open(filepath.Join(strings.TrimSpace(string(dir)), "schema", file))
		if err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(text)
		if err := errors.Join(err, text.Close(), compiler.AddResource(base+name, document)); err != nil {
			t.Fatal(err)
		}
	}
	schema, err := compiler.Compile(base + "bom-1.6.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// wantManifest: a real API server takes each object of the install manifest.
func (r release) wantManifest(t *testing.T) {
	text := r.read(t, manifestFile)
	if got := strings.Count(string(text), "image: "+image+":"+version+"\n"); got != 1 {
		t.Errorf("%d containers have the image of the release", got)
	}
	env := testenv.Start(t, testenv.WithoutCRDs())
	c, err := client.New(env.Config, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	applied := 0
	for decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096); ; applied++ {
		var o unstructured.Unstructured
		if err := decoder.Decode(&o); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		apply := client.ApplyConfigurationFromUnstructured(&o)
		if err := c.Apply(t.Context(), apply, client.FieldOwner("release-test"), client.ForceOwnership); err != nil {
			t.Fatalf("%s %s: %v", o.GetKind(), o.GetName(), err)
		}
	}
	if applied < 30 {
		t.Errorf("only %d objects", applied)
	}
}

// wantSameChartAndManifest: what is made once more has the same bytes. `make verify-release` asks that of everything.
func (r release) wantSameChartAndManifest(t *testing.T) {
	again := r
	again.out = t.TempDir()
	if err := errors.Join(again.chart(), again.manifest(), again.materials()); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(again.out)
	if err != nil || len(entries) != 4 {
		t.Fatalf("%d files, %v", len(entries), err)
	}
	for _, entry := range entries {
		if !bytes.Equal(r.read(t, entry.Name()), again.read(t, entry.Name())) {
			t.Errorf("%s differs", entry.Name())
		}
	}
}

func TestVersions(t *testing.T) {
	for _, v := range []string{"", "0.1.0", "v1", "v01.0.0", "v1.0.0+dirty", "v1.0.0/../x", "v1.0.0-"} {
		if err := (release{version: v, out: t.TempDir()}).make(); err == nil || !strings.Contains(err.Error(), "no version") {
			t.Errorf("%q: %v", v, err)
		}
	}
}
