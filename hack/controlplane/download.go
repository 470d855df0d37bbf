// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

const (
	// The index of test binaries that controller-runtime's own tools read: etcd, kube-apiserver and kubectl.
	indexURL = "https://raw.githubusercontent.com/kubernetes-sigs/controller-tools/HEAD/envtest-releases.yaml"
	// The Kubernetes project's releases; kube-controller-manager is published for Linux only.
	releaseURL = "https://dl.k8s.io/release"
	// A network that refuses is noticed quickly, a slow one may take its time.
	connectTimeout  = 5 * time.Second
	downloadTimeout = 10 * time.Minute
	// No archive or binary is near this; it bounds what a broken server makes us write.
	maxDownload = 1 << 30
)

type downloader struct {
	client            *http.Client
	index, release    string
	version, platform string
	log               io.Writer
}

func newDownloader(version string, log io.Writer) *downloader {
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: connectTimeout}).DialContext,
		TLSHandshakeTimeout:   connectTimeout,
		ResponseHeaderTimeout: connectTimeout,
	}
	return &downloader{
		client:   &http.Client{Transport: transport, Timeout: downloadTimeout},
		index:    indexURL,
		release:  releaseURL,
		version:  version,
		platform: runtime.GOOS + "-" + runtime.GOARCH,
		log:      log,
	}
}

// fetch is a source: whatever goes wrong, building from the modules is still possible.
func (d *downloader) fetch(ctx context.Context, names []string, dir string) error {
	err := d.fetchArchive(ctx, names, dir)
	if err == nil && slices.Contains(names, "kube-controller-manager") {
		err = d.fetchRelease(ctx, "kube-controller-manager", dir)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("prebuilt binaries: %w: %w", errNotAvailable, err)
	}
	return nil
}

func (d *downloader) fetchArchive(ctx context.Context, names []string, dir string) error {
	if len(names) == 1 && names[0] == "kube-controller-manager" {
		return nil
	}
	index, err := d.get(ctx, d.index)
	if err != nil {
		return err
	}
	defer index.Close()
	entry, err := findArchive(index, fmt.Sprintf("envtest-%s-%s.tar.gz", d.version, d.platform))
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "archive.tar.gz")
	if err := d.save(ctx, entry.url, entry.sha512, file); err != nil {
		return err
	}
	return extract(file, names, dir)
}

func (d *downloader) fetchRelease(ctx context.Context, name, dir string) error {
	url := fmt.Sprintf("%s/%s/bin/%s/%s", d.release, d.version, strings.ReplaceAll(d.platform, "-", "/"), name)
	body, err := d.get(ctx, url+".sha512")
	if err != nil {
		return err
	}
	defer body.Close()
	sum, err := io.ReadAll(io.LimitReader(body, 256))
	if err != nil {
		return fmt.Errorf("read the checksum of %s: %w", name, err)
	}
	fields := strings.Fields(string(sum))
	if len(fields) == 0 {
		return fmt.Errorf("the checksum of %s is empty", name)
	}
	file := filepath.Join(dir, name+".part")
	if err := d.save(ctx, url, fields[0], file); err != nil {
		return err
	}
	if err := os.Chmod(file, 0o755); err != nil {
		return err
	}
	return os.Rename(file, filepath.Join(dir, name))
}

func (d *downloader) get(ctx context.Context, url string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := d.client.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		_ = response.Body.Close()
		return nil, fmt.Errorf("%s answers %s", url, response.Status)
	}
	return response.Body, nil
}

// save writes what url serves to file, and fails unless its SHA-512 is the one expected, in hexadecimal.
func (d *downloader) save(ctx context.Context, url, sum, file string) error {
	fmt.Fprintf(d.log, "downloading %s\n", url)
	body, err := d.get(ctx, url)
	if err != nil {
		return err
	}
	defer body.Close()
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	hash := sha512.New()
	_, err = io.Copy(io.MultiWriter(out, hash), io.LimitReader(body, maxDownload))
	if err := errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("download %s: %w", url, err)
	}
	if got := hex.EncodeToString(hash.Sum(nil)); !strings.EqualFold(got, sum) {
		return fmt.Errorf("download %s: SHA-512 is %s, expected %s", url, got, sum)
	}
	return nil
}

type archive struct{ url, sha512 string }

// findArchive reads the index as far as the archive's entry. The index is YAML of one fixed shape:
//
//	releases:
//	  v1.36.3:
//	    envtest-v1.36.3-linux-amd64.tar.gz:
//	      hash: 0123...
//	      selfLink: https://...
func findArchive(index io.Reader, name string) (archive, error) {
	var found archive
	inside := false
	scanner := bufio.NewScanner(index)
	for scanner.Scan() {
		key, value, _ := strings.Cut(strings.TrimSpace(scanner.Text()), ":")
		value = strings.Trim(strings.TrimSpace(value), `"'`)
		switch {
		case value == "":
			inside = strings.Trim(key, `"'`) == name
		case inside && key == "hash":
			found.sha512 = value
		case inside && key == "selfLink":
			found.url = value
		}
		if found.url != "" && found.sha512 != "" {
			return found, nil
		}
	}
	if err := scanner.Err(); err != nil {
		return archive{}, fmt.Errorf("read the index: %w", err)
	}
	return archive{}, fmt.Errorf("the index has no %s", name)
}

// extract takes the named files out of the archive, by their base names.
func extract(file string, names []string, dir string) error {
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close()
	unzipped, err := gzip.NewReader(in)
	if err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	for reader := tar.NewReader(unzipped); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("unpack: %w", err)
		}
		name := path.Base(header.Name)
		if header.Typeflag != tar.TypeReg || !slices.Contains(names, name) {
			continue
		}
		if err := writeExecutable(filepath.Join(dir, name), io.LimitReader(reader, maxDownload)); err != nil {
			return fmt.Errorf("unpack %s: %w", name, err)
		}
	}
}

// writeExecutable lets the file appear under its name only when it is whole.
func writeExecutable(file string, content io.Reader) error {
	part := file + ".part"
	out, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, content)
	if err := errors.Join(err, out.Close()); err != nil {
		return err
	}
	return os.Rename(part, file)
}
