// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package system

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// killsVariable sets the number of kills; the default keeps `make test` short.
const killsVariable = "ISMS_KILLS"

// TestKilled kills the operator at random moments in a storm of changes, also while it starts. Every few kills the storm
// holds still until all that lasts is recorded.
func TestKilled(t *testing.T) {
	kills := 20
	if text := os.Getenv(killsVariable); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	s := newStorm(t, "killed", 4)
	p := startStormy(t, s)
	s.reflected()
	s.begin()
	for n := range kills {
		time.Sleep(time.Duration(rand.Int64N(int64(5 * time.Second)))) // a random moment is what is tested
		p.alive()
		s.kill(p)
		p = startStormy(t, s)
		if n%5 == 4 {
			s.reflected()
		}
	}
	s.calm()
	s.reflected()
	entries := s.judge()
	t.Logf("%s, %d entries", s.count(), entries)
	if entries < kills {
		t.Errorf("%d entries: that was no storm", entries)
	}
	p.stop()
}

func startStormy(t *testing.T, s *storm) *program {
	t.Helper()
	return launch(t, stormFlags("--metrics-bind-address=0")...)
}

// TestFailover has two replicas with leader election in a storm, and kills one after the other.
func TestFailover(t *testing.T) {
	s := newStorm(t, "failover", 4)
	replica := func() *program {
		return launch(t, stormFlags("--leader-elect", "--leader-election-namespace="+systemNamespace, "--metrics-bind-address=0",
			"--leader-elect-lease-duration=15s", "--leader-elect-renew-deadline=10s", "--leader-elect-retry-period=2s")...)
	}
	replicas := []*program{replica(), replica()}
	s.reflected()
	s.begin()
	for n := range 4 { // at least every other one is the leader
		time.Sleep(time.Duration(rand.Int64N(int64(3 * time.Second))))
		s.kill(replicas[n%2])
		s.reflected() // by the other one, once the lease has run out
		replicas[n%2] = replica()
	}
	s.calm()
	s.reflected()
	entries := s.judge()
	t.Logf("%s, %d entries", s.count(), entries)
	for _, p := range replicas {
		p.stop()
	}
}
