// Record answers what containerd's platforms package makes of platforms: how it reads what people write, which images an
// engine takes for a platform, and which one of an index it takes.
package main

import (
	"encoding/json"
	"log"
	"math/rand"
	"os"
	"sort"
	"strings"

	"github.com/containerd/platforms"
	specs "github.com/opencontainers/image-spec/specs-go/v1"
)

// read is a text as --platform has it, read by an engine on linux/amd64. Means is absent where it means nothing.
type read struct {
	Text  string `json:"text"`
	Means string `json:"means,omitempty"`
}

// taken lists what is taken for a platform.
type taken struct {
	Wanted string   `json:"wanted"`
	Takes  []string `json:"takes"`
}

// choice is what an engine takes of an index, by its place there. Own is what the engine says of its platform, which is less
// than what it goes by.
type choice struct {
	Wanted string   `json:"wanted"`
	Own    string   `json:"own,omitempty"`
	Index  []string `json:"index"`
	Chosen *int     `json:"chosen,omitempty"`
}

var texts = strings.Fields(`
linux windows darwin macos freebsd wasip1 android Linux LINUX solaris plan9 zos linuxx unknown
amd64 x86_64 x86-64 AMD64 386 i386 i486 i586 i686 x86 arm armhf armel armv5 armv6l armv7l armv8l arm64 aarch64 ARM64 arm64be
armbe ppc ppc64 ppc64le powerpc riscv riscv64 s390 s390x mips mipsle mips64 mips64le mips64el loong64 loongarch64 sparc64 wasm
wasm32 any local scratch
linux/amd64 Linux/AMD64 linux/x86_64 linux/x86-64 linux/i386 linux/i686 linux/386 linux/armhf linux/armel linux/arm linux/armv7l
linux/armv6l linux/aarch64 linux/arm64 macos/arm64 darwin/arm64 macOS/aarch64 windows/amd64 linux/foo linux/unknown
linux/amd64/v1 linux/amd64/v2 linux/amd64/v3 linux/amd64/v4 linux/amd64/2 linux/amd64/x linux/x86_64/v1 linux/x86_64/v2
linux/i386/v7 linux/386/sse2 linux/armhf/v6 linux/armel/v7 linux/arm/5 linux/arm/6 linux/arm/7 linux/arm/8 linux/arm/v5 linux/arm/v6
linux/arm/v7 linux/arm/V7 linux/arm/v8 linux/arm/v9 linux/arm/7a linux/arm64/8 linux/arm64/v8 linux/arm64/V8 linux/arm64/v8.0
linux/arm64/8.0 linux/arm64/v8.1 linux/arm64/v8.5 linux/arm64/v8.9 linux/arm64/9 linux/arm64/9.0 linux/arm64/v9 linux/arm64/v9.0
linux/arm64/v9.2 linux/arm64/v9.7 linux/arm64/v9.8 linux/arm64/v10 linux/aarch64/v8 linux/riscv64/rva23 linux/ppc64le/power9
linux/ /linux linux/amd64/ linux//v7 / // linux/amd64/v1/x linux/amd64,linux/arm64 linux/amd64, *
linux/* linux/$ARCH $BUILDPLATFORM ${TARGETPLATFORM} linux/amd64;x linux:amd64 linux-amd64 linux.x/amd64 li_nux/am_d64
`)

var kinds = strings.Fields(`
linux/amd64 linux/amd64/v1 linux/amd64/v2 linux/amd64/v3 linux/amd64/v4 linux/x86_64 linux/386 linux/i386
linux/arm linux/arm/v5 linux/arm/v6 linux/arm/v7 linux/arm/v8 linux/armhf linux/armel linux/arm/7
linux/arm64 linux/arm64/v8 linux/arm64/8 linux/arm64/v8.0 linux/arm64/v8.1 linux/arm64/v8.5 linux/arm64/v9 linux/arm64/v9.2
linux/aarch64 linux/riscv64 linux/s390x linux/ppc64le linux/i686 linux/armv7l
windows/amd64 darwin/amd64 darwin/arm64
`)

// Engines know more of their processors than they say.
var engines = map[string]string{
	"linux/amd64/v2": "linux/amd64", "linux/amd64/v3": "linux/amd64", "linux/amd64/v4": "linux/amd64",
	"linux/arm/v5": "linux/arm", "linux/arm/v6": "linux/arm", "linux/arm/v8": "linux/arm",
	"linux/arm64/v8.2": "linux/arm64", "linux/arm64/v9": "linux/arm64",
}

// platformOf keeps the words, as an index does; "none" names no platform, and "+x" something that the system must have.
func platformOf(text string) *specs.Platform {
	if text == "none" {
		return nil
	}
	text, feature, _ := strings.Cut(text, "+")
	parts := append(strings.Split(text, "/"), "", "")
	platform := specs.Platform{OS: parts[0], Architecture: parts[1], Variant: parts[2]}
	if feature != "" {
		platform.OSFeatures = []string{feature}
	}
	return &platform
}

// choose is what the engine does (filterManifests in daemon/internal/distribution/pull_v2_unix.go of moby).
func choose(wanted specs.Platform, index []string) *int {
	matcher := platforms.Only(platforms.Normalize(wanted))
	var matches []int
	for i, text := range index {
		if each := platformOf(text); each == nil || matcher.Match(*each) {
			matches = append(matches, i)
		}
	}
	sort.SliceStable(matches, func(i, j int) bool {
		a, b := platformOf(index[matches[i]]), platformOf(index[matches[j]])
		return a != nil && (b == nil || matcher.Less(*a, *b))
	})
	if len(matches) == 0 {
		return nil
	}
	return &matches[0]
}

func main() {
	answer := struct {
		Texts   []read   `json:"texts"`
		Taken   []taken  `json:"taken"`
		Choices []choice `json:"choices"`
	}{}
	for _, text := range texts {
		each := read{Text: text}
		if platform, err := platforms.Parse(text); err == nil {
			each.Means = platforms.Format(platforms.Normalize(platform))
		}
		answer.Texts = append(answer.Texts, each)
	}
	for _, wanted := range kinds {
		each := taken{Wanted: wanted, Takes: []string{}}
		for _, other := range kinds {
			if platforms.Only(*platformOf(wanted)).Match(*platformOf(other)) {
				each.Takes = append(each.Takes, other)
			}
		}
		answer.Taken = append(answer.Taken, each)
	}
	random := rand.New(rand.NewSource(9))
	pool := append(append([]string{}, kinds...), "none", "linux/amd64+gpu", "linux/arm64+gpu", "linux/386+gpu")
	index := func(near string) []string {
		index := make([]string, 1+random.Intn(5))
		for i := range index {
			index[i] = pool[random.Intn(len(pool))]
			// Half of them are of the family that is asked for, where the choice is hard.
			for family := near[:9]; random.Intn(2) == 0 && !strings.HasPrefix(index[i], family); {
				index[i] = pool[random.Intn(len(pool))]
			}
		}
		return index
	}
	for _, wanted := range kinds {
		for range 25 {
			each := choice{Wanted: wanted, Index: index(wanted)}
			each.Chosen = choose(*platformOf(wanted), each.Index)
			answer.Choices = append(answer.Choices, each)
		}
	}
	var hosts []string
	for host := range engines {
		hosts = append(hosts, host)
	}
	sort.Strings(hosts)
	for _, host := range hosts {
		for range 25 {
			each := choice{Wanted: host, Own: engines[host], Index: index(host)}
			each.Chosen = choose(*platformOf(host), each.Index)
			answer.Choices = append(answer.Choices, each)
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(answer); err != nil {
		log.Fatal(err)
	}
}
