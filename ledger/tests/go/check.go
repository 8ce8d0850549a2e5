// Command check reads a log with Go's own packages: every entry against the tiles, the tiles against the signed
// checkpoint, our proofs with their verifiers, our proofs against theirs.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// tiles reads tiles of height 8 as tlog-tiles names them: without the height.
type tiles struct{ folder string }

func (t tiles) Height() int                         { return 8 }
func (t tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (t tiles) ReadTiles(want []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range want {
		data, err := read(t.folder, tile)
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func read(folder string, tile tlog.Tile) ([]byte, error) {
	name := func(tile tlog.Tile) string {
		return filepath.Join(folder, strings.Replace(tile.Path(), "tile/8/", "tile/", 1))
	}
	data, err := os.ReadFile(name(tile))
	if os.IsNotExist(err) {
		full := tile
		full.W = 256
		data, err = os.ReadFile(name(full))
	}
	if err != nil {
		return nil, err
	}
	return data[:tile.W*tlog.HashSize], nil
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func parseHash(text string) tlog.Hash { return must(tlog.ParseHash(text)) }

// parseTree reads the three lines of a checkpoint.
func parseTree(text string) tlog.Tree {
	lines := strings.Split(text, "\n")
	return tlog.Tree{N: must(strconv.ParseInt(lines[1], 10, 64)), Hash: parseHash(lines[2])}
}

func parseHashes(lines []string) (hashes []tlog.Hash) {
	for _, line := range lines {
		hashes = append(hashes, parseHash(line))
	}
	return hashes
}

// entries reads all bundles.
func entries(folder string, size int64) (found [][]byte) {
	for n := int64(0); n*256 < size; n++ {
		width := size - n*256
		if width > 256 {
			width = 256
		}
		tile := tlog.Tile{H: 8, L: 0, N: n, W: int(width)}
		path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
		data := must(os.ReadFile(filepath.Join(folder, path)))
		for i := 0; i < tile.W; i++ {
			length := int(binary.BigEndian.Uint16(data))
			found = append(found, data[2:2+length])
			data = data[2+length:]
		}
		if len(data) != 0 {
			log.Fatalf("%s: %d bytes after the last entry", path, len(data))
		}
	}
	return found
}

func main() {
	folder, vkey, keyFile, proofs := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	verifiers := note.VerifierList(must(note.NewVerifier(vkey)))
	signed := must(os.ReadFile(filepath.Join(folder, "checkpoint")))
	opened := must(note.Open(signed, verifiers))
	tree := parseTree(opened.Text)

	// The key file is one of Go's, and signs the same.
	signer := must(note.NewSigner(strings.TrimSpace(string(must(os.ReadFile(keyFile))))))
	if again := must(note.Sign(&note.Note{Text: opened.Text}, signer)); !bytes.Equal(again, signed) {
		log.Fatalf("Go signs %q, we %q", again, signed)
	}

	hashes := tlog.TileHashReader(tree, tiles{folder})
	all := entries(folder, tree.N)
	for n, entry := range all {
		proof := must(tlog.ProveRecord(tree.N, int64(n), hashes))
		check(tlog.CheckRecord(proof, tree.N, tree.Hash, int64(n), tlog.RecordHash(entry)))
	}

	inclusion, extension := 0, 0
	for _, file := range must(filepath.Glob(filepath.Join(proofs, "*.tlog-proof"))) {
		head, checkpoint, _ := strings.Cut(string(must(os.ReadFile(file))), "\n\n")
		tree := parseTree(must(note.Open([]byte(checkpoint), verifiers)).Text)
		lines := strings.Split(head, "\n")
		n := must(strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64))
		proof := tlog.RecordProof(parseHashes(lines[2:]))
		check(tlog.CheckRecord(proof, tree.N, tree.Hash, n, tlog.RecordHash(all[n])))
		if theirs := must(tlog.ProveRecord(tree.N, n, hashes)); fmt.Sprint(theirs) != fmt.Sprint(proof) {
			log.Fatalf("%s: Go proves %v", file, theirs)
		}
		inclusion++
	}
	for _, file := range must(filepath.Glob(filepath.Join(proofs, "*.request"))) {
		parts := strings.SplitN(string(must(os.ReadFile(file))), "\n\n", 3)
		old := parseTree(parts[0])
		proof := tlog.TreeProof(parseHashes(strings.Split(parts[1], "\n")[1:]))
		check(tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash))
		extension++
	}
	if root := must(tlog.TreeHash(tree.N, hashes)); root != tree.Hash {
		log.Fatalf("Go's root is %s", base64.StdEncoding.EncodeToString(root[:]))
	}
	fmt.Printf("%d entries, %d proofs, %d extensions\n", len(all), inclusion, extension)
}
