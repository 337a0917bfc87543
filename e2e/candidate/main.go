// Command candidate is an ordinary client-go elector over a Lease, which keeps
// a journal of what it did and when: the truth that an observer is held
// against.
//
// SIGTERM and SIGINT end it with code 0, after it released the lease if it was
// told to; losing the lease ends it with code 1. SIGUSR1 ends the election and
// not the process, as a leader that steps down and lives on. SIGQUIT ends it
// with code 2, as a panic does: that is Go's own doing.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coordinationv1 "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	"e2e/lifeline"
)

func main() {
	options, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		err = run(options)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "candidate:", err)
		os.Exit(1)
	}
}

type options struct {
	kubeconfig, namespace, lease, identity    string
	leaseDuration, renewDeadline, retryPeriod time.Duration
	releaseOnCancel                           bool
	clockSkew                                 time.Duration
	coordinated                               standing
	log                                       string
}

func parse(args []string) (options, error) {
	var o options
	fs := flag.NewFlagSet("candidate", flag.ContinueOnError)
	fs.StringVar(&o.kubeconfig, "kubeconfig", "", "how to reach the API server")
	fs.StringVar(&o.namespace, "namespace", "default", "namespace of the lease")
	fs.StringVar(&o.lease, "lease", "", "name of the lease")
	fs.StringVar(&o.identity, "identity", "", "who this candidate is")
	fs.DurationVar(&o.leaseDuration, "lease-duration", 15*time.Second, "how long others wait after a renewal; whole seconds")
	fs.DurationVar(&o.renewDeadline, "renew-deadline", 10*time.Second, "how long a leader tries to renew")
	fs.DurationVar(&o.retryPeriod, "retry-period", 2*time.Second, "time between tries")
	fs.BoolVar(&o.releaseOnCancel, "release-on-cancel", false, "release the lease on SIGTERM")
	fs.DurationVar(&o.clockSkew, "clock-skew", 0, "how far this candidate's clock is ahead in what it writes")
	fs.StringVar(&o.coordinated.binary, "binary-version", "", "with --emulation-version: leave the choice of the leader to the API server")
	fs.StringVar(&o.coordinated.emulation, "emulation-version", "", "which version the API server shall think this is; the oldest leads")
	fs.StringVar(&o.log, "log", "", "file to append the journal to; standard output if empty")
	tied := fs.Bool("exit-with-stdin", false, "exit when standard input reaches its end")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if fs.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	for _, name := range []string{"kubeconfig", "lease", "identity"} {
		if fs.Lookup(name).Value.String() == "" {
			return o, errors.New("--" + name + " is missing")
		}
	}
	if *tied {
		lifeline.ExitWithStdin()
	}
	return o, nil
}

// run takes part in the election until a signal or the loss of the lease,
// which is an error.
func run(o options) error {
	journal, err := openJournal(o.log, o.identity)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	config, err := clientcmd.BuildConfigFromFlags("", o.kubeconfig)
	if err != nil {
		return fmt.Errorf("reading %s: %w", o.kubeconfig, err)
	}
	if o.coordinated.wanted() {
		if err := o.coordinated.stand(ctx, config, o); err != nil {
			return err
		}
	}
	client, err := newClient(config, o.renewDeadline)
	if err != nil {
		return err
	}
	elector, err := leaderelection.NewLeaderElector(electionOf(o, client, journal))
	if err != nil {
		return err
	}
	term, resign := resignable(ctx)
	defer resign()
	journal.record(entry{Event: "started"})
	elector.Run(term)
	if term.Err() == nil {
		return fmt.Errorf("%s lost the lease %s/%s", o.identity, o.namespace, o.lease)
	}
	<-ctx.Done()
	return nil
}

// resignable is a context that SIGUSR1 ends too.
func resignable(ctx context.Context) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(ctx, syscall.SIGUSR1)
}

func electionOf(o options, client coordinationv1.LeasesGetter, journal *journal) leaderelection.LeaderElectionConfig {
	return leaderelection.LeaderElectionConfig{
		Lock: &resourcelock.LeaseLock{
			LeaseMeta: metav1.ObjectMeta{Namespace: o.namespace, Name: o.lease},
			Client: &witness{
				LeaseInterface: client.Leases(o.namespace),
				journal:        journal,
				identity:       o.identity,
				skew:           o.clockSkew,
			},
			LockConfig: resourcelock.ResourceLockConfig{Identity: o.identity},
		},
		LeaseDuration:   o.leaseDuration,
		RenewDeadline:   o.renewDeadline,
		RetryPeriod:     o.retryPeriod,
		ReleaseOnCancel: o.releaseOnCancel,
		Coordinated:     o.coordinated.wanted(),
		Name:            o.lease,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { journal.record(entry{Event: "leading"}) },
			OnStoppedLeading: func() { journal.record(entry{Event: "stopped"}) },
			OnNewLeader:      func(leader string) { journal.record(entry{Event: "observed_leader", Leader: &leader}) },
		},
	}
}

// newClient gives a hanging request up after half the renew deadline, at least
// a second, as controller-runtime and client-go's own factory do; it never
// waits for a rate limit.
func newClient(config *rest.Config, renewDeadline time.Duration) (coordinationv1.LeasesGetter, error) {
	config = rest.CopyConfig(config)
	config.Timeout = max(renewDeadline/2, time.Second)
	config.QPS = -1
	return coordinationv1.NewForConfig(config)
}
