package main

import (
	"errors"
	"flag"
	"fmt"

	"e2e/lifeline"
)

// parse reads a component's own flags from args and hands back what stands
// after "--". The named flags must not be left empty. With --exit-with-stdin
// the process is tied to its standard input from here on.
func parse(fs *flag.FlagSet, args []string, required ...string) ([]string, error) {
	tied := fs.Bool("exit-with-stdin", false, "exit when standard input reaches its end")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if end := len(args) - fs.NArg(); fs.NArg() > 0 && (end == 0 || args[end-1] != "--") {
		return nil, fmt.Errorf("%s: unexpected argument %q; flags for the component itself go after --", fs.Name(), fs.Arg(0))
	}
	for _, name := range required {
		if value := fs.Lookup(name).Value.String(); value == "" || value == "0" {
			return nil, errors.New(fs.Name() + ": --" + name + " is missing")
		}
	}
	if *tied {
		lifeline.ExitWithStdin()
	}
	return fs.Args(), nil
}
