package agent

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// becomeOwner gives up root's rights for those of the user that a folder belongs
// to, for the rest of the process: what an administrator makes in an agent's
// state folder must be the agent's, and a user's folder is no place for root to
// write in. For anybody else, and in a folder of root's, it does nothing.
func becomeOwner(folder string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find the state folder's owner: %w", err)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || owner.Uid == 0 {
		return nil
	}
	user, group := int(owner.Uid), int(owner.Gid)
	if err := syscall.Setgroups([]int{group}); err != nil {
		return fmt.Errorf("act as the owner of %s: %w", folder, err)
	}
	if err := syscall.Setgid(group); err != nil {
		return fmt.Errorf("act as the owner of %s: %w", folder, err)
	}
	if err := syscall.Setuid(user); err != nil {
		return fmt.Errorf("act as the owner of %s: %w", folder, err)
	}
	return nil
}
