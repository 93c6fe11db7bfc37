// Record answers which images a Compose project pulls, builds from or runs. It reads the projects of ../projects.txt, puts
// those of generated.go behind them, and writes all with the answers of compose-go and BuildKit to the standard output.
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/containerd/platforms"
	"github.com/distribution/reference"
	"github.com/docker/buildx/util/buildflags"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/attestations"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/sirupsen/logrus"
)

type project struct {
	Name        string            `json:"name"`
	Environment map[string]string `json:"environment,omitempty"`
	Files       map[string]string `json:"files"`
	Images      []image           `json:"images,omitempty"`
	// Refused is why there is no project, or no build of it.
	Refused string `json:"refused,omitempty"`
}

// image is one that is fetched or run. Platform is absent where it is the one that is usual.
type image struct {
	Use       string `json:"use"`
	Reference string `json:"reference"`
	Platform  string `json:"platform,omitempty"`
}

// recorder gathers the images of one project.
type recorder struct {
	project *types.Project
	images  []image
}

func (r *recorder) add(use, ref, platform string) {
	if ref == "" {
		return
	}
	// What reads a Dockerfile and what describes a build run where it is built.
	if platform == "" && use != "syntax" && use != "scanner" {
		platform = r.project.Environment["DOCKER_DEFAULT_PLATFORM"]
	}
	each := image{Use: use, Reference: canonical(ref), Platform: platform}
	if !slices.Contains(r.images, each) {
		r.images = append(r.images, each)
	}
}

func canonical(ref string) string {
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return ref
	}
	return reference.TagNameOnly(named).String()
}

// service does as pullRequiredImages, addPreStartHookPulls and shouldPullImage of docker/compose 5.7.1, and as its builds.
func (r *recorder) service(service types.ServiceConfig) error {
	r.container(service.ContainerSpec, service.Build != nil)
	for _, hook := range service.PreStart {
		if hook.Image != service.Image {
			r.add("hook", hook.Image, "")
		}
		// One without an image of its own runs what is built.
		if hook.Image != service.Image || isPulled(service.ContainerSpec, service.Build != nil) {
			r.add("hook", hook.Image, hook.Platform)
		}
		r.mounts(hook.ContainerSpec)
	}
	return r.build(service.Build, service.Platform)
}

func (r *recorder) container(spec types.ContainerSpec, isBuilt bool) {
	if isPulled(spec, isBuilt) {
		r.add("image", spec.Image, spec.Platform)
	}
	r.mounts(spec)
}

func isPulled(spec types.ContainerSpec, isBuilt bool) bool {
	return !isBuilt || spec.PullPolicy != types.PullPolicyBuild && spec.PullPolicy != types.PullPolicyNever
}

func (r *recorder) mounts(spec types.ContainerSpec) {
	for _, volume := range spec.Volumes {
		if volume.Type == types.VolumeTypeImage {
			r.add("volume", volume.Source, "")
		}
	}
}

func (r *recorder) build(build *types.BuildConfig, platform string) error {
	if build == nil {
		return nil
	}
	targets := slices.Clone([]string(build.Platforms))
	switch {
	case len(targets) == 0:
		targets = []string{platform}
	case len(targets) > 1 && platform == "":
		targets = append(targets, "")
	}
	args := map[string]string{}
	for name, value := range build.Args {
		if value != nil {
			args[name] = *value
		} else if given, ok := r.project.Environment[name]; ok {
			args[name] = given
		}
	}
	for _, context := range build.AdditionalContexts {
		if ref, ok := strings.CutPrefix(context, "docker-image:"); ok {
			ref = strings.TrimPrefix(ref, "//")
			for _, target := range targets {
				if ref != dockerui.EmptyImageName {
					r.add("context", ref, target)
				}
			}
		}
	}
	if err := r.scanner(build); err != nil {
		return err
	}
	source := []byte(build.DockerfileInline)
	if build.DockerfileInline == "" {
		path := build.Dockerfile
		if !filepath.IsAbs(path) {
			path = filepath.Join(build.Context, path)
		}
		content, err := os.ReadFile(path)
		if os.IsNotExist(err) && filepath.Base(path) == "Dockerfile" {
			content, err = os.ReadFile(filepath.Join(filepath.Dir(path), "dockerfile"))
		}
		if err != nil {
			return nil
		}
		source = content
	}
	if syntax, ok := args["BUILDKIT_SYNTAX"]; ok {
		first, _, _ := strings.Cut(strings.TrimSpace(syntax), " ")
		r.add("syntax", first, "")
	} else if syntax, _, _, ok := parser.DetectSyntax(source); ok {
		r.add("syntax", syntax, "")
	}
	for _, target := range targets {
		if err := r.dockerfile(source, args, target, build.AdditionalContexts); err != nil {
			return err
		}
	}
	return nil
}

// scanner names what makes a list of packages, if a build asks for one (toBakeAttest of docker/compose).
func (r *recorder) scanner(build *types.BuildConfig) error {
	var asked []string
	for _, each := range [][2]string{{"provenance", build.Provenance}, {"sbom", build.SBOM}} {
		kind, value := each[0], each[1]
		if value == "" {
			continue
		}
		on, err := strconv.ParseBool(value)
		switch {
		case err != nil:
			asked = append(asked, "type="+kind+","+value)
		case on:
			asked = append(asked, "type="+kind)
		default:
			asked = append(asked, "type="+kind+",disabled=true")
		}
	}
	parsed, err := buildflags.ParseAttests(asked)
	if err != nil {
		return err
	}
	options := map[string]string{}
	for kind, value := range parsed.ToMap() {
		if value != nil {
			options["attest:"+kind] = *value
		}
	}
	attests, err := attestations.Parse(options)
	if err != nil {
		return err
	}
	if sbom, ok := attests["sbom"]; ok {
		r.add("scanner", sbom["generator"], "")
	}
	return nil
}

// Two platforms that no file asks for, so that what a file asks for can be told from them.
var (
	builtOn  = ocispecs.Platform{OS: "linux", Architecture: "loong64"}
	builtFor = ocispecs.Platform{OS: "linux", Architecture: "mips64le"}
)

var capabilities = pb.Caps.CapSet(pb.Caps.All())

// resolver answers for every image and hands on which were asked for.
type resolver struct {
	mutex sync.Mutex
	asked func(ref, platform string)
}

func (r *resolver) ResolveImageConfig(
	_ context.Context, ref string, opt sourceresolver.Opt,
) (string, digest.Digest, []byte, error) {
	platform := ""
	if asked := *opt.ImageOpt.Platform; asked.Architecture != builtOn.Architecture &&
		asked.Architecture != builtFor.Architecture {
		platform = platforms.FormatAll(asked)
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.asked(ref, platform)
	config := `{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["` +
		digest.FromString("layer").String() + `"]},"config":{}}`
	return ref, digest.FromString(ref), []byte(config), nil
}

func (r *recorder) dockerfile(source []byte, args map[string]string, target string, contexts types.Mapping) error {
	platform := builtFor
	if target == "" {
		target = r.project.Environment["DOCKER_DEFAULT_PLATFORM"]
	}
	if target != "" {
		parsed, err := platforms.Parse(target)
		if err != nil {
			return err
		}
		platform = platforms.Normalize(parsed)
	}
	asked := &resolver{asked: func(ref, platform string) {
		named, err := reference.ParseNormalizedNamed(ref)
		if err == nil {
			// dockerui looks for a context under this name.
			if _, ok := contexts[strings.TrimSuffix(reference.FamiliarString(named), ":latest")]; ok {
				return
			}
		}
		r.images = append(r.images, image{Use: "dockerfile", Reference: canonical(ref), Platform: platform})
	}}
	_, err := dockerfile2llb.Dockerfile2LLB(context.Background(), source, dockerfile2llb.ConvertOpt{
		Config:         dockerui.Config{BuildArgs: args, BuildPlatforms: []ocispecs.Platform{builtOn}},
		TargetPlatform: &platform,
		LLBCaps:        &capabilities,
		MetaResolver:   asked,
		AllStages:      true,
	})
	return err
}

func record(each project) project {
	folder, err := os.MkdirTemp("", "project")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	folder = filepath.Join(folder, "folder")
	for path, content := range each.Files {
		path = filepath.Join(folder, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			log.Fatal(err)
		}
	}
	refuse := func(err error) project {
		each.Refused = strings.ReplaceAll(err.Error(), folder, ".")
		return each
	}
	if err := os.Chdir(folder); err != nil {
		log.Fatal(err)
	}
	var environment []string
	for name, value := range each.Environment {
		environment = append(environment, name+"="+value)
	}
	options, err := cli.NewProjectOptions(nil, cli.WithWorkingDirectory(folder), cli.WithEnv(environment),
		cli.WithEnvFiles(), cli.WithDotEnv, cli.WithConfigFileEnv, cli.WithDefaultConfigPath, cli.WithEnvFiles(),
		cli.WithDotEnv, cli.WithProfiles([]string{"*"}))
	if err != nil {
		return refuse(err)
	}
	loaded, err := options.LoadProject(context.Background())
	if err != nil {
		return refuse(err)
	}
	found := &recorder{project: loaded}
	for _, name := range slices.Sorted(maps.Keys(loaded.Services)) {
		if err := found.service(loaded.Services[name]); err != nil {
			return refuse(err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(loaded.Jobs)) {
		job := loaded.Jobs[name]
		found.container(job.ContainerSpec, job.Build != nil)
		if err := found.build(job.Build, job.Platform); err != nil {
			return refuse(err)
		}
	}
	slices.SortFunc(found.images, func(a, b image) int {
		return cmp.Or(cmp.Compare(a.Use, b.Use), cmp.Compare(a.Reference, b.Reference), cmp.Compare(a.Platform, b.Platform))
	})
	each.Images = slices.Compact(found.images)
	return each
}

// readProjects reads `=== name`, `NAME=value` of the environment, and files behind `--- path [crlf] [bom] [tabs]`.
func readProjects(text string) []project {
	var projects []project
	var current *project
	var path string
	var flags []string
	var lines []string
	finish := func() {
		if path != "" {
			content := strings.Join(lines, "\n") + "\n"
			if slices.Contains(flags, "empty") {
				content = ""
			}
			content = strings.ReplaceAll(content, "→", "\t")
			if slices.Contains(flags, "crlf") {
				content = strings.ReplaceAll(content, "\n", "\r\n")
			}
			if slices.Contains(flags, "bom") {
				content = "\uFEFF" + content
			}
			current.Files[path] = content
		}
		path, lines = "", nil
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		switch {
		case strings.HasPrefix(line, "=== "):
			finish()
			projects = append(projects, project{Name: line[4:], Files: map[string]string{}})
			current = &projects[len(projects)-1]
		case strings.HasPrefix(line, "--- ") && current != nil:
			finish()
			fields := strings.Fields(line[4:])
			path, flags = fields[0], fields[1:]
		case path != "":
			lines = append(lines, line)
		case strings.Contains(line, "=") && current != nil:
			name, value, _ := strings.Cut(line, "=")
			if current.Environment == nil {
				current.Environment = map[string]string{}
			}
			current.Environment[name] = value
		}
	}
	finish()
	return projects
}

func main() {
	logrus.SetOutput(io.Discard)
	text, err := os.ReadFile("../projects.txt")
	if err != nil {
		log.Fatal(err)
	}
	projects := append(readProjects(string(text)), generated()...)
	names := map[string]bool{}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	for i := range projects {
		if names[projects[i].Name] {
			log.Fatalf("two projects are called %q", projects[i].Name)
		}
		names[projects[i].Name] = true
		projects[i] = record(projects[i])
	}
	if err := encoder.Encode(projects); err != nil {
		log.Fatal(err)
	}
	fmt.Print(out.String())
}
