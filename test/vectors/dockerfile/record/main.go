// Record answers which base images BuildKit sees in Dockerfiles: it reads ../buildkit.json from standard input and
// writes it again with `bases` filled in. A file that BuildKit refuses is left out.
package main

import (
	"encoding/json"
	"log"
	"os"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

type vector struct {
	Dockerfile string   `json:"dockerfile"`
	Bases      []string `json:"bases"`
}

// args are the global ARGs of a Dockerfile, by name.
type args map[string]string

func (a args) Get(key string) (string, bool) {
	value, ok := a[key]
	return value, ok
}

func (a args) Keys() []string {
	keys := make([]string, 0, len(a))
	for key := range a {
		keys = append(keys, key)
	}
	return keys
}

// bases names what is neither scratch nor an earlier stage, as BuildKit's dockerfile2llb does without build arguments.
func bases(dockerfile string) ([]string, error) {
	parsed, err := parser.Parse(strings.NewReader(dockerfile))
	if err != nil {
		return nil, err
	}
	stages, declared, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		return nil, err
	}
	lex := shell.NewLex(parsed.EscapeToken)
	global := args{}
	for _, command := range declared {
		for _, pair := range command.Args {
			if pair.Value == nil {
				continue
			}
			value, err := lex.ProcessWordWithMatches(*pair.Value, global)
			if err != nil {
				return nil, err
			}
			global[pair.Key] = value.Result
		}
	}
	names := map[string]bool{"scratch": true}
	found := []string{}
	for _, stage := range stages {
		name, err := lex.ProcessWordWithMatches(stage.BaseName, global)
		if err != nil {
			return nil, err
		}
		if !names[strings.ToLower(name.Result)] {
			found = append(found, name.Result)
		}
		if stage.Name != "" {
			names[strings.ToLower(stage.Name)] = true
		}
	}
	return found, nil
}

func main() {
	var vectors, recorded []vector
	if err := json.NewDecoder(os.Stdin).Decode(&vectors); err != nil {
		log.Fatal(err)
	}
	for _, each := range vectors {
		if found, err := bases(each.Dockerfile); err == nil {
			recorded = append(recorded, vector{each.Dockerfile, found})
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(recorded); err != nil {
		log.Fatal(err)
	}
}
