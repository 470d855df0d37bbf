// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package system

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/yaml"

	isms "github.com/isms-operator/isms-operator/api/v1alpha1"
	"github.com/isms-operator/isms-operator/internal/catalogue"
	"github.com/isms-operator/isms-operator/internal/ledger"
	"github.com/isms-operator/isms-operator/internal/starter"
	"github.com/isms-operator/isms-operator/internal/testenv"
)

// The chart is installed under other names than config/default, so that nothing rests on those.
const (
	chartNamespace = "acme-system"
	chartAccount   = "acme-isms-operator-controller-manager"
)

// TestRightsOfTheChart runs the program as the account of the chart, with its default values and nothing else, on the sample
// ISMS, the starter, and a rule on each kind that the chart lets it read. The API server's audit log then says two things: nothing
// was refused, and each right was used. The process talks to the API server and to nobody else.
func TestRightsOfTheChart(t *testing.T) {
	env := testenv.Start(t, testenv.WithoutCRDs(), testenv.WithControllerManager(), testenv.WithAudit(chartNamespace, chartAccount),
		testenv.WithAPIServerFlag("request-timeout", "6s"))
	w := &leastWorld{world: &world{T: t, client: newClient(t, env.Config)}, env: env}
	w.installChart()
	w.sampleISMS()
	w.starterISMS()
	w.oldLogs()
	p := launchIn(t, env, chartNamespace, chartAccount, "--leader-elect", "--leader-election-namespace="+chartNamespace,
		"--leader-elect-retry-period=2s", "--metrics-bind-address=0", "--signing-key-dir="+w.signingKey())
	peers := watchPeers(t, p)
	w.everyKind()
	w.flip()
	w.eventually(func() string {
		used := w.used()
		unused := slices.DeleteFunc(w.granted(), func(right string) bool { return used[right] })
		if len(unused) > 0 {
			return fmt.Sprintf("granted and never used:\n%s", strings.Join(unused, "\n"))
		}
		return ""
	})
	w.onlyTheAPIServer(peers())
	if got := p.errors(); len(got) > 0 {
		t.Errorf("logged as errors:\n%s", strings.Join(tail(got, 10), "\n"))
	}
	p.stop()
	for _, refused := range w.refused() {
		t.Errorf("refused: %s", refused)
	}
}

// leastWorld is a cluster in which the chart is installed, with an audit log.
type leastWorld struct {
	*world
	env   *testenv.Env
	roles map[string]role // by kind and name
	bound []rbacv1.RoleRef
}

// role is a Role or a ClusterRole.
type role struct {
	labels     map[string]string
	rules      []rbacv1.PolicyRule
	aggregates bool
}

// installChart installs the chart as its default values have it, and keeps its roles as they are rendered.
func (w *leastWorld) installChart() {
	w.Helper()
	w.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: chartNamespace}})
	var rendered, complaints bytes.Buffer
	command := exec.CommandContext(w.Context(), "go", "-C", "hack/helm", "run", "-buildvcs=false", "./template", "-name", "acme", "-namespace", chartNamespace)
	command.Dir, command.Stdout, command.Stderr = moduleRoot(w.T), &rendered, &complaints
	if err := command.Run(); err != nil {
		w.Fatalf("%v\n%s", err, complaints.String())
	}
	file := filepath.Join(w.TempDir(), "chart.yaml")
	if err := os.WriteFile(file, rendered.Bytes(), 0o600); err != nil {
		w.Fatal(err)
	}
	w.kubectl("apply", "--server-side", "-f", file)
	w.roles = map[string]role{}
	for _, document := range strings.Split("\n"+rendered.String(), "\n---") {
		var o struct {
			metav1.TypeMeta `json:",inline"`
			Metadata        metav1.ObjectMeta
			Rules           []rbacv1.PolicyRule
			AggregationRule *rbacv1.AggregationRule
			RoleRef         rbacv1.RoleRef
			Subjects        []rbacv1.Subject
		}
		if err := yaml.Unmarshal([]byte(document), &o); err != nil {
			w.Fatal(err)
		}
		switch o.Kind {
		case "Role", "ClusterRole":
			w.roles[o.Kind+" "+o.Metadata.Name] = role{o.Metadata.Labels, o.Rules, o.AggregationRule != nil}
		case "RoleBinding", "ClusterRoleBinding":
			if slices.Contains(o.Subjects, rbacv1.Subject{Kind: "ServiceAccount", Namespace: chartNamespace, Name: chartAccount}) {
				w.bound = append(w.bound, o.RoleRef)
			}
		}
	}
}

func (w *leastWorld) kubectl(args ...string) {
	w.Helper()
	run(w.T, kubectl(w.T), append([]string{"--kubeconfig", testenv.Kubeconfig(w.T, w.env.Config)}, args...)...)
}

// rules are those that reach the operator's account, aggregated ones among them.
func (w *leastWorld) rules() []rbacv1.PolicyRule {
	w.Helper()
	var rules []rbacv1.PolicyRule
	for _, ref := range w.bound {
		r, ok := w.roles[ref.Kind+" "+ref.Name]
		if !ok {
			w.Fatalf("%s %s is bound, and the chart has none", ref.Kind, ref.Name)
		}
		rules = append(rules, r.rules...)
		if !r.aggregates {
			continue
		}
		for _, part := range w.roles {
			if part.labels["isms-operator.io/aggregate-to-evidence"] == "true" {
				rules = append(rules, part.rules...)
			}
		}
	}
	return rules
}

// granted are all rights, as verb and resource, sorted.
func (w *leastWorld) granted() []string {
	w.Helper()
	all := map[string]bool{}
	for _, rule := range w.rules() {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					all[right(verb, group, resource)] = true
				}
			}
		}
	}
	if len(all) < 50 {
		w.Fatalf("%d rights", len(all))
	}
	return slices.Sorted(maps.Keys(all))
}

func right(verb, group, resource string) string {
	return verb + " " + schema.GroupResource{Group: group, Resource: resource}.String()
}

// used are the rights that were needed so far. A server-side apply that creates needs the right to create, too.
func (w *leastWorld) used() map[string]bool {
	w.Helper()
	used := map[string]bool{}
	for _, e := range w.audited() {
		if e.ObjectRef == nil || e.Annotations["authorization.k8s.io/decision"] != "allow" {
			continue
		}
		resource := e.ObjectRef.Resource
		if e.ObjectRef.Subresource != "" {
			resource += "/" + e.ObjectRef.Subresource
		}
		used[right(e.Verb, e.ObjectRef.APIGroup, resource)] = true
		if strings.Contains(e.RequestURI, "sendInitialEvents=true") {
			used[right("list", e.ObjectRef.APIGroup, resource)] = true // by the name of a watch; older API servers know lists alone
		}
		if e.Verb == "patch" && e.ResponseStatus != nil && e.ResponseStatus.Code == http.StatusCreated {
			used[right("create", e.ObjectRef.APIGroup, resource)] = true
		}
	}
	return used
}

// refused are the requests that the API server answered with 401 or 403.
func (w *leastWorld) refused() []string {
	w.Helper()
	var out []string
	for _, e := range w.audited() {
		if s := e.ResponseStatus; s != nil && (s.Code == http.StatusForbidden || s.Code == http.StatusUnauthorized) {
			out = append(out, fmt.Sprintf("%s %s: %s", e.Verb, e.RequestURI, e.Annotations["authorization.k8s.io/reason"]))
		}
	}
	return out
}

func (w *leastWorld) audited() []auditv1.Event {
	w.Helper()
	events, err := w.env.Audit()
	if err != nil {
		w.Fatal(err)
	}
	return events
}

// sampleISMS applies config/samples.
func (w *leastWorld) sampleISMS() {
	w.Helper()
	w.kubectl("apply", "--server-side", "-k", "config/samples")
}

// starterISMS writes the starter's Controls into a namespace of their own.
func (w *leastWorld) starterISMS() {
	w.Helper()
	w.isms("starter")
	w.serveCompanions()
	w.setParameters()
	owner := func(role string) isms.Person { return isms.Person{Name: isms.ShortText(role)} }
	for _, template := range starter.Controls() {
		w.create(template.Control(starter.Values{Scope: "acme", Namespace: w.home, Owner: owner}))
	}
	w.awaitRules("acme-isms-operator-evidence") // with those for the companions
}

// oldLogs writes logs from before the time for which logs are kept, as a restore would.
func (w *leastWorld) oldLogs() {
	w.Helper()
	restore := newClient(w.T, w.env.As("system:serviceaccount:"+chartNamespace+":acme-isms-operator-restore", "system:masters"))
	head := ledger.Head{Key: ledger.Key{Scope: ledger.Scope{Namespace: w.home, Name: "acme"}, Series: isms.SeriesControl, ControlID: "A.8.9"}}
	var last *isms.EvidenceLog
	for number, result := range []isms.EvidenceResult{isms.EvidencePass, isms.EvidenceFail} {
		log := &isms.EvidenceLog{
			ObjectMeta: metav1.ObjectMeta{Namespace: w.home, Name: ledger.LogName(head.Key, int64(number+1))}, Spec: ledger.Next(head.Key, last),
		}
		var entry isms.LogEntry
		var err error
		entry, head, err = ledger.Append(head, isms.LogEntry{
			Epoch: 1, Type: isms.LogEvidenceChanged, Item: "rule", Result: result, Reason: isms.ReasonObjectsPassed,
			ObservedTime: metav1.NewTime(time.Date(2019, 1, 1+number, 0, 0, 0, 0, time.UTC)), OperatorVersion: "0.1.0",
		})
		if err != nil {
			w.Fatal(err)
		}
		log.Spec.Entries = []isms.LogEntry{entry}
		if err := restore.Create(w.Context(), log); err != nil {
			w.Fatal(err)
		}
		last = log
	}
}

// signingKey makes a directory with a key.
func (w *leastWorld) signingKey() string {
	w.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		w.Fatal(err)
	}
	private, _, err := ledger.MarshalKey(key)
	if err != nil {
		w.Fatal(err)
	}
	dir := w.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "2026.key"), private, 0o600); err != nil {
		w.Fatal(err)
	}
	return dir
}

// notServed are the kinds of the evidence roles that neither this cluster has nor the starter knows.
var notServed = map[string]string{
	"gatewayclasses": "GatewayClass", "gateways": "Gateway", "grpcroutes": "GRPCRoute", "httproutes": "HTTPRoute", "tlsroutes": "TLSRoute",
	"certificaterequests": "CertificateRequest", "certificates": "Certificate", "clusterissuers": "ClusterIssuer", "issuers": "Issuer",
}

// everyKind writes a rule about each kind that the evidence roles let the operator read, serving those that are missing.
func (w *leastWorld) everyKind() {
	w.Helper()
	w.isms("kinds")
	var ids []isms.ControlID
	for _, c := range catalogue.Controls() {
		ids = append(ids, isms.ControlID(c.ID))
	}
	served := w.served()
	for _, part := range w.roles {
		if part.labels["isms-operator.io/aggregate-to-evidence"] != "true" {
			continue
		}
		for _, rule := range part.rules {
			for _, resource := range rule.Resources {
				gr := schema.GroupResource{Group: rule.APIGroups[0], Resource: resource}
				kind, ok := served[gr]
				if !ok {
					kind = w.serve(gr)
				}
				w.control(string(ids[0]), kind.GroupVersion().String(), kind.Kind, `object.metadata.name != ""`)
				ids = ids[1:]
			}
		}
	}
}

// served are the kinds that the cluster has, by resource.
func (w *leastWorld) served() map[schema.GroupResource]schema.GroupVersionKind {
	w.Helper()
	d, err := discovery.NewDiscoveryClientForConfig(w.env.Config)
	if err != nil {
		w.Fatal(err)
	}
	lists, err := d.ServerPreferredResources()
	if err != nil {
		w.Fatal(err)
	}
	out := map[schema.GroupResource]schema.GroupVersionKind{}
	for _, list := range lists {
		version, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			w.Fatal(err)
		}
		for _, r := range list.APIResources {
			out[schema.GroupResource{Group: version.Group, Resource: r.Name}] = version.WithKind(r.Kind)
		}
	}
	return out
}

func (w *leastWorld) serve(r schema.GroupResource) schema.GroupVersionKind {
	w.Helper()
	kind := schema.GroupVersionKind{Group: r.Group, Version: "v1", Kind: notServed[r.Resource]}
	if kind.Kind == "" {
		w.Fatalf("the kind of %s is not known", r)
	}
	w.create(definitionOf(kind, starter.Kind{Kind: kind.Kind, Resource: r.Resource, Namespaced: isms.Yes}))
	return kind
}

// flip turns a verdict to and fro: the events of the second time are counted on those of the first.
func (w *leastWorld) flip() {
	w.Helper()
	flipping := &world{T: w.T, client: w.client}
	flipping.isms("flips")
	flipping.create(flipping.pod("web", "yes"))
	c := flipping.approvedPods("A.8.9")
	for range 2 {
		flipping.want(c, isms.ResultEffective, isms.EvidencePass, isms.ReasonObjectsPassed)
		flipping.merge(flipping.pod("web", ""), `{"metadata":{"labels":{"approved":"no"}}}`)
		flipping.want(c, isms.ResultIneffective, isms.EvidenceFail, isms.ReasonObjectsFailed, "web")
		flipping.merge(flipping.pod("web", ""), `{"metadata":{"labels":{"approved":"yes"}}}`)
	}
}
