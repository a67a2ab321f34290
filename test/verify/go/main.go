// Checks a log of ours with the Go reference implementation of notes and transparency logs (golang.org/x/mod/sumdb), and
// its cosignatures, policy file and proofs with that of C2SP's formats (github.com/transparency-dev/formats). Neither
// shares code with it. Reads the case as JSON from standard input; prints one line for each thing that held.
// `tiles <folder>` checks a tree of tiles instead (tiles.go).
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	fnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/proof"
	"github.com/transparency-dev/formats/witness"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type crossCase struct {
	Vkey       string
	Checkpoint string
	// Leaves are the lines of the log, exactly.
	Leaves    []string
	Inclusion []struct {
		Index  int64
		Size   int64
		Hashes []string
	}
	Consistency []struct {
		Old    int64
		Size   int64
		Hashes []string
	}
	// Witness is the verifier key of a witness, Cosigned a checkpoint with its cosignature, Seconds the time in it.
	Witness  string
	Cosigned string
	Seconds  int64
	// Policy asks for that witness and its URL.
	Policy string
	// Proof is a tlog-proof of the leaf at ProofIndex.
	Proof      string
	ProofIndex uint64
}

func must(err error, what string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

func hashes(encoded []string) []tlog.Hash {
	decoded := make([]tlog.Hash, len(encoded))
	for i, text := range encoded {
		hash, err := tlog.ParseHash(text)
		must(err, "hash")
		decoded[i] = hash
	}
	return decoded
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "tiles" {
		checkTiles(os.Args[2])
		return
	}
	var input crossCase
	must(json.NewDecoder(os.Stdin).Decode(&input), "input")
	verifier, err := note.NewVerifier(input.Vkey)
	must(err, "verifier key")
	opened, err := note.Open([]byte(input.Checkpoint), note.VerifierList(verifier))
	must(err, "checkpoint")
	fmt.Println("note")

	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			found[i] = stored[index]
		}
		return found, nil
	})
	for i, leaf := range input.Leaves {
		added, err := tlog.StoredHashes(int64(i), []byte(leaf), reader)
		must(err, "leaf")
		stored = append(stored, added...)
	}
	size := int64(len(input.Leaves))
	root, err := tlog.TreeHash(size, reader)
	must(err, "tree")
	lines := strings.Split(opened.Text, "\n")
	if lines[1] != strconv.FormatInt(size, 10) || lines[2] != base64.StdEncoding.EncodeToString(root[:]) {
		must(fmt.Errorf("tree of %d has root %s, checkpoint says %s of %s", size, root, lines[2], lines[1]), "root")
	}
	fmt.Println("root")

	for _, proof := range input.Inclusion {
		tree, err := tlog.TreeHash(proof.Size, reader)
		must(err, "tree")
		leaf := tlog.RecordHash([]byte(input.Leaves[proof.Index]))
		must(tlog.CheckRecord(hashes(proof.Hashes), proof.Size, tree, proof.Index, leaf), fmt.Sprintf("inclusion of %d in %d", proof.Index, proof.Size))
	}
	fmt.Println("inclusion", len(input.Inclusion))
	for _, proof := range input.Consistency {
		older, err := tlog.TreeHash(proof.Old, reader)
		must(err, "tree")
		newer, err := tlog.TreeHash(proof.Size, reader)
		must(err, "tree")
		must(tlog.CheckTree(hashes(proof.Hashes), proof.Size, newer, proof.Old, older), fmt.Sprintf("consistency of %d and %d", proof.Old, proof.Size))
	}
	fmt.Println("consistency", len(input.Consistency))
	if input.Witness == "" {
		return
	}
	checkWitness(input)
	checkProof(input)
}

func checkWitness(input crossCase) {
	cosigner, err := fnote.NewVerifierForCosignatureV1(input.Witness)
	must(err, "witness key")
	opened, err := note.Open([]byte(input.Cosigned), note.VerifierList(cosigner))
	must(err, "cosignature")
	at, err := fnote.CoSigV1Timestamp(opened.Sigs[0])
	must(err, "time")
	if at.Unix() != input.Seconds {
		must(fmt.Errorf("%d, expected %d", at.Unix(), input.Seconds), "time")
	}
	fmt.Println("cosignature")

	policy, err := witness.ParsePolicy([]byte(input.Policy))
	must(err, "policy")
	if !policy.Satisfied([]byte(input.Cosigned)) || policy.Satisfied([]byte(input.Checkpoint)) {
		must(fmt.Errorf("met by the cosigned checkpoint only: expected"), "quorum")
	}
	fmt.Println("policy")
}

func checkProof(input crossCase) {
	var read proof.TLogProof
	must(read.Unmarshal([]byte(input.Proof)), "tlog-proof")
	if read.Index != input.ProofIndex || string(read.ExtraData) != input.Leaves[input.ProofIndex] {
		must(fmt.Errorf("entry %d", read.Index), "tlog-proof")
	}
	if string(read.Checkpoint) != input.Cosigned || string(read.Marshal()) != input.Proof {
		must(fmt.Errorf("does not print back to itself"), "tlog-proof")
	}
	fmt.Println("proof")
}
