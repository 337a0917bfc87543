package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// An entry is one line of the journal. Stamps are RFC 3339 in UTC with
// microseconds, and of this machine's wall clock, never skewed, except
// AcquireTime and RenewTime.
//
// Event is one of:
//
//	started          the elector begins
//	attempt          a write is about to be sent; if neither its outcome nor a
//	                 refusal follows, it may have arrived nevertheless
//	acquire          a write made this candidate the holder
//	renew            a write renewed what it held
//	release          a write emptied the holder
//	leading          the guarded work may begin
//	stopped          the guarded work must have ended; also said by an elector
//	                 that is told to stop and never led
//	observed_leader  another holder was seen, or oneself, or nobody
//	error            a request failed; a write may have arrived nevertheless,
//	                 unless it was refused
type entry struct {
	At       metav1.MicroTime `json:"at"`
	Event    string           `json:"event"`
	Identity string           `json:"identity"`

	// Of attempt, acquire, renew and release: the request was sent after
	// Before, and answered before After, which an attempt lacks. AcquireTime and
	// RenewTime are as written, skew and all.
	Before          *metav1.MicroTime `json:"before,omitempty"`
	After           *metav1.MicroTime `json:"after,omitempty"`
	AcquireTime     *metav1.MicroTime `json:"acquireTime,omitempty"`
	RenewTime       *metav1.MicroTime `json:"renewTime,omitempty"`
	Transitions     *int32            `json:"transitions,omitempty"`
	ResourceVersion string            `json:"resourceVersion,omitempty"`

	Leader  *string `json:"leader,omitempty"`  // of observed_leader
	Message string  `json:"message,omitempty"` // of error
	Refused bool    `json:"refused,omitempty"` // of error: nothing can have been written
}

// A journal is a file of JSON lines, each written at once: what was done
// before a SIGKILL can be read after it.
type journal struct {
	mutex    sync.Mutex
	file     *os.File
	identity string
}

// openJournal appends to the file at path, or to standard output if path is
// empty.
func openJournal(path, identity string) (*journal, error) {
	if path == "" {
		return &journal{file: os.Stdout, identity: identity}, nil
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	return &journal{file: file, identity: identity}, err
}

// record stamps the entry, signs it and writes it. A journal that cannot be
// written is worth nothing, so that ends the process.
func (j *journal) record(e entry) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	e.At, e.Identity = metav1.NewMicroTime(time.Now()), j.identity
	line, err := json.Marshal(e)
	if err == nil {
		_, err = j.file.Write(append(line, '\n'))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "candidate: writing the journal:", err)
		os.Exit(1)
	}
}
