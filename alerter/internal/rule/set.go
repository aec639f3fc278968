package rule

// Set is an immutable set of compiled rules. Any number of goroutines may read
// it; each needs a Matcher of its own.
type Set struct {
	roots   []*Root
	byHash  map[Hash]*Root
	rules   []*Info
	beneath map[string][]*Info
	hash    Hash
	program *program
}

// Roots are the rules that alert, in the order of their ids.
func (s *Set) Roots() []*Root { return s.roots }

// Root finds a root by its hash; nil where the set has none.
func (s *Set) Root(h Hash) *Root { return s.byHash[h] }

// Rules describes every rule of the set, those that do not alert included, in
// the order of their ids.
func (s *Set) Rules() []*Info { return s.rules }

// Hash is the hash of everything that the set was made of, but for the entries of its
// lists: two alerters with equal hashes and lists say the same.
func (s *Set) Hash() Hash { return s.hash }
