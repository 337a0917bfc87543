package main

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"

	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

// runAPIServer is kube-apiserver with RBAC on a secure port of loopback. Its
// folder holds its identity, so that a kubeconfig stays good when it is
// started again. Arguments after "--" are flags of kube-apiserver itself.
func runAPIServer(args []string) error {
	var users []user
	fs := flag.NewFlagSet("apiserver", flag.ContinueOnError)
	etcd := fs.String("etcd", "", "URL of etcd")
	dir := fs.String("dir", "", "folder for certificate, tokens and kubeconfig; made if absent")
	port := fs.Int("port", 0, "port on 127.0.0.1 to serve at")
	fs.Func("user", "name=token of a user without any rights (repeatable)", func(value string) error {
		u, err := parseUser(value)
		users = append(users, u)
		return err
	})
	more, err := parse(fs, args, "etcd", "dir", "port")
	if err != nil {
		return err
	}
	id, err := establish(*dir, *port, users)
	if err != nil {
		return err
	}
	go announce(id)
	return runCommand(app.NewAPIServerCommand(), append(apiServerFlags(id, *etcd, *port), more...))
}

// A user is known by its token; admin is in the group that may do everything.
type user struct {
	name, token string
	groups      string
}

func parseUser(value string) (user, error) {
	name, token, found := strings.Cut(value, "=")
	if !found || name == "" || token == "" || name == admin || strings.ContainsAny(value, ",\"\r\n") {
		return user{}, fmt.Errorf("want name=token, without commas and quotes, and not for %s", admin)
	}
	return user{name: name, token: token}, nil
}

func apiServerFlags(id identity, etcd string, port int) []string {
	return []string{
		"--etcd-servers=" + etcd,
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		"--secure-port=" + strconv.Itoa(port),
		"--tls-cert-file=" + id.serving,
		"--tls-private-key-file=" + id.serving,
		"--token-auth-file=" + id.tokens,
		"--authorization-mode=RBAC,Node",
		"--service-cluster-ip-range=10.0.0.0/24",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-signing-key-file=" + id.signing,
		"--service-account-key-file=" + id.signing,
		// Pods are made by tests, not for the sake of a service account.
		"--disable-admission-plugins=ServiceAccount",
		// Nobody reaches this server through the service "kubernetes".
		"--endpoint-reconciler-type=none",
	}
}

// announce prints "ready" once the server has answered so, and ends the
// process if that never happens: a test shall hear of it, not hang.
func announce(id identity) {
	if err := awaitReady(id); err != nil {
		fmt.Fprintln(os.Stderr, "controlplane:", err)
		os.Exit(1)
	}
	fmt.Println("ready")
}
