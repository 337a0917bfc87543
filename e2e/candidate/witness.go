package main

import (
	"context"
	"fmt"
	"time"

	coordination "k8s.io/api/coordination/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coordinationv1 "k8s.io/client-go/kubernetes/typed/coordination/v1"
)

// A witness stands between client-go's LeaseLock and the API server. It sees
// the very object that goes over the wire and the one that comes back, and so
// can say what the lock's own interface does not tell: the resource version.
//
// It also is the skewed clock: stamps that the elector writes are shifted by
// the skew, those it reads are shifted back. The elector's world stays
// consistent, and everybody else sees a clock that is wrong.
type witness struct {
	coordinationv1.LeaseInterface
	journal  *journal
	identity string
	skew     time.Duration
	// holder is that of the newest object seen. A write succeeds only upon the
	// object last seen, so it tells an acquisition from a renewal.
	holder string
}

// Leases is of the one namespace that the witness was made for.
func (w *witness) Leases(string) coordinationv1.LeaseInterface { return w }

func (w *witness) Get(ctx context.Context, name string, o metav1.GetOptions) (*coordination.Lease, error) {
	lease, err := w.LeaseInterface.Get(ctx, name, o)
	if err != nil {
		// That there is no lease yet is no mishap: the elector creates it.
		if !errors.IsNotFound(err) {
			w.failed("get", name, err)
		}
		return lease, err
	}
	w.holder = holderOf(lease)
	return shifted(lease, -w.skew), nil
}

func (w *witness) Create(ctx context.Context, lease *coordination.Lease, o metav1.CreateOptions) (*coordination.Lease, error) {
	w.holder = ""
	return w.write("create", lease, func(lease *coordination.Lease) (*coordination.Lease, error) {
		return w.LeaseInterface.Create(ctx, lease, o)
	})
}

func (w *witness) Update(ctx context.Context, lease *coordination.Lease, o metav1.UpdateOptions) (*coordination.Lease, error) {
	return w.write("update", lease, func(lease *coordination.Lease) (*coordination.Lease, error) {
		return w.LeaseInterface.Update(ctx, lease, o)
	})
}

func (w *witness) write(verb string, lease *coordination.Lease, send func(*coordination.Lease) (*coordination.Lease, error)) (*coordination.Lease, error) {
	wire := shifted(lease, w.skew)
	before := metav1.NowMicro()
	w.journal.record(entry{Event: "attempt", Before: &before, RenewTime: wire.Spec.RenewTime})
	answer, err := send(wire)
	after := metav1.NowMicro()
	if err != nil {
		w.failed(verb, lease.Name, err)
		return answer, err
	}
	w.journal.record(entry{
		Event:           w.eventOf(answer),
		Before:          &before,
		After:           &after,
		AcquireTime:     wire.Spec.AcquireTime,
		RenewTime:       wire.Spec.RenewTime,
		Transitions:     wire.Spec.LeaseTransitions,
		ResourceVersion: answer.ResourceVersion,
	})
	w.holder = holderOf(answer)
	return shifted(answer, -w.skew), nil
}

// eventOf names a write that succeeded, before the holder is brought up to
// date.
func (w *witness) eventOf(written *coordination.Lease) string {
	switch {
	case holderOf(written) == "":
		return "release"
	case w.holder == w.identity:
		return "renew"
	default:
		return "acquire"
	}
}

func (w *witness) failed(verb, name string, err error) {
	w.journal.record(entry{
		Event:   "error",
		Message: fmt.Sprintf("%s %s: %v", verb, name, err),
		Refused: refused(err),
	})
}

// refused tells whether the request certainly changed nothing: the API server
// said no.
func refused(err error) bool {
	return errors.IsConflict(err) || errors.IsNotFound(err) || errors.IsAlreadyExists(err)
}

func holderOf(lease *coordination.Lease) string {
	if lease.Spec.HolderIdentity == nil {
		return ""
	}
	return *lease.Spec.HolderIdentity
}

// shifted is a copy of the lease with its stamps moved; the original stays as
// it is, because LeaseLock keeps it.
func shifted(lease *coordination.Lease, by time.Duration) *coordination.Lease {
	lease = lease.DeepCopy()
	for _, stamp := range []*metav1.MicroTime{lease.Spec.AcquireTime, lease.Spec.RenewTime} {
		if !stamp.IsZero() {
			stamp.Time = stamp.Add(by)
		}
	}
	return lease
}
