package settings

import (
	"net/url"
	"strings"
)

// Redact is a URL, or several separated by commas, fit for a log: what stands for
// a password or a token in it is masked.
func Redact(urls string) string {
	list := strings.Split(urls, ",")
	for i, one := range list {
		before, host, ok := strings.Cut(one, "@")
		if !ok {
			continue
		}
		u, err := url.Parse(strings.TrimSpace(one))
		switch {
		case err != nil:
			scheme, _, _ := strings.Cut(before, "://")
			list[i] = scheme + "://xxxxx@" + host
		case u.User != nil:
			u.User = url.User("xxxxx") // a user alone is a token
			list[i] = u.String()
		}
	}
	return strings.Join(list, ",")
}
