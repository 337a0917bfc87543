package main

import (
	"context"
	"fmt"

	coordinationv1 "k8s.io/api/coordination/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection"
)

// A standing is what a candidate says of itself where the API server
// chooses the leader.
type standing struct {
	binary, emulation string // semantic versions
}

func (s standing) wanted() bool { return s.binary != "" }

// stand makes the LeaseCandidate and answers the API server's pings until ctx
// ends. Its client has no timeout: that would end its watch.
func (s standing) stand(ctx context.Context, config *rest.Config, o options) error {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("a client for %s: %w", o.kubeconfig, err)
	}
	candidate, _, err := leaderelection.NewCandidate(
		client, o.namespace, o.identity, o.lease, s.binary, s.emulation, coordinationv1.OldestEmulationVersion,
	)
	if err != nil {
		return fmt.Errorf("the candidate %s: %w", o.identity, err)
	}
	go candidate.Run(ctx)
	return nil
}
