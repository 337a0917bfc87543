// Package lifeline ties a process to the one that started it.
package lifeline

import (
	"io"
	"os"
)

// ExitWithStdin ends this process, with code 1, as soon as its standard input
// reaches its end. A test that holds the other end of the pipe takes its
// processes with it however it dies. The exit is abrupt: nobody is left to
// whom an orderly end would matter.
func ExitWithStdin() {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
}
