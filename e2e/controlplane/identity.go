package main

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/keyutil"
)

// admin is the user whose token may do everything.
const admin = "admin"

// An identity is what an API server is known by: paths of files in its folder.
type identity struct {
	serving    string // key and certificate, PEM
	signing    string // key of service account tokens, PEM
	tokens     string // static tokens, one user a line
	kubeconfig string // one context a user, named like the user; admin is current
}

// establish makes what is missing of the identity in dir. The authority, the
// key of tokens and the token of admin are made once; the serving certificate
// is new at each start, as where certificates are rotated, and users are those
// of this start.
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
	authority, err := keep(filepath.Join(dir, "authority.pem"), newAuthority)
	if err != nil {
		return id, err
	}
	serving, err := newServing(authority)
	if err != nil {
		return id, err
	}
	if err := write(id.serving, serving); err != nil {
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
	config, err := kubeconfig(certificateOf(authority), port, users)
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

// newAuthority makes a key, and the certificate that it signs itself.
func newAuthority() ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	certificate, err := cert.NewSelfSignedCACert(cert.Config{CommonName: "e2e"}, key)
	if err != nil {
		return nil, err
	}
	return bundle(key, certificate.Raw)
}

// newServing makes a key, and a certificate for loopback signed by authority.
func newServing(authority []byte) ([]byte, error) {
	ca, err := tls.X509KeyPair(authority, authority)
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		NotBefore:    ca.Leaf.NotBefore,
		NotAfter:     ca.Leaf.NotAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:     []string{"localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}, ca.Leaf, key.Public(), ca.PrivateKey)
	if err != nil {
		return nil, err
	}
	return bundle(key, certificate)
}

func bundle(key crypto.PrivateKey, certificate []byte) ([]byte, error) {
	text, err := keyutil.MarshalPrivateKeyToPEM(key)
	return append(text, certificatePEM(certificate)...), err
}

func certificatePEM(certificate []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: cert.CertificateBlockType, Bytes: certificate})
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

func kubeconfig(authority []byte, port int, users []user) ([]byte, error) {
	const cluster = "e2e"
	config := api.NewConfig()
	config.Clusters[cluster] = &api.Cluster{
		Server:                   "https://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
		CertificateAuthorityData: authority,
	}
	for _, u := range users {
		config.AuthInfos[u.name] = &api.AuthInfo{Token: u.token}
		config.Contexts[u.name] = &api.Context{Cluster: cluster, AuthInfo: u.name}
	}
	config.CurrentContext = admin
	return clientcmd.Write(*config)
}

// certificateOf is the last block of a file with a key and its certificate.
func certificateOf(file []byte) []byte {
	start := bytes.LastIndex(file, []byte("-----BEGIN "))
	return file[max(start, 0):]
}
