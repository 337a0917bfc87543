// Command controlplane is a whole Kubernetes control plane on loopback, one
// process a component: etcd, kube-apiserver, kube-controller-manager and
// kube-scheduler, compiled from the very modules Kubernetes is released from.
//
// A process ends on SIGTERM and SIGINT, and may be killed and started again
// with the same flags: what it needs to know of itself lies in its directory. Logs go to stderr; stdout carries one line, "ready", of etcd and
// of the API server as soon as they answer.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
)

// A component is one process of the control plane. Its run takes the arguments
// after the component's name and returns when the process shall end.
type component struct {
	name string
	run  func(args []string) error
}

var components = []component{
	{"etcd", runEtcd},
	{"apiserver", runAPIServer},
	{"controller-manager", runControllerManager},
	{"scheduler", runScheduler},
}

func main() {
	err := run(os.Args[1:])
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return
	}
	fmt.Fprintln(os.Stderr, "controlplane:", err)
	os.Exit(1)
}

func run(args []string) error {
	if len(args) > 0 {
		for _, c := range components {
			if c.name == args[0] {
				return c.run(args[1:])
			}
		}
	}
	names := ""
	for _, c := range components {
		names += " " + c.name
	}
	return fmt.Errorf("the first argument must name a component, one of:%s", names)
}
