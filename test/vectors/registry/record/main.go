// Record answers what docker and crane do with the logins and the servers of this folder: with "logins" or "servers" it
// reads that file from standard input and writes it again with the answers filled in.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/types"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/sirupsen/logrus"
)

type helper struct {
	Out  string `json:"out"`
	Code int    `json:"code"`
}

// login is what of a login reaches a registry or a token server.
type login struct {
	Username      string `json:"username,omitempty"`
	Password      string `json:"password,omitempty"`
	IdentityToken string `json:"identityToken,omitempty"`
	RegistryToken string `json:"registryToken,omitempty"`
}

type loginRow struct {
	What     string            `json:"what"`
	Config   *string           `json:"config"`
	Variable *string           `json:"variable,omitempty"`
	Registry string            `json:"registry"`
	Path     string            `json:"path"`
	Helpers  map[string]helper `json:"helpers,omitempty"`
	Differs  string            `json:"differs,omitempty"`
	// Docker and Crane hold each answer that was seen, in the order of their JSON: maps have none in Go.
	Docker []login `json:"docker"`
	Crane  []login `json:"crane"`
}

const turns = 40

// used drops what neither sends: a name without a password, and the other way round.
func used(username, password, identity, registry string) login {
	if username == "" || password == "" {
		username, password = "", ""
	}
	return login{username, password, identity, registry}
}

func seen(ask func() (login, bool)) []login {
	found := map[string]login{}
	for range turns {
		answer, ok := ask()
		if !ok {
			answer = login{}
		}
		text, _ := json.Marshal(answer)
		found[string(text)] = answer
	}
	answers := []login{}
	keys := []string{}
	for key := range found {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		answers = append(answers, found[key])
	}
	return answers
}

func recordLogins(rows []loginRow) {
	path := os.Getenv("PATH")
	for i := range rows {
		row := &rows[i]
		folder, err := os.MkdirTemp("", "record")
		check(err)
		if row.Config != nil {
			check(os.WriteFile(filepath.Join(folder, "config.json"), []byte(*row.Config), 0o600))
		}
		for name, answer := range row.Helpers {
			quoted := strings.ReplaceAll(answer.Out, "'", `'\''`)
			script := fmt.Sprintf("#!/bin/sh\nprintf %%s '%s'\nexit %d\n", quoted, answer.Code)
			check(os.WriteFile(filepath.Join(folder, "docker-credential-"+name), []byte(script), 0o700))
			if name == "pass" {
				check(os.WriteFile(filepath.Join(folder, "pass"), []byte("#!/bin/sh\n"), 0o700))
			}
		}
		check(os.Setenv("PATH", folder+":"+path))
		check(os.Setenv("DOCKER_CONFIG", folder))
		check(os.Setenv("HOME", folder))
		check(os.Unsetenv("DOCKER_AUTH_CONFIG"))
		if row.Variable != nil {
			check(os.Setenv("DOCKER_AUTH_CONFIG", *row.Variable))
		}
		config.SetDir(folder)
		row.Docker = seen(func() (login, bool) {
			// As cli/command's RetrieveAuthTokenFromImage.
			auth, err := config.LoadDefaultConfigFile(io.Discard).GetAuthConfig(row.Registry)
			return fromDocker(auth), err == nil
		})
		row.Crane = seen(func() (login, bool) {
			repository, err := name.NewRepository(row.Registry + "/" + row.Path)
			check(err)
			found, err := authn.DefaultKeychain.Resolve(repository)
			if err != nil {
				return login{}, false
			}
			auth, err := found.Authorization()
			check(err)
			return used(auth.Username, auth.Password, auth.IdentityToken, auth.RegistryToken), true
		})
		check(os.RemoveAll(folder))
	}
}

func fromDocker(auth types.AuthConfig) login {
	return used(auth.Username, auth.Password, auth.IdentityToken, auth.RegistryToken)
}

type rule struct {
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Status  int               `json:"status"`
	Body    string            `json:"body"`
	Headers map[string]string `json:"headers"`
}

type answer struct {
	Status int    `json:"status"`
	Body   string `json:"body"`
	Type   string `json:"type,omitempty"`
}

type serverRow struct {
	What      string          `json:"what"`
	Challenge json.RawMessage `json:"challenge,omitempty"`
	Accepts   string          `json:"accepts,omitempty"`
	Login     bool            `json:"login,omitempty"`
	Token     *answer         `json:"token,omitempty"`
	Closed    int             `json:"closed,omitempty"`
	NoDigest  bool            `json:"noDigest,omitempty"`
	Rules     []rule          `json:"rules,omitempty"`
	Differs   string          `json:"differs,omitempty"`
	Docker    bool            `json:"docker"`
	Crane     bool            `json:"crane"`
}

type servers struct {
	Manifest string      `json:"manifest"`
	Config   string      `json:"config"`
	Rows     []serverRow `json:"rows"`
}

const manifestType = "application/vnd.docker.distribution.manifest.v2+json"

func digest(text string) string {
	return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(text)))
}

func basic() string {
	return base64.StdEncoding.EncodeToString([]byte("ann:one"))
}

func (row serverRow) challenges(realm string) []string {
	var one string
	if json.Unmarshal(row.Challenge, &one) == nil {
		return []string{strings.ReplaceAll(one, "REALM", realm)}
	}
	var several []string
	check(json.Unmarshal(row.Challenge, &several))
	for i := range several {
		several[i] = strings.ReplaceAll(several[i], "REALM", realm)
	}
	return several
}

// ServeHTTP is what the tests' own server does (test/adapter/registry/asDocker.test.ts).
func (row serverRow) serve(of servers, w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	if path == "/token" {
		token := answer{Status: 200, Body: `{"token":"good"}`}
		if row.Token != nil {
			token = *row.Token
		}
		if token.Type != "" {
			w.Header().Set("Content-Type", token.Type)
		}
		w.WriteHeader(token.Status)
		io.WriteString(w, token.Body)
		return
	}
	for _, each := range row.Rules {
		exact, isExact := strings.CutSuffix(each.Path, "$")
		if (each.Method == "*" || each.Method == r.Method) && (path == exact || !isExact && strings.HasPrefix(path, each.Path)) {
			for key, value := range each.Headers {
				w.Header().Set(key, value)
			}
			if each.Headers["content-type"] == "" {
				w.Header()["Content-Type"] = nil
			}
			w.WriteHeader(each.Status)
			if r.Method != http.MethodHead {
				io.WriteString(w, each.Body)
			}
			return
		}
	}
	expected := "Bearer good"
	if row.Accepts == "password" {
		expected = "Basic " + basic()
	}
	if row.Challenge != nil && r.Header.Get("Authorization") != expected {
		if row.Closed != 0 && path != "/v2/" {
			w.WriteHeader(row.Closed)
			return
		}
		for _, each := range row.challenges("http://" + r.Host + "/token") {
			w.Header().Add("WWW-Authenticate", each)
		}
		w.WriteHeader(401)
		return
	}
	body, kind := "", ""
	switch {
	case path == "/v2/":
		body, kind = "{}", "application/json"
	case path == "/v2/team/app/manifests/1" || path == "/v2/team/app/manifests/"+digest(of.Manifest):
		body, kind = of.Manifest, manifestType
	case path == "/v2/team/app/blobs/"+digest(of.Config):
		body, kind = of.Config, "application/octet-stream"
	default:
		w.WriteHeader(404)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	if path != "/v2/" && !row.NoDigest {
		w.Header().Set("Docker-Content-Digest", digest(body))
	}
	if r.Method != http.MethodHead {
		io.WriteString(w, body)
	}
}

func recordServers(of servers) {
	for i := range of.Rows {
		row := &of.Rows[i]
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { row.serve(of, w, r) }))
		host := strings.Replace(strings.TrimPrefix(server.URL, "http://"), "127.0.0.1", "localhost", 1)
		folder, err := os.MkdirTemp("", "record")
		check(err)
		text := "{}"
		if row.Login {
			text = fmt.Sprintf(`{"auths":{"%s":{"auth":"%s"}}}`, host, basic())
		}
		check(os.WriteFile(filepath.Join(folder, "config.json"), []byte(text), 0o600))
		docker := exec.Command("docker", "manifest", "inspect", "--insecure", host+"/team/app:1")
		docker.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + folder, "DOCKER_CONFIG=" + folder}
		row.Docker = docker.Run() == nil
		check(os.Setenv("DOCKER_CONFIG", folder))
		check(os.Setenv("HOME", folder))
		config.SetDir(folder)
		row.Crane = crane(host)
		check(os.RemoveAll(folder))
		server.Close()
	}
}

// crane reads what "crane config" does.
func crane(host string) bool {
	reference, err := name.ParseReference(host+"/team/app:1", name.Insecure)
	check(err)
	image, err := remote.Image(reference, remote.WithAuthFromKeychain(authn.DefaultKeychain))
	if err != nil {
		return false
	}
	_, err = image.RawConfigFile()
	return err == nil
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	logrus.SetOutput(io.Discard)
	log.SetFlags(0)
	os.Stderr.Sync()
	input, err := io.ReadAll(bufio.NewReader(os.Stdin))
	check(err)
	var output any
	switch os.Args[1] {
	case "logins":
		var rows []loginRow
		check(json.Unmarshal(input, &rows))
		recordLogins(rows)
		output = rows
	case "servers":
		var of servers
		check(json.Unmarshal(input, &of))
		recordServers(of)
		output = of
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	check(encoder.Encode(output))
	_, err = os.Stdout.Write(text.Bytes())
	check(err)
}
