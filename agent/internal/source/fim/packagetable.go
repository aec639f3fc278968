package fim

// maxPackages is more than any host has.
const maxPackages = 1<<16 - 1

// packageInfo is a package as it was when its files were last reported.
type packageInfo struct {
	name, version string
	// stamp tells one installation of a version from the next.
	stamp string
}

// packageTable numbers packages from 1, so that a file's record needs two bytes
// for its own; 0 is none. Numbers are never used again.
type packageTable struct {
	list    []packageInfo
	numbers map[string]uint16
}

func newPackageTable() packageTable { return packageTable{numbers: map[string]uint16{}} }

// number gives a package its number; 0 for no name and for more than there is
// room for.
func (t *packageTable) number(name string) uint16 {
	if name == "" {
		return 0
	}
	n, ok := t.numbers[name]
	if !ok && t.add(name, "", "") {
		n = t.numbers[name]
	}
	return n
}

func (t *packageTable) add(name, version, stamp string) bool {
	if _, twice := t.numbers[name]; twice || len(t.list) == maxPackages {
		return false
	}
	t.list = append(t.list, packageInfo{name, version, stamp})
	t.numbers[name] = uint16(len(t.list))
	return true
}

func (t *packageTable) name(number uint16) string {
	if number == 0 || int(number) > len(t.list) {
		return ""
	}
	return t.list[number-1].name
}

// get is what is known of a package; zero for nothing.
func (t *packageTable) get(name string) packageInfo {
	if n := t.numbers[name]; n != 0 {
		return t.list[n-1]
	}
	return packageInfo{}
}

// set notes what a package is now; a version "" says that it is gone.
func (t *packageTable) set(p packageInfo) {
	if n := t.number(p.name); n != 0 {
		t.list[n-1] = p
	}
}
