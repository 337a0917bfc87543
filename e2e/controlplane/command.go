package main

import (
	"flag"
	"fmt"
	_ "time/tzdata" // time zones of CronJobs, also where the machine has none

	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo" // as in the released programs
	_ "k8s.io/component-base/metrics/prometheus/version"  // as in the released programs
	manager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

// runControllerManager is kube-controller-manager. It signs no tokens and
// serves nothing. Arguments after "--" are flags of its own. On SIGTERM it dies
// at once by the signal and keeps its lease, as the released program does while
// its feature ControllerManagerReleaseLeaderElectionLockOnExit is off.
func runControllerManager(args []string) error {
	return runClient("controller-manager", manager.NewControllerManagerCommand, args)
}

// runScheduler is kube-scheduler. It serves nothing. Arguments after "--" are
// flags of its own.
func runScheduler(args []string) error {
	newCommand := func() *cobra.Command { return scheduler.NewSchedulerCommand() }
	return runClient("scheduler", newCommand, args)
}

// runClient runs a component that is a client of the API server. It does not
// serve: two of a kind would want the same port.
func runClient(name string, newCommand func() *cobra.Command, args []string) error {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	kubeconfig := fs.String("kubeconfig", "", "how to reach the API server")
	more, err := parse(fs, args, "kubeconfig")
	if err != nil {
		return err
	}
	flags := []string{"--kubeconfig=" + *kubeconfig, "--secure-port=0"}
	return runCommand(newCommand(), append(flags, more...))
}

// runCommand runs a component's command like its released program does. A
// process can do this once: signal handlers and metrics belong to the process.
func runCommand(command *cobra.Command, flags []string) error {
	command.SetArgs(flags)
	if err := cli.RunNoErrOutput(command); err != nil {
		return fmt.Errorf("%s: %w", command.Name(), err)
	}
	return nil
}
