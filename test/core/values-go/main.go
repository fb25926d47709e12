// Reads values as Helm does: one JSON string a line in, one JSON answer a line out.
package main

import (
	"bufio"
	"encoding/json"
	"os"

	"sigs.k8s.io/yaml"
)

type answer struct {
	Values map[string]interface{} `json:"values"`
	Error  string                 `json:"error,omitempty"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	decoder := json.NewDecoder(in)
	encoder := json.NewEncoder(out)
	for decoder.More() {
		var document string
		if err := decoder.Decode(&document); err != nil {
			panic(err)
		}
		var a answer
		if err := yaml.Unmarshal([]byte(document), &a.Values); err != nil {
			a.Error = err.Error()
		}
		if err := encoder.Encode(a); err != nil {
			panic(err)
		}
	}
}
