package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
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
	// Not with a client of client-go: it asks for a logger, which the API server
	// sets up in this process at the same time.
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return fmt.Errorf("a client for %s: %w", id.kubeconfig, err)
	}
	var last error
	err = wait.PollUntilContextTimeout(context.Background(), readyPoll, apiServerStart, true, func(ctx context.Context) (bool, error) {
		last = askReady(ctx, client, config.Host)
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("the API server was not ready within %s: %w", apiServerStart, last)
	}
	return nil
}

func askReady(ctx context.Context, client *http.Client, host string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, host+"/readyz", nil)
	if err != nil {
		return err
	}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s says %s", request.URL, answer.Status)
	}
	return nil
}
