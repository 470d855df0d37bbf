// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// requests are how often each thing was asked of an API server, as its own metrics count: "PATCH controls/status".
// A watch is counted when it ends.
type requests map[string]float64

var label = regexp.MustCompile(`(\w+)="([^"]*)"`)

func countRequests(ctx context.Context, config *rest.Config) (requests, error) {
	c, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	raw, err := c.RESTClient().Get().AbsPath("/metrics").DoRaw(ctx)
	if err != nil {
		return nil, fmt.Errorf("metrics of the API server: %w", err)
	}
	out := requests{}
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		rest, ok := strings.CutPrefix(lines.Text(), "apiserver_request_total{")
		if !ok {
			continue
		}
		labels, value, _ := strings.Cut(rest, "} ")
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return nil, fmt.Errorf("metrics of the API server: %w", err)
		}
		out[requestName(labels)] += n
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("metrics of the API server: %w", err)
	}
	return out, nil
}

func requestName(labels string) string {
	l := map[string]string{}
	for _, m := range label.FindAllStringSubmatch(labels, -1) {
		l[m[1]] = m[2]
	}
	name := l["verb"] + " " + l["resource"]
	if l["subresource"] != "" {
		name += "/" + l["subresource"]
	}
	return name
}

// since is what was asked between two counts.
func (r requests) since(before requests) requests {
	out := requests{}
	for name, n := range r {
		if d := n - before[name]; d > 0 {
			out[name] = d
		}
	}
	return out
}

// statusWrites are those of the operator's own kinds.
func (r requests) statusWrites() float64 {
	var n float64
	for _, kind := range []string{"controls", "ismsscopes", "auditcycles", "documents", "attestations"} {
		n += r["PATCH "+kind+"/status"]
	}
	return n
}
