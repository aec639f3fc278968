// Package rules holds the rules that come with the alerter, in Sigma's words.
//
// A rule's file and id stay what they are: configurations name them. Levels mean
// what people are to do:
//
//	critical       an attack has worked: wake somebody
//	high           an attack, or what only an attacker or an administrator does: look now
//	medium         suspicious, or an attack of the kind that goes on all day: look today
//	low            worth knowing when something else is wrong: the report
//	informational  alerts nobody: what correlations count
//
// testdata has a folder for each rule that alerts: log lines that it must find,
// lines that it must not, and what is wanted of it.
package rules

import (
	"embed"
	"io/fs"
)

//go:embed agent auth web file app
var files embed.FS

// Shipped is the tree of rule files.
func Shipped() fs.FS { return files }
