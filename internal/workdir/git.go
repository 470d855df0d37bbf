// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package workdir

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// Checkout is the Git repository around a directory. Empty fields are not known.
type Checkout struct {
	// URL of the remote origin, without credentials.
	URL string
	// Branch that is checked out.
	Branch string
	// Path of the directory in the repository, with slashes; . is its root.
	Path string
}

// FindCheckout looks upward from the directory for a repository and reads its own files; it starts no program. It returns
// nothing where there is none.
func FindCheckout(dir string) (Checkout, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return Checkout{}, fmt.Errorf("look for a repository: %w", err)
	}
	for top := start; ; top = filepath.Dir(top) {
		info, err := os.Stat(filepath.Join(top, ".git"))
		switch {
		case err == nil && info.IsDir():
			return readCheckout(top, start)
		case err == nil: // A linked working tree or a submodule, whose configuration is elsewhere.
			return Checkout{}, nil
		case !errors.Is(err, fs.ErrNotExist):
			return Checkout{}, fmt.Errorf("look for a repository: %w", err)
		case top == filepath.Dir(top):
			return Checkout{}, nil
		}
	}
}

func readCheckout(top, dir string) (Checkout, error) {
	relative, err := filepath.Rel(top, dir)
	if err != nil {
		return Checkout{}, fmt.Errorf("look for a repository: %w", err)
	}
	found := Checkout{Path: filepath.ToSlash(relative)}
	head, err := os.ReadFile(filepath.Join(top, ".git", "HEAD"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Checkout{}, fmt.Errorf("look for a repository: %w", err)
	}
	if branch, ok := strings.CutPrefix(strings.TrimSpace(string(head)), "ref: refs/heads/"); ok {
		found.Branch = branch
	}
	config, err := os.ReadFile(filepath.Join(top, ".git", "config"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Checkout{}, fmt.Errorf("look for a repository: %w", err)
	}
	found.URL = withoutCredentials(origin(string(config)))
	return found, nil
}

// origin is the address of the remote origin in a Git configuration.
func origin(config string) string {
	section := ""
	for scanner := bufio.NewScanner(strings.NewReader(config)); scanner.Scan(); {
		line := strings.TrimSpace(scanner.Text())
		if strings.HasPrefix(line, "[") {
			section = line
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		if section == `[remote "origin"]` && strings.TrimSpace(key) == "url" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// withoutCredentials drops a user and a password or token from an http address. One of SSH names its user, which is no
// secret.
func withoutCredentials(address string) string {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return address
	}
	parsed.User, parsed.RawQuery, parsed.Fragment = nil, "", ""
	return parsed.String()
}
