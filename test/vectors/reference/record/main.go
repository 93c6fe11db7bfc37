// Record answers how the distribution project reads image references: it reads ../distribution.json from standard input
// and writes it again with the answers filled in.
package main

import (
	"bufio"
	"bytes"
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/json"
	"log"
	"os"

	"github.com/distribution/reference"
)

// answer is a text, followed by the registry, the path, the tag and the digest in it unless it is refused.
func answer(text string) []string {
	named, err := reference.ParseNormalizedNamed(text)
	if err != nil {
		return []string{text}
	}
	row := []string{text, reference.Domain(named), reference.Path(named), "", ""}
	if tagged, ok := named.(reference.Tagged); ok {
		row[3] = tagged.Tag()
	}
	if digested, ok := named.(reference.Digested); ok {
		row[4] = digested.Digest().String()
	}
	return row
}

func main() {
	var rows [][]string
	if err := json.NewDecoder(os.Stdin).Decode(&rows); err != nil {
		log.Fatal(err)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	separator := "[\n"
	for _, row := range rows {
		var line bytes.Buffer
		encoder := json.NewEncoder(&line)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(answer(row[0])); err != nil {
			log.Fatal(err)
		}
		out.WriteString(separator)
		out.Write(bytes.TrimRight(line.Bytes(), "\n"))
		separator = ",\n"
	}
	out.WriteString("\n]\n")
}
