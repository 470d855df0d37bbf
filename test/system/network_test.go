// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package system

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The states of a socket, as the kernel's table has them.
const (
	listening = "0A"
	anyRemote = "00000000:0000"
)

// watchPeers notes with whom a process talks, until the function that it returns is called, which says so. Where the
// kernel has no table of sockets it says nothing.
func watchPeers(t *testing.T, p *program) func() []string {
	t.Helper()
	if runtime.GOOS != "linux" {
		return func() []string { return nil }
	}
	seen, done, ended := map[string]bool{}, make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			for _, peer := range peers(p.command.Process.Pid) {
				seen[peer] = true
			}
			select {
			case <-done:
				return
			case <-p.exited:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return func() []string {
		close(done)
		<-ended
		var out []string
		for peer := range seen {
			out = append(out, peer)
		}
		return out
	}
}

// peers are the far ends of a process's sockets, but of those by which others talk to it; `udp` for each socket of UDP,
// which is what a name would be looked up by.
func peers(pid int) []string {
	own := map[string]bool{}
	links, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, link := range links {
		target, _ := os.Readlink(link)
		if inode, ok := strings.CutPrefix(target, "socket:["); ok {
			own[strings.TrimSuffix(inode, "]")] = true
		}
	}
	var served, out []string
	for _, table := range []string{"tcp", "tcp6", "udp", "udp6"} {
		for _, s := range sockets(pid, table, own) {
			switch {
			case strings.HasPrefix(table, "udp"):
				out = append(out, "udp")
			case s.state == listening:
				served = append(served, s.port(s.local))
			case !slices.Contains(served, s.port(s.local)) && !strings.HasSuffix(s.remote, anyRemote):
				out = append(out, s.port(s.remote))
			}
		}
	}
	return out
}

// socket is a line of the table, with addresses as it has them: HEX:PORT.
type socket struct{ local, remote, state string }

// port is the address with its port in decimal, for IPv4 on loopback as one writes it.
func (socket) port(address string) string {
	host, hex, _ := strings.Cut(address, ":")
	port, err := strconv.ParseUint(hex, 16, 16)
	if err != nil {
		return address
	}
	if strings.HasSuffix(host, "0100007F") {
		host = "127.0.0.1"
	}
	return fmt.Sprintf("%s:%d", host, port)
}

func sockets(pid int, table string, own map[string]bool) []socket {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table))
	if err != nil {
		return nil
	}
	var out []socket
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) > 9 && own[fields[9]] {
			out = append(out, socket{fields[1], fields[2], fields[3]})
		}
	}
	return out
}

// onlyTheAPIServer asks that a process has talked to nobody else.
func (w *leastWorld) onlyTheAPIServer(peers []string) {
	w.Helper()
	server, err := url.Parse(w.env.Config.Host)
	if err != nil {
		w.Fatal(err)
	}
	if runtime.GOOS == "linux" && len(peers) == 0 {
		w.Error("no connection was seen, not even to the API server")
	}
	for _, peer := range peers {
		if peer != server.Host && "127.0.0.1:"+server.Port() != peer {
			w.Errorf("the operator talks to %s, and the API server is %s", peer, server.Host)
		}
	}
}
