// Copyright 2026 The isms-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package testenv

import (
	"context"
	"fmt"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/utils/ptr"
)

// As is a configuration that acts as the user, with the groups and system:authenticated.
func (e *Env) As(user string, groups ...string) *rest.Config {
	config := rest.CopyConfig(e.Config)
	config.Impersonate = rest.ImpersonationConfig{
		UserName: user,
		Groups:   append([]string{"system:authenticated"}, groups...),
	}
	return config
}

// AsServiceAccount is a configuration that acts as the service account, with the groups that the API server gives it.
func (e *Env) AsServiceAccount(namespace, name string) *rest.Config {
	return e.As(fmt.Sprintf("system:serviceaccount:%s:%s", namespace, name),
		"system:serviceaccounts", "system:serviceaccounts:"+namespace)
}

// WithToken is a configuration with a token of the service account, as a pod gets one. Unlike AsServiceAccount it is the
// account itself, not somebody who may act as it. The token is valid for two hours.
func (e *Env) WithToken(ctx context.Context, namespace, name string) (*rest.Config, error) {
	client, err := kubernetes.NewForConfig(e.Config)
	if err != nil {
		return nil, fmt.Errorf("token of %s: %w", name, err)
	}
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: ptr.To[int64](7200)}}
	token, err := client.CoreV1().ServiceAccounts(namespace).CreateToken(ctx, name, request, metav1.CreateOptions{})
	if err != nil {
		return nil, fmt.Errorf("token of %s: %w", name, err)
	}
	config := rest.AnonymousClientConfig(e.Config)
	config.QPS, config.BearerToken = e.Config.QPS, token.Status.Token
	return config, nil
}

// WriteKubeconfig writes the configuration, its impersonation too, to a kubeconfig file of mode 0600. The credentials
// stand in the file, so that it works from anywhere on the machine.
func WriteKubeconfig(config *rest.Config, file string) error {
	const name = "local"
	kubeconfig := clientcmdapi.NewConfig()
	kubeconfig.Clusters[name] = &clientcmdapi.Cluster{
		Server:                   config.Host,
		CertificateAuthorityData: config.CAData,
	}
	kubeconfig.AuthInfos[name] = &clientcmdapi.AuthInfo{
		ClientCertificateData: config.CertData,
		ClientKeyData:         config.KeyData,
		Token:                 config.BearerToken,
		Impersonate:           config.Impersonate.UserName,
		ImpersonateGroups:     config.Impersonate.Groups,
	}
	kubeconfig.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
	kubeconfig.CurrentContext = name
	if err := clientcmd.WriteToFile(*kubeconfig, file); err != nil {
		return fmt.Errorf("write kubeconfig %s: %w", file, err)
	}
	return nil
}
