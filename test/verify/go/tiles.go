// Reads a tree of C2SP tlog-tiles from a folder as a monitor would: the checkpoint, the tiles it needs, and every entry.
// x/mod's own layout differs from C2SP's in its paths only: tile/8/<level> is tile/<level>, tile/8/data is tile/entries.
package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type tilesCase struct {
	Vkey string
	// Heads are signed checkpoints of the log, oldest first; the last one must be the published one.
	Heads []string
}

type folder struct{ path string }

func (f folder) Height() int { return 8 }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	found := make([][]byte, len(tiles))
	for i, tile := range tiles {
		data, err := os.ReadFile(filepath.Join(f.path, c2spPath(tile)))
		if err != nil {
			return nil, err
		}
		found[i] = data
	}
	return found, nil
}

func c2spPath(tile tlog.Tile) string {
	path := strings.TrimPrefix(tile.Path(), "tile/8/")
	return filepath.FromSlash("tile/" + strings.Replace(path, "data/", "entries/", 1))
}

func openHead(text string, verifiers note.Verifiers) tlog.Tree {
	opened, err := note.Open([]byte(text), verifiers)
	must(err, "checkpoint")
	lines := strings.Split(opened.Text, "\n")
	var size int64
	_, err = fmt.Sscanf(lines[1], "%d", &size)
	must(err, "size")
	root, err := tlog.ParseHash(lines[2])
	must(err, "root")
	return tlog.Tree{N: size, Hash: root}
}

// entries reads the bundle that holds index in a tree of the given size, as it stood at that size.
func (f folder) entries(index int64, size int64) [][]byte {
	tile := tlog.Tile{H: 8, L: -1, N: index / 256, W: 256}
	if (tile.N+1)*256 > size {
		tile.W = int(size - tile.N*256)
	}
	data, err := os.ReadFile(filepath.Join(f.path, c2spPath(tile)))
	must(err, "bundle")
	var entries [][]byte
	for len(data) > 0 {
		length := int(binary.BigEndian.Uint16(data))
		entries = append(entries, data[2:2+length])
		data = data[2+length:]
	}
	if len(entries) != tile.W {
		must(fmt.Errorf("%d entries, not %d", len(entries), tile.W), c2spPath(tile))
	}
	return entries
}

func checkTiles(path string) {
	var input tilesCase
	must(json.NewDecoder(os.Stdin).Decode(&input), "input")
	verifier, err := note.NewVerifier(input.Vkey)
	must(err, "verifier key")
	verifiers := note.VerifierList(verifier)
	published, err := os.ReadFile(filepath.Join(path, "checkpoint"))
	must(err, "checkpoint")
	if string(published) != input.Heads[len(input.Heads)-1] {
		must(fmt.Errorf("not the last head"), "checkpoint")
	}
	tiles := folder{path}
	newest := openHead(string(published), verifiers)
	proofs := 0
	for _, text := range input.Heads {
		tree := openHead(text, verifiers)
		// Checks every tile it reads against the root of the tree.
		reader := tlog.TileHashReader(tree, tiles)
		root, err := tlog.TreeHash(tree.N, reader)
		must(err, fmt.Sprintf("tree of %d", tree.N))
		if root != tree.Hash {
			must(fmt.Errorf("root is %s", root), fmt.Sprintf("tree of %d", tree.N))
		}
		proof, err := tlog.ProveTree(newest.N, tree.N, tlog.TileHashReader(newest, tiles))
		must(err, "consistency proof")
		must(tlog.CheckTree(proof, newest.N, newest.Hash, tree.N, tree.Hash), fmt.Sprintf("%d in %d", tree.N, newest.N))
		for _, index := range []int64{0, tree.N / 2, tree.N - 1} {
			leaf := tlog.RecordHash(tiles.entries(index, tree.N)[index%256])
			proof, err := tlog.ProveRecord(tree.N, index, reader)
			must(err, "inclusion proof")
			must(tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf), fmt.Sprintf("entry %d in %d", index, tree.N))
			proofs++
		}
	}
	fmt.Println("trees", len(input.Heads), "proofs", proofs)
	reader := tlog.TileHashReader(newest, tiles)
	for first := int64(0); first < newest.N; first += 256 {
		entries := tiles.entries(first, newest.N)
		indexes := make([]int64, len(entries))
		for i := range entries {
			indexes[i] = tlog.StoredHashIndex(0, first+int64(i))
		}
		hashes, err := reader.ReadHashes(indexes)
		must(err, "hashes")
		for i, entry := range entries {
			if hashes[i] != tlog.RecordHash(entry) {
				must(fmt.Errorf("another hash"), fmt.Sprintf("entry %d", first+int64(i)))
			}
		}
	}
	fmt.Println("entries", newest.N)
}
