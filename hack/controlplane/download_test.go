// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var everyName = []string{"etcd", "kube-apiserver", "kube-controller-manager", "kubectl"}

func TestDownload(t *testing.T) {
	archived := zipped(t, "etcd", "kube-apiserver", "kubectl")
	manager := []byte("kube-controller-manager")
	tests := map[string]struct {
		version     string
		archiveSum  string
		managerSum  string
		wantMissing []string
		wantErr     string
	}{
		"everything": {
			version: "v1.2.3", archiveSum: sum(archived), managerSum: sum(manager),
		},
		"version not in the index": {
			version: "v1.2.4", archiveSum: sum(archived), managerSum: sum(manager),
			wantMissing: everyName, wantErr: "the index has no envtest-v1.2.4-linux-amd64.tar.gz",
		},
		"archive altered": {
			version: "v1.2.3", archiveSum: sum(manager), managerSum: sum(manager),
			wantMissing: everyName, wantErr: "SHA-512",
		},
		"release altered": {
			version: "v1.2.3", archiveSum: sum(archived), managerSum: sum(archived),
			wantMissing: []string{"kube-controller-manager"}, wantErr: "SHA-512",
		},
		"release not published": {
			version: "v1.2.3", archiveSum: sum(archived),
			wantMissing: []string{"kube-controller-manager"}, wantErr: "404",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			mux := http.NewServeMux()
			server := httptest.NewServer(mux)
			defer server.Close()
			serve(mux, "/archive", archived)
			serve(mux, "/index", indexOf("v1.2.3", test.archiveSum, server.URL+"/archive"))
			if test.managerSum != "" {
				serve(mux, "/v1.2.3/bin/linux/amd64/kube-controller-manager", manager)
				serve(mux, "/v1.2.3/bin/linux/amd64/kube-controller-manager.sha512", []byte(test.managerSum+"\n"))
			}
			d := &downloader{
				client: server.Client(), index: server.URL + "/index", release: server.URL,
				version: test.version, platform: "linux-amd64", log: &bytes.Buffer{},
			}
			dir := t.TempDir()
			err := d.fetch(context.Background(), everyName, dir)
			if got := missing(dir, everyName); !slices.Equal(got, test.wantMissing) {
				t.Errorf("missing %v, want %v", got, test.wantMissing)
			}
			if test.wantErr == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if !errors.Is(err, errNotAvailable) || !strings.Contains(err.Error(), test.wantErr) {
				t.Fatalf("error %v, want not available and %q", err, test.wantErr)
			}
		})
	}
}

func TestDownloadWithoutNetworkIsNotAvailable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	d := &downloader{client: http.DefaultClient, index: server.URL, version: "v1.2.3", log: &bytes.Buffer{}}
	if err := d.fetch(context.Background(), everyName, t.TempDir()); !errors.Is(err, errNotAvailable) {
		t.Fatalf("error %v", err)
	}
}

func TestDownloadStopsWhenInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	d := &downloader{client: http.DefaultClient, index: "http://127.0.0.1:1", version: "v1.2.3", log: &bytes.Buffer{}}
	if err := d.fetch(ctx, everyName, t.TempDir()); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
}

func TestFindArchiveTakesTheNamedPlatform(t *testing.T) {
	index := `releases:
  v1.36.3:
    envtest-v1.36.3-darwin-arm64.tar.gz:
      hash: aaaa
      selfLink: https://example.com/darwin
    envtest-v1.36.3-linux-amd64.tar.gz:
      hash: bbbb
      selfLink: https://example.com/linux
`
	got, err := findArchive(strings.NewReader(index), "envtest-v1.36.3-linux-amd64.tar.gz")
	if err != nil {
		t.Fatal(err)
	}
	if want := (archive{url: "https://example.com/linux", sha512: "bbbb"}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestExtractIgnoresDirectoriesInNames(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "archive")
	if err := os.WriteFile(file, zipped(t, "../../outside", "etcd"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := extract(file, []string{"etcd", "outside"}, dir); err != nil {
		t.Fatal(err)
	}
	if lacking := missing(dir, []string{"etcd", "outside"}); len(lacking) > 0 {
		t.Errorf("not in the directory: %v", lacking)
	}
}

func zipped(t *testing.T, names ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	compressed := gzip.NewWriter(&out)
	writer := tar.NewWriter(compressed)
	for _, name := range names {
		header := &tar.Header{Name: "controller-tools/envtest/" + name, Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(name))}
		if err := writer.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := writer.Write([]byte(name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(writer.Close(), compressed.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func indexOf(version, sum, url string) []byte {
	return fmt.Appendf(nil, "releases:\n  %s:\n    envtest-%s-linux-amd64.tar.gz:\n      hash: %s\n      selfLink: %s\n",
		version, version, sum, url)
}

func serve(mux *http.ServeMux, path string, content []byte) {
	mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) })
}

func sum(content []byte) string {
	digest := sha512.Sum512(content)
	return hex.EncodeToString(digest[:])
}
