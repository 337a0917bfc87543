package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/url"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
)

// etcdStart bounds how long etcd may take until it serves.
const etcdStart = time.Minute

// runEtcd is one etcd member, alone in its cluster, until SIGTERM or SIGINT.
func runEtcd(args []string) error {
	fs := flag.NewFlagSet("etcd", flag.ContinueOnError)
	dir := fs.String("data-dir", "", "folder of the store; made if absent")
	port := fs.Int("client-port", 0, "port on 127.0.0.1 to serve clients at")
	more, err := parse(fs, args, "data-dir", "client-port")
	if err != nil {
		return err
	}
	if len(more) > 0 {
		return fmt.Errorf("etcd takes no flags of its own, got %q", more)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	etcd, err := embed.StartEtcd(etcdConfig(*dir, *port))
	if err != nil {
		return fmt.Errorf("etcd at port %d on %s did not start: %w", *port, *dir, err)
	}
	// Closing the listeners in good order too would wait seconds for the
	// watches of the API server; they end with the process.
	defer etcd.Server.Stop()
	select {
	case <-etcd.Server.ReadyNotify():
		fmt.Println("ready")
	case <-time.After(etcdStart):
		return fmt.Errorf("etcd on %s was not ready within %s", *dir, etcdStart)
	case err := <-etcd.Err():
		return fmt.Errorf("etcd on %s failed before it was ready: %w", *dir, err)
	case <-ctx.Done():
		return nil
	}

	select {
	case err := <-etcd.Err():
		return fmt.Errorf("etcd on %s failed: %w", *dir, err)
	case <-etcd.Server.StopNotify():
		return errors.New("etcd stopped by itself")
	case <-ctx.Done():
		return nil
	}
}

func etcdConfig(dir string, port int) *embed.Config {
	client := loopback(port)
	// It has no peers, but does not start without an address for them.
	peer := loopback(0)

	config := embed.NewConfig()
	config.Dir = dir
	config.ListenClientUrls, config.AdvertiseClientUrls = client, client
	config.ListenPeerUrls, config.AdvertisePeerUrls = peer, peer
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	// The store need not survive the machine, only its process; a busy disk
	// would otherwise show up as late renewals.
	config.UnsafeNoFsync = true
	config.LogLevel = "warn"
	config.LogOutputs = []string{"stderr"}
	return config
}

func loopback(port int) []url.URL {
	return []url.URL{{Scheme: "http", Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(port))}}
}
