// Record answers which images BuildKit needs for Dockerfiles: it reads ../buildkit.json from standard input and writes it
// again with BuildKit's own answers filled in. A file that BuildKit cannot even split into instructions is left out.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"log"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

type vector struct {
	Dockerfile string            `json:"dockerfile"`
	Arguments  map[string]string `json:"arguments,omitempty"`
	Syntax     string            `json:"syntax,omitempty"`
	Bases      []string          `json:"bases"`
	Images     []image           `json:"images,omitempty"`
	Refused    string            `json:"refused,omitempty"`
}

// image is one that BuildKit asked for. Platform is absent where it is the one that is built for.
type image struct {
	Reference string `json:"reference"`
	Platform  string `json:"platform,omitempty"`
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

// bases names what the FROM lines start from that is neither scratch nor an earlier stage, as dockerfile2llb does, but
// whether or not the rest of the file can be built.
func bases(dockerfile string, given map[string]string) ([]string, error) {
	parsed, err := parser.Parse(strings.NewReader(dockerfile))
	if err != nil {
		return nil, err
	}
	stages, declared, err := instructions.Parse(parsed.AST, linter.New(&linter.Config{}))
	if err != nil {
		return nil, err
	}
	lex := shell.NewLex(parsed.EscapeToken)
	global := args{}
	if architecture, ok := given["TARGETARCH"]; ok {
		global["TARGETARCH"] = architecture
	}
	for _, command := range declared {
		for _, pair := range command.Args {
			if value, ok := given[pair.Key]; ok {
				global[pair.Key] = value
			} else if pair.Value != nil {
				value, err := lex.ProcessWordWithMatches(*pair.Value, global)
				if err != nil {
					return nil, err
				}
				global[pair.Key] = value.Result
			}
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

// Two platforms that no file asks for, so that what a file asks for can be told from them.
var (
	builtOn  = ocispecs.Platform{OS: "linux", Architecture: "loong64"}
	builtFor = ocispecs.Platform{OS: "linux", Architecture: "mips64le"}
)

var capabilities = pb.Caps.CapSet(pb.Caps.All())

// resolver answers for every image and remembers which were asked for.
type resolver struct {
	mutex  sync.Mutex
	images []image
}

func (r *resolver) ResolveImageConfig(
	_ context.Context, ref string, opt sourceresolver.Opt,
) (string, digest.Digest, []byte, error) {
	asked := image{Reference: ref}
	if platform := platforms.FormatAll(*opt.ImageOpt.Platform); platform != platforms.FormatAll(builtFor) {
		asked.Platform = platform
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.images = append(r.images, asked)
	config := `{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["` +
		digest.FromString("layer").String() + `"]},"config":{}}`
	return ref, digest.FromString(ref), []byte(config), nil
}

// images names what BuildKit asks for to build all stages.
func images(dockerfile string, given map[string]string) ([]image, error) {
	asked := &resolver{}
	_, err := dockerfile2llb.Dockerfile2LLB(context.Background(), []byte(dockerfile), dockerfile2llb.ConvertOpt{
		Config: dockerui.Config{
			BuildArgs:      given,
			BuildPlatforms: []ocispecs.Platform{builtOn},
		},
		TargetPlatform: &builtFor,
		LLBCaps:        &capabilities,
		MetaResolver:   asked,
		AllStages:      true,
	})
	slices.SortFunc(asked.images, func(a, b image) int {
		return cmp.Or(cmp.Compare(a.Reference, b.Reference), cmp.Compare(a.Platform, b.Platform))
	})
	return asked.images, err
}

func main() {
	var vectors, recorded []vector
	if err := json.NewDecoder(os.Stdin).Decode(&vectors); err != nil {
		log.Fatal(err)
	}
	for _, each := range vectors {
		found, err := bases(each.Dockerfile, each.Arguments)
		if err != nil {
			continue
		}
		answer := vector{Dockerfile: each.Dockerfile, Arguments: each.Arguments, Bases: found}
		answer.Syntax, _, _, _ = parser.DetectSyntax([]byte(each.Dockerfile))
		if asked, err := images(each.Dockerfile, each.Arguments); err == nil {
			answer.Images = asked
		} else {
			answer.Refused = err.Error()
		}
		recorded = append(recorded, answer)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(recorded); err != nil {
		log.Fatal(err)
	}
}
