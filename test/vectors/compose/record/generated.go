package main

import (
	"fmt"
	"strings"
)

// generated puts each way to write a field into each place where it can stand.
func generated() []project {
	var projects []project
	add := func(name string, files map[string]string) {
		projects = append(projects, project{Name: "generated: " + name, Files: files})
	}
	main := func(name, text string) {
		add(name, map[string]string{"compose.yaml": text, "Dockerfile": "ARG BASE=own:1\nFROM ${BASE}\n"})
	}

	// Pull policies, with and without a build.
	for _, policy := range []string{"", "always", "never", "missing", "if_not_present", "build", "daily", "weekly", "every_3d"} {
		for _, build := range []string{"", "    build: .\n", "    build: {context: .}\n"} {
			text := "services:\n  a:\n    image: a:1\n" + build
			if policy != "" {
				text += "    pull_policy: " + policy + "\n"
			}
			main(fmt.Sprintf("pull_policy %q %q", policy, strings.TrimSpace(build)), text)
		}
	}

	// Each place of an image, in each kind of workload.
	places := map[string]string{
		"image":        "    image: a:1\n",
		"volume":       "    image: a:1\n    volumes: [{type: image, source: v:1, target: /v}]\n",
		"build":        "    build: .\n",
		"inline":       "    build: {dockerfile_inline: 'FROM i:1'}\n",
		"context":      "    build: {context: ., additional_contexts: {c: 'docker-image://c:1'}}\n",
		"context list": "    build: {context: ., additional_contexts: ['c=docker-image://c:1']}\n",
		"args":         "    build: {context: ., args: {BASE: 'b:1'}}\n",
		"args list":    "    build: {context: ., args: ['BASE=b:1']}\n",
		"sbom":         "    build: {context: ., sbom: true}\n",
		"sbom named":   "    build: {context: ., sbom: 'generator=s:1'}\n",
		"sbom off":     "    build: {context: ., sbom: false}\n",
		"provenance":   "    build: {context: ., provenance: mode=max}\n",
		"syntax":       "    build: {context: ., args: {BUILDKIT_SYNTAX: 'y:1'}}\n",
		"platform":     "    image: a:1\n    platform: linux/arm64\n",
		"platforms":    "    image: a:1\n    build: {context: ., platforms: [linux/arm64, linux/amd64]}\n",
		"both":         "    platform: linux/arm64\n    build: {context: ., platforms: [linux/arm64, linux/amd64]}\n",
		"arm variant":  "    build: {context: ., platforms: [linux/arm/v7]}\n",
	}
	for _, kind := range []string{"services", "jobs"} {
		for _, place := range []string{
			"image", "volume", "build", "inline", "context", "context list", "args", "args list", "sbom", "sbom named", "sbom off",
			"provenance", "syntax", "platform", "platforms", "both", "arm variant",
		} {
			text := kind + ":\n  a:\n" + places[place]
			if kind == "jobs" {
				text += "    triggers: {manual: true}\n"
			}
			main(kind+" "+place, text)
		}
	}

	// What lays one service over another: extends here and in a file, an override, a second document, an include, a merge.
	bases := []struct{ name, base, over string }{
		{"image over image", "image: a:1", "image: b:1"},
		{"image over build", "build: .", "image: b:1"},
		{"build over image", "image: a:1", "build: ."},
		{"args over args", "build: {context: ., args: {BASE: a:1, OTHER: x}}", "build: {args: [BASE=b:1]}"},
		{"a name alone over args", "build: {context: ., args: {BASE: a:1}}", "build: {args: [BASE]}"},
		{"nothing over args", "build: {context: ., args: {BASE: a:1}}", "build: {args: }"},
		{"contexts", "build: {context: ., additional_contexts: {x: 'docker-image://x:1'}}", "build: {additional_contexts: ['x=docker-image://y:1']}"},
		{"platforms", "build: {context: ., platforms: [linux/arm64]}", "build: {platforms: [linux/amd64]}"},
		{"mounts", "image: a:1, volumes: [{type: image, source: v:1, target: /v}]", "volumes: [{type: image, source: w:1, target: /v}]"},
		{"a short mount over one", "image: a:1, volumes: [{type: image, source: v:1, target: /v}]", "volumes: [./x:/v/]"},
		{"a mount beside one", "image: a:1, volumes: [{type: image, source: v:1, target: /v}]", "volumes: [{type: image, source: w:1, target: /w}]"},
		{"reset image", "image: a:1", "build: ., image: !reset null"},
		{"reset build", "image: a:1, build: .", "build: !reset null"},
		{"override build", "build: {context: ., args: {BASE: a:1}}", "build: !override {context: .}"},
		{"override volumes", "image: a:1, volumes: [{type: image, source: v:1, target: /v}]", "volumes: !override [./x:/x]"},
		{"reset volumes", "image: a:1, volumes: [{type: image, source: v:1, target: /v}]", "volumes: !reset []"},
		{"hooks", "image: a:1, pre_start: [{image: h:1, command: x}]", "pre_start: [{image: i:1, command: y}]"},
		{"null over image", "image: a:1", "image: "},
		{"dockerfile", "build: {context: .}", "build: {dockerfile_inline: 'FROM i:1'}"},
		{"platform", "image: a:1, platform: linux/arm64", "platform: linux/amd64"},
		{"pull policy", "image: a:1, build: ., pull_policy: build", "pull_policy: always"},
	}
	dockerfile := "ARG BASE=own:1\nFROM ${BASE}\n"
	for _, each := range bases {
		base, over := "  base: {"+each.base+"}\n", "{"+each.over+"}\n"
		add(each.name+", by extends", map[string]string{"Dockerfile": dockerfile,
			"compose.yaml": "services:\n" + base + "  a: {extends: base, " + each.over + "}\n"})
		add(each.name+", by extends of a file", map[string]string{"Dockerfile": dockerfile, "sub/Dockerfile": "FROM sub:1\n",
			"compose.yaml":  "services:\n  a: {extends: {file: sub/base.yaml, service: base}, " + each.over + "}\n",
			"sub/base.yaml": "services:\n" + base})
		add(each.name+", by override", map[string]string{"Dockerfile": dockerfile,
			"compose.yaml": "services:\n" + base, "compose.override.yaml": "services:\n  base: " + over})
		add(each.name+", by a document", map[string]string{"Dockerfile": dockerfile,
			"compose.yaml": "services:\n" + base + "---\nservices:\n  base: " + over})
		add(each.name+", by include", map[string]string{"Dockerfile": dockerfile, "sub/Dockerfile": "FROM sub:1\n",
			"compose.yaml": "include: [sub/compose.yaml]\nservices:\n  base: " + over, "sub/compose.yaml": "services:\n" + base})
		add(each.name+", by merge", map[string]string{"Dockerfile": dockerfile,
			"compose.yaml": "x-base: &base {" + each.base + "}\nservices:\n  a: {<<: *base, " + each.over + "}\n"})
	}

	// Variables, in each operator, with and without a value.
	for _, value := range []string{"${SET}", "$SET", "${SET:-x}", "${SET-x}", "${SET:+y}", "${SET+y}", "${SET:?no}", "${EMPTY:-x}", "${EMPTY-x}", "${EMPTY:+y}",
		"${EMPTY+y}", "${EMPTY}z", "${UNSET:-x}", "${UNSET-x}", "a${UNSET:+y}", "a${UNSET+y}", "${UNSET:-${SET}}", "${UNSET:-${UNSET2:-w}}", "${SET:-${UNSET?}}",
		"${UNSET?no}", "${EMPTY:?no}", "a$$b", "${set}", "${UNSET:-a}${SET}", "${SET}${UNSET:-b}"} {
		add("variable "+value, map[string]string{".env": "SET=set\nEMPTY=\nset=lower\n",
			"compose.yaml": "services:\n  a:\n    image: '" + value + ":1'\n"})
	}

	// A hook that runs what its service builds.
	for _, policy := range []string{"build", "never", "missing", "always"} {
		main("hook of a build, "+policy, "services:\n  a:\n    image: a:1\n    build: .\n    pull_policy: "+policy+
			"\n    pre_start: [{command: x}, {command: y, platform: linux/arm64}]\n")
	}

	// What runs on the builder has its platform, whatever is built.
	add("a usual platform, and what runs on the builder", map[string]string{".env": "DOCKER_DEFAULT_PLATFORM=linux/riscv64\n",
		"compose.yaml": "services: {a: {build: {context: ., sbom: 'generator=s:1'}}}\n", "Dockerfile": "# syntax=y:1\nFROM a:1\n"})

	main("a job of nothing", "services: {a: {image: a:1}}\njobs: {b: {triggers: {manual: true}}}\n")
	add("a file of nothing, and an override", map[string]string{"compose.yaml": "", "compose.override.yaml": "services: {a: {image: a:1}}\n"})
	add("an include of nothing", map[string]string{"compose.yaml": "include: [b.yaml]\nservices: {a: {image: a:1}}\n", "b.yaml": ""})

	// Marks reach what is below their own document, and not what that includes or extends further.
	for _, each := range []struct{ name, over string }{
		{"section", "services: !reset {}"}, {"section in its place", "services: !override {c: {image: c:1}}"},
		{"service", "services: {b: !reset null}"}, {"service in its place", "services: {b: !override {image: c:1}}"},
		{"field", "services: {b: {build: !reset null}}"}, {"field in its place", "services: {b: {build: !override {context: sub}}}"},
		{"argument", "services: {b: {build: {args: !reset null}}}"},
	} {
		files := func(main, override, included string) map[string]string {
			return map[string]string{"compose.yaml": main, "compose.override.yaml": override, "b.yaml": included,
				"Dockerfile": "ARG BASE=own:1\nFROM ${BASE}\n", "sub/Dockerfile": "ARG BASE=sub:1\nFROM ${BASE}\n"}
		}
		full := "services: {b: {image: b:1, build: {context: ., args: {BASE: arg:1}}}, d: {image: d:1}}\n"
		add("mark on a "+each.name+" over what is included", files("include: [b.yaml]\n"+each.over+"\n", "services: {}\n", full))
		add("mark on a "+each.name+" over what is before, beside an include", files(full, "include: [b.yaml]\n"+each.over+"\n", "services: {e: {image: e:1}}\n"))
		add("mark on a "+each.name+" in what is included", files(full, "include: [b.yaml]\n", each.over+"\n"))
		add("mark on a "+each.name+" in what is extended", files(full, "services: {b: {extends: {file: b.yaml, service: b}}}\n",
			strings.Replace(each.over, "!reset null", "{image: x:1, expose: !reset []}", 1)+"\n"))
		add("mark on a "+each.name+" in what a neighbour extends", files(full, strings.TrimSuffix(strings.Replace(strings.Replace(each.over, "{b:", "{x:", 1),
			"!reset null", "!reset null", 1), "}")+", b: {extends: x}}\n", "services: {}\n"))
	}

	// Keys that are unknown in their place, known ones, and those of extensions.
	for _, each := range []struct{ where, text string }{
		{"at the top", "%s: {}\nservices: {a: {image: a:1}}\n"},
		{"in a service", "services: {a: {image: a:1, %s: }}\n"},
		{"in a job", "jobs: {a: {image: a:1, triggers: {manual: true}, %s: }}\n"},
		{"in a build", "services: {a: {build: {context: ., %s: }}}\n"},
		{"in a hook", "services: {a: {image: a:1, pre_start: [{image: h:1, command: x, %s: }]}}\n"},
		{"in a mount", "services: {a: {image: a:1, volumes: [{type: image, source: v:1, target: /v, %s: }]}}\n"},
		{"in a provider", "services: {a: {provider: {type: x, %s: }}}\n"},
		{"in an extension", "x-a: {%s: }\nservices: {a: {image: a:1}}\n"},
		{"in extends", "services: {b: {image: b:1}, a: {extends: {service: b, %s: }}}\n"},
		{"in what is extended", "services: {b: {image: b:1, %s: }, a: {extends: b}}\n"},
		{"in what takes it away", "services: {b: {image: b:1}, a: {extends: b, %s: !reset null}}\n"},
		{"in what puts it in its place", "services: {a: {image: a:1, %s: !override null}}\n"},
		{"in what is merged", "x-a: &a {%s: }\nservices: {a: {<<: *a, image: a:1}}\n"},
		{"in a name", "services: {%s: {image: a:1}}\n"},
	} {
		for _, key := range []string{"imgae", "Image", "x-image", "build_args", "pull-policy"} {
			main("key "+key+" "+each.where, fmt.Sprintf(each.text, key))
		}
	}
	for _, name := range []string{"'a b'", "a/b", "\u00e4", "a.b", "A_1-b", "''"} {
		main("service called "+name, "services: {"+name+": {image: a:1}}\n")
	}
	for _, key := range []string{"imgae", "x-image"} {
		over := "services: {a: {image: a:1, " + key + ": !reset null}}\n"
		with := "services: {a: {image: b:1, " + key + ": x}}\n"
		add("key "+key+" that a document takes away", map[string]string{"compose.yaml": with + "---\n" + over})
		add("key "+key+" that an override takes away", map[string]string{"compose.yaml": with, "compose.override.yaml": over})
		add("key "+key+" in what is included", map[string]string{"compose.yaml": "include: [b.yaml]\n" + over, "b.yaml": with})
		extending := "services: {a: {extends: {file: b.yaml, service: a}, " + key + ": !reset null}}\n"
		add("key "+key+" in a file that is extended", map[string]string{
			"compose.yaml": "services: {a: {extends: {file: b.yaml, service: a}}}\n", "b.yaml": with})
		add("key "+key+" that an extension takes away", map[string]string{"compose.yaml": extending, "b.yaml": with})
		add("key "+key+" of a service that nobody extends", map[string]string{
			"compose.yaml": "services: {a: {extends: {file: b.yaml, service: b}}}\n", "b.yaml": with + "  # \n", "b2.yaml": with})
		add("key "+key+" beside a service that is extended", map[string]string{
			"compose.yaml": "services: {a: {extends: {file: b.yaml, service: b}}}\n",
			"b.yaml":       key + ": {}\nservices: {b: {image: b:1}, a: {image: a:1, " + key + ": x}}\n"})
		add("key "+key+" in a mount that another replaces", map[string]string{
			"compose.yaml":          "services: {b: {image: b:1, volumes: [{type: image, source: v:1, target: /v, " + key + ": x}]}, a: {extends: b}}\n",
			"compose.override.yaml": "services: {b: {volumes: [{type: image, source: w:1, target: /v}]}}\n"})
	}
	for _, item := range []string{"{path: b.yaml}", "{Path: b.yaml}", "{PATH: [b.yaml]}", "{path: b.yaml, more: x}", "{path: b.yaml, PATH: c.yaml}",
		"{Path: b.yaml, Env_File: b.env}", "{path: b.yaml, ENV_FILE: b.env}", "{path: b.yaml, Project_Directory: sub}", "{pth: b.yaml}", "{}"} {
		add("include "+item, map[string]string{"compose.yaml": "include: [" + item + "]\nservices: {a: {image: a:1}}\n",
			"b.yaml": "services: {b: {build: .}, e: {image: 'e:${E:-no}'}}\n", "c.yaml": "services: {c: {image: c:1}}\n", "b.env": "E=yes\n",
			"Dockerfile": "FROM own:1\n", "sub/Dockerfile": "FROM sub:1\n"})
	}

	// What YAML makes of a plain argument.
	for _, value := range []string{"1", "1.0", "3.10", "3.1.0", "010", "0o10", "0x10", "1_000", "1e3", ".5", "true", "True", "yes", "on", "null", "~", "2024-01-01",
		"'3.10'", "\"3.10\"", "12345678901234567890", "-1", "+1", "1.", "1:30", ".inf", "0.00001", "1.5e10", "!!str 3.10", "08", "0b11", "-0", "0"} {
		main("argument "+value, "services:\n  a:\n    build:\n      dockerfile_inline: |\n        ARG T=default\n        FROM a:x$$T\n      args:\n        T: "+value+"\n")
	}
	return projects
}
