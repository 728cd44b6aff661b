// SPDX-License-Identifier: Apache-2.0

// Prints core/base/unicode_tables.c from the tables of Go's package unicode:
//
//	go run tests/support/unicode-tables.go > core/base/unicode_tables.c
//
// The tables must be those of the Unicode edition below, which is what templates are rendered with.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"sort"
	"unicode"
)

const edition = "15.0.0"

var out = bufio.NewWriter(os.Stdout)

// rows prints the elements of an array, as many on a line as fit.
func rows(elements []string) {
	line := "   "
	for _, e := range elements {
		if len(line)+len(e)+2 > 100 {
			fmt.Fprintln(out, line)
			line = "   "
		}
		line += " " + e + ","
	}
	fmt.Fprintln(out, line)
	fmt.Fprintln(out, "};")
}

// ranges prints one array and returns how many elements it has.
func ranges(name string, t *unicode.RangeTable) int {
	var elements []string
	for _, r := range t.R16 {
		elements = append(elements, fmt.Sprintf("{ %#x, %#x, %d }", r.Lo, r.Hi, r.Stride))
	}
	for _, r := range t.R32 {
		elements = append(elements, fmt.Sprintf("{ %#x, %#x, %d }", r.Lo, r.Hi, r.Stride))
	}
	fmt.Fprintf(out, "static const struct slip_unicode_range %s[] = {\n", name)
	rows(elements)
	return len(elements)
}

func main() {
	if unicode.Version != edition {
		log.Fatalf("this Go has Unicode %s, not %s", unicode.Version, edition)
	}
	fmt.Fprintf(out, "/* SPDX-License-Identifier: Apache-2.0 */\n"+
		"/* Unicode %s; made by tests/support/unicode-tables.go, not by hand. */\n"+
		"#include \"base/unicode_tables.h\"\n\n// clang-format off\n", edition)

	tables := map[string]*unicode.RangeTable{}
	folds := map[string]*unicode.RangeTable{}
	for name, t := range unicode.Categories {
		if name == "Cn" || name == "LC" {
			continue // names that regular expressions did not know before Go 1.25
		}
		tables[name] = t
		folds[name] = unicode.FoldCategory[name]
	}
	for name, t := range unicode.Scripts {
		tables[name] = t
		folds[name] = unicode.FoldScript[name]
	}
	var names []string
	for name := range tables {
		names = append(names, name)
	}
	sort.Strings(names)

	var index []string
	for _, name := range names {
		n := ranges("in_"+name, tables[name])
		fold, nfold := "NULL", 0
		if f := folds[name]; f != nil {
			fold = "fold_" + name
			nfold = ranges(fold, f)
		}
		index = append(index, fmt.Sprintf("{ \"%s\", in_%s, %d, %s, %d }", name, name, n, fold, nfold))
	}
	fmt.Fprintln(out, "const struct slip_unicode_table slip_unicode_tables[] = {")
	rows(index)
	fmt.Fprintf(out, "const size_t slip_unicode_tables_count = %d;\n", len(names))

	space := ranges("white_space", unicode.White_Space)
	fmt.Fprintf(out, "const struct slip_unicode_table slip_unicode_white_space = "+
		"{ \"White_Space\", white_space, %d, NULL, 0 };\n", space)

	var cases []string
	for _, c := range unicode.CaseRanges {
		delta := func(i int) string {
			if c.Delta[i] > unicode.MaxRune {
				return "ALTERNATE"
			}
			return fmt.Sprint(c.Delta[i])
		}
		cases = append(cases, fmt.Sprintf("{ %#x, %#x, { %s, %s, %s } }",
			c.Lo, c.Hi, delta(unicode.UpperCase), delta(unicode.LowerCase), delta(unicode.TitleCase)))
	}
	fmt.Fprintln(out, "const struct slip_unicode_case slip_unicode_cases[] = {")
	rows(cases)
	fmt.Fprintf(out, "const size_t slip_unicode_cases_count = %d;\n", len(cases))

	var orbits []string
	for r := rune(0); r <= unicode.MaxRune; r++ {
		next := unicode.ToLower(r)
		if next == r {
			next = unicode.ToUpper(r)
		}
		if f := unicode.SimpleFold(r); f != next {
			orbits = append(orbits, fmt.Sprintf("{ %#x, %#x }", r, f))
		}
	}
	fmt.Fprintln(out, "const struct slip_unicode_orbit slip_unicode_orbits[] = {")
	rows(orbits)
	fmt.Fprintf(out, "const size_t slip_unicode_orbits_count = %d;\n", len(orbits))
	out.Flush()
}
