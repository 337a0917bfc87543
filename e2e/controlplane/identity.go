package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/keyutil"
)

// admin is the user whose token may do everything.
const admin = "admin"

// An identity is what an API server is known by: paths of files in its folder.
type identity struct {
	serving    string // key, certificate and CA certificate, PEM
	signing    string // key of service account tokens, PEM
	tokens     string // static tokens, one user a line
	kubeconfig string // one context a user, named like the user; admin is current
}

// establish makes what is missing of the identity in dir. Keys, certificate
// and the token of admin are made once; users are those of this start.
func establish(dir string, port int, users []user) (identity, error) {
	id := identity{
		serving:    filepath.Join(dir, "serving.pem"),
		signing:    filepath.Join(dir, "signing.pem"),
		tokens:     filepath.Join(dir, "tokens.csv"),
		kubeconfig: filepath.Join(dir, "kubeconfig"),
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return id, err
	}
	serving, err := keep(id.serving, newServing)
	if err != nil {
		return id, err
	}
	if _, err := keep(id.signing, newSigning); err != nil {
		return id, err
	}
	token, err := keep(filepath.Join(dir, "admin.token"), newToken)
	if err != nil {
		return id, err
	}
	users = append([]user{{name: admin, token: string(token), groups: "system:masters"}}, users...)
	if err := write(id.tokens, tokenFile(users)); err != nil {
		return id, err
	}
	config, err := kubeconfig(serving, port, users)
	if err != nil {
		return id, err
	}
	return id, write(id.kubeconfig, config)
}

// keep reads the file at path, which it makes if there is none.
func keep(path string, make func() ([]byte, error)) ([]byte, error) {
	content, err := os.ReadFile(path)
	if !errors.Is(err, os.ErrNotExist) {
		return content, err
	}
	if content, err = make(); err != nil {
		return nil, fmt.Errorf("making %s: %w", path, err)
	}
	return content, write(path, content)
}

// write leaves the old file or the new one, nothing between, if it is killed.
func write(path string, content []byte) error {
	part := path + ".part"
	if err := os.WriteFile(part, content, 0o600); err != nil {
		return err
	}
	return os.Rename(part, path)
}

func newServing() ([]byte, error) {
	certificates, key, err := cert.GenerateSelfSignedCertKey("localhost", []net.IP{net.IPv4(127, 0, 0, 1)}, nil)
	return append(key, certificates...), err
}

func newSigning() ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return keyutil.MarshalPrivateKeyToPEM(key)
}

func newToken() ([]byte, error) {
	return []byte(rand.Text()), nil
}

// tokenFile is in the format of --token-auth-file: token, name, uid, groups.
func tokenFile(users []user) []byte {
	var lines strings.Builder
	for _, u := range users {
		fmt.Fprintf(&lines, "%s,%s,%s,%q\n", u.token, u.name, u.name, u.groups)
	}
	return []byte(lines.String())
}

func kubeconfig(serving []byte, port int, users []user) ([]byte, error) {
	const cluster = "e2e"
	config := api.NewConfig()
	config.Clusters[cluster] = &api.Cluster{
		Server:                   "https://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
		CertificateAuthorityData: authority(serving),
	}
	for _, u := range users {
		config.AuthInfos[u.name] = &api.AuthInfo{Token: u.token}
		config.Contexts[u.name] = &api.Context{Cluster: cluster, AuthInfo: u.name}
	}
	config.CurrentContext = admin
	return clientcmd.Write(*config)
}

// authority is the last block of the serving file: the certificate that
// signed the one before it.
func authority(serving []byte) []byte {
	start := bytes.LastIndex(serving, []byte("-----BEGIN "))
	block, _ := pem.Decode(serving[max(start, 0):])
	if block == nil {
		return nil
	}
	return pem.EncodeToMemory(block)
}
