package fim

// index finds numbers by a hash of what they stand for: open addressing, four
// bytes a slot. Several numbers may have one hash.
type index struct {
	slots []uint32 // number + 1; 0 is free
	count int
	hash  func(number uint32) uint32
}

func (x *index) insert(number uint32) {
	if (x.count+1)*4 > len(x.slots)*3 {
		x.grow()
	}
	x.place(number)
	x.count++
}

func (x *index) place(number uint32) {
	mask := uint32(len(x.slots) - 1)
	i := x.hash(number) & mask
	for x.slots[i] != 0 {
		i = (i + 1) & mask
	}
	x.slots[i] = number + 1
}

func (x *index) grow() {
	old := x.slots
	x.slots = make([]uint32, max(64, 2*len(old)))
	for _, s := range old {
		if s != 0 {
			x.place(s - 1)
		}
	}
}

// find gives the first number of a hash that matches.
func (x *index) find(hash uint32, matches func(number uint32) bool) (uint32, bool) {
	if len(x.slots) == 0 {
		return 0, false
	}
	mask := uint32(len(x.slots) - 1)
	for i := hash & mask; x.slots[i] != 0; i = (i + 1) & mask {
		if n := x.slots[i] - 1; matches(n) {
			return n, true
		}
	}
	return 0, false
}

// remove takes a number out; what it stands for must not have changed yet.
func (x *index) remove(number uint32) {
	if len(x.slots) == 0 {
		return
	}
	mask := uint32(len(x.slots) - 1)
	i := x.hash(number) & mask
	for x.slots[i] != number+1 {
		if x.slots[i] == 0 {
			return
		}
		i = (i + 1) & mask
	}
	x.count--
	// Whatever was pushed past the slot moves back, so that no search ends early.
	for j := (i + 1) & mask; x.slots[j] != 0; j = (j + 1) & mask {
		if home := x.hash(x.slots[j]-1) & mask; (j-home)&mask >= (j-i)&mask {
			x.slots[i] = x.slots[j]
			i = j
		}
	}
	x.slots[i] = 0
}

// mix spreads the bits of a number.
func mix(v uint64) uint32 {
	v ^= v >> 33
	v *= 0xff51afd7ed558ccd
	v ^= v >> 33
	v *= 0xc4ceb9fe1a85ec53
	return uint32(v >> 32)
}

// hashName hashes a name within a folder.
func hashName[T string | []byte](folder uint32, name T) uint32 {
	h := uint64(14695981039346656037) // FNV-1a
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 1099511628211
	}
	return mix(h ^ uint64(folder)<<32)
}
