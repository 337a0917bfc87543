package main

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	// apiServerStart bounds how long the API server may take until it is ready.
	apiServerStart = 2 * time.Minute
	// readyPoll is how often readiness is asked for.
	readyPoll = 50 * time.Millisecond
	// readyAnswer bounds one such question.
	readyAnswer = 5 * time.Second
)

// awaitReady returns when /readyz says so to admin: then the roles that RBAC
// starts with exist too.
func awaitReady(id identity) error {
	config, err := clientcmd.BuildConfigFromFlags("", id.kubeconfig)
	if err != nil {
		return fmt.Errorf("reading %s: %w", id.kubeconfig, err)
	}
	config.Timeout = readyAnswer
	config.QPS = -1
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("a client for %s: %w", id.kubeconfig, err)
	}
	var last error
	err = wait.PollUntilContextTimeout(context.Background(), readyPoll, apiServerStart, true, func(ctx context.Context) (bool, error) {
		_, last = client.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("the API server was not ready within %s: %w", apiServerStart, last)
	}
	return nil
}
